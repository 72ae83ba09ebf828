package io.sonde.dynamic;

import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gathers what several listings find: what they say of one resource is together in the end. For use
 * by many threads.
 */
final class FoundResources {
  private static final int MOST_REMARKS = 20;

  private static final class Resource {
    private final List<SampleBatch> batches = new ArrayList<>();
    private final Set<Series> series = new HashSet<>();
    private String failure;
  }

  private final String pollster;
  private final String host;
  private final Map<String, Resource> resources = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private int moreRemarks;
  private int answers;
  private String failure;

  /**
   * @param host on which alone they can be read, or null
   */
  FoundResources(String pollster, String host) {
    this.pollster = pollster;
    this.host = host;
  }

  /** Something answered. */
  synchronized void answered() {
    answers++;
  }

  /** Something did not answer, or not all of it. */
  synchronized void failed(String what, String why) {
    failure = failure == null ? what + ": " + why : failure;
    remark(what + ": " + why);
  }

  /** Something to know. */
  synchronized void remark(String text) {
    if (remarks.size() < MOST_REMARKS) {
      remarks.add(text);
    } else {
      moreRemarks++;
    }
  }

  /**
   * Samples of one resource; none where it is there but has no value. What it has a sample of
   * already is passed over, with a remark.
   */
  synchronized void add(String resourceId, SampleBatch batch) {
    Resource resource = resources.computeIfAbsent(resourceId, id -> new Resource());
    SampleBatch.Builder fresh = new SampleBatch.Builder(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      if (resource.series.add(batch.series(i))) {
        fresh.add(batch, i);
      } else {
        remark(batch.series(i) + " is there more than once: the first counts");
      }
    }
    if (fresh.size() > 0) {
      resource.batches.add(fresh.build());
    }
  }

  /** A resource that is there, but of which something cannot be understood. */
  synchronized void unread(String resourceId, String why) {
    Resource resource = resources.computeIfAbsent(resourceId, id -> new Resource());
    resource.failure = resource.failure == null ? why : resource.failure;
  }

  /**
   * All of it.
   *
   * @throws PollException when nothing answered
   */
  synchronized Findings findings() {
    if (answers == 0 && failure != null) {
      throw new PollException(failure);
    }
    List<Found> found = new ArrayList<>();
    resources.forEach(
        (id, resource) -> {
          PolledTarget target = new PolledTarget(pollster, id, host, pollster);
          if (resource.batches.isEmpty() && resource.failure != null) {
            found.add(Found.unread(target, resource.failure));
            return;
          }
          SampleBatch batch =
              resource.batches.isEmpty()
                  ? SampleBatch.EMPTY
                  : SampleBatch.together(resource.batches);
          found.add(Found.read(target, batch));
          if (resource.failure != null) {
            remark(id + ": " + resource.failure);
          }
        });
    List<String> all = new ArrayList<>(remarks);
    if (moreRemarks > 0) {
      all.add("and " + moreRemarks + " more remarks");
    }
    return new Findings(found, failure == null, all);
  }
}
