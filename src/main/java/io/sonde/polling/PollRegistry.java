package io.sonde.polling;

import io.sonde.cluster.EntityKind;
import io.sonde.cluster.EntityMetrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** How it stands with all that is polled on this node. Written by its actors, read by anybody. */
final class PollRegistry {
  /** With what comes on top of it, below what may be sent. */
  private static final int PAGE_BYTES = 80_000;

  private final ConcurrentNavigableMap<String, PollStatus> resources =
      new ConcurrentSkipListMap<>();
  private final Map<String, DiscoveryStatus> discoveries = new ConcurrentHashMap<>();
  private final LongAdder started = new LongAdder();
  private final LongAdder handedOver = new LongAdder();
  private final LongAdder ended = new LongAdder();

  /**
   * What of a source is polled on a node.
   *
   * @param resources how many
   * @param failing how many of them failed when they were polled last
   * @param lastSuccess the latest one of all, milliseconds since 1970
   */
  record Count(String source, int resources, int failing, long lastSuccess) {
    Count plus(Count other) {
      return new Count(
          source,
          resources + other.resources,
          failing + other.failing,
          Math.max(lastSuccess, other.lastSuccess));
    }
  }

  void put(String entityId, PollStatus status) {
    resources.put(entityId, status);
  }

  /** As {@link #put}, of an entity that starts here. */
  void enter(String entityId, PollStatus status) {
    put(entityId, status);
    started.increment();
    EntityMetrics.entered(EntityKind.POLLED_RESOURCE);
    EntityMetrics.tookOver(EntityKind.POLLED_RESOURCE);
  }

  /**
   * Of an entity that ends here. What another one put there meanwhile stays.
   *
   * @param isHandedOver whether it goes on elsewhere
   */
  void remove(String entityId, PollStatus last, boolean isHandedOver) {
    resources.remove(entityId, last);
    EntityMetrics.left(EntityKind.POLLED_RESOURCE);
    if (isHandedOver) {
      handedOver.increment();
      EntityMetrics.handedOver(EntityKind.POLLED_RESOURCE);
    } else {
      ended.increment();
    }
  }

  /** How many came and went since this was asked last, in words; null when none did. */
  String changes() {
    long in = started.sumThenReset();
    long out = handedOver.sumThenReset();
    long over = ended.sumThenReset();
    return in + out + over == 0
        ? null
        : "started=" + in + " handed-over=" + out + " ended=" + over + " here=" + resources.size();
  }

  void put(DiscoveryStatus status) {
    discoveries.put(key(status), status);
  }

  void remove(DiscoveryStatus status) {
    discoveries.remove(key(status), status);
  }

  private static String key(DiscoveryStatus status) {
    return status.source() + "/" + status.discovery();
  }

  Collection<DiscoveryStatus> discoveries() {
    return discoveries.values();
  }

  /** By source. */
  List<Count> counts() {
    Map<String, Count> counts = new TreeMap<>();
    for (PollStatus status : resources.values()) {
      counts.merge(
          status.source(),
          new Count(status.source(), 1, status.isFailing() ? 1 : 0, status.lastSuccess()),
          Count::plus);
    }
    return List.copyOf(counts.values());
  }

  /** The first ones that a question asks for, so many that they can be sent to another node. */
  PollPage page(PollQuestion question) {
    List<PollStatus> page = new ArrayList<>();
    String source = question.source() + "/";
    String from = question.after() == null ? source : question.after();
    int bytes = 0;
    for (Map.Entry<String, PollStatus> entry : resources.tailMap(from, false).entrySet()) {
      if (!entry.getKey().startsWith(source)) {
        break;
      }
      if (question.asksFor(entry.getValue())) {
        if (page.size() == question.limit() || bytes > PAGE_BYTES) {
          return new PollPage(page, true);
        }
        page.add(entry.getValue());
        bytes += size(entry.getValue());
      }
    }
    return new PollPage(page, false);
  }

  private static int size(PollStatus status) {
    int error = status.error() == null ? 0 : status.error().length();
    // A character takes up to three bytes, and the resource's id is there once more in the host.
    return 100 + 3 * (status.source().length() + 2 * status.resourceId().length() + error);
  }
}
