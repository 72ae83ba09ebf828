package io.sonde.openstack;

import io.sonde.model.SampleBatch;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.Search;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds the resources of a kind, and reads them along the way. */
final class KindDiscovery implements Discovery {
  private static final String SOURCE = "openstack";

  private final OpenStackPollster pollster;
  private final Kind kind;

  KindDiscovery(OpenStackPollster pollster, Kind kind) {
    this.pollster = pollster;
    this.kind = kind;
  }

  @Override
  public String name() {
    return kind.discovery();
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public CompletionStage<Findings> find(Search search) {
    if (kind.meters().stream().noneMatch(search.meters()::matches)) {
      return CompletableFuture.completedFuture(Findings.of(List.of()));
    }
    return pollster.look(Limit.of(search.deadline()), this::read).at(kind.listings());
  }

  private Found read(Entry entry) {
    if (!kind.isCounted().test(entry)) {
      return null;
    }
    String resourceId = kind.resourceId().apply(entry);
    PolledTarget target =
        new PolledTarget(OpenStackPollster.NAME, resourceId, null, kind.discovery());
    try {
      PolledSamples samples = new PolledSamples(SOURCE, pollster.context().micros());
      kind.reader().read(resourceId, entry, samples);
      SampleBatch reading = samples.build();
      return Found.read(target, reading);
    } catch (PollException | IllegalArgumentException e) {
      // The latter where a text is too long, or metadata too large, to be stored.
      return Found.unread(target, e.getMessage());
    }
  }
}
