package io.sonde.notification;

import io.sonde.model.Event;
import io.sonde.model.NameMemo;
import io.sonde.model.Provenance;
import io.sonde.model.Receipt;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.EventPipelines;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.publish.EventPublication;
import io.sonde.publish.Publishers;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore.Routed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The one intake of a node for events: routes them by their types and answers when all is durable.
 * For use by many threads.
 */
public final class EventAgent {
  private static final int MAX_TYPES = 20_000;

  /**
   * Where events of a type go.
   *
   * @param note the sinks that store them, as {@link Provenance} writes it; empty for none
   * @param publishers names those for which they are queued
   */
  private record Way(String note, Set<String> publishers) {
    private boolean isNowhere() {
      return note.isEmpty() && publishers.isEmpty();
    }
  }

  private final EventRetention retention;
  private final Function<List<Routed>, CompletionStage<Receipt>> deliver;
  private volatile NameMemo<Way> ways;

  /**
   * An agent.
   *
   * @param retention how old events may be
   * @param deliver makes events durable, all or none
   */
  public EventAgent(
      EventRetention retention,
      PipelineSettings pipelines,
      Function<List<Routed>, CompletionStage<Receipt>> deliver) {
    this.retention = retention;
    this.deliver = deliver;
    use(pipelines);
  }

  /** Routes by other pipelines from now on. */
  public void use(PipelineSettings pipelines) {
    ways = new NameMemo<>(MAX_TYPES, type -> find(pipelines, type));
  }

  /**
   * Takes events. Those that are older than what is kept are refused, as what was dropped would
   * count again. Those that no source takes are accepted, and go nowhere.
   *
   * <p>Fails with {@link UnavailableException} when it is not known whether they are durable; they
   * may be handed in again without harm.
   */
  public CompletionStage<Receipt> submit(List<Event> events) {
    long cutoff = retention.cutoff();
    NameMemo<Way> current = ways;
    List<Routed> routed = new ArrayList<>(events.size());
    int refused = 0;
    int nowhere = 0;
    for (Event event : events) {
      if (event.generated() < cutoff) {
        refused++;
        continue;
      }
      Way way = current.of(event.eventType());
      if (way.isNowhere()) {
        nowhere++;
      } else {
        routed.add(new Routed(event, way.note(), way.publishers()));
      }
    }
    NotificationMetrics.EVENTS.labelValues("unmatched").inc(nowhere);
    NotificationMetrics.EVENTS.labelValues("refused").inc(refused);
    Receipt besides = new Receipt(nowhere, 0, 0, refused, refused == 0 ? null : refusal(cutoff));
    CompletionStage<Receipt> delivered =
        routed.isEmpty()
            ? CompletableFuture.completedFuture(Receipt.NOTHING)
            : deliver.apply(routed);
    return delivered.thenApply(
        receipt -> {
          NotificationMetrics.EVENTS.labelValues("accepted").inc(receipt.accepted());
          NotificationMetrics.EVENTS.labelValues("duplicate").inc(receipt.duplicate());
          return receipt.plus(besides);
        });
  }

  private static String refusal(long cutoff) {
    return "events from before "
        + Instant.EPOCH.plusMillis(TimeUnit.MICROSECONDS.toMillis(cutoff))
        + " are not kept";
  }

  private static Way find(PipelineSettings pipelines, String type) {
    Set<String> sinks = new LinkedHashSet<>();
    for (EventPipelines.Source source : pipelines.events().sources()) {
      if (source.events().matches(type)) {
        sinks.addAll(source.sinks());
      }
    }
    List<String> stored = new ArrayList<>();
    Set<String> publishers = new HashSet<>();
    for (EventPipelines.Sink sink : pipelines.events().sinks()) {
      if (!sinks.contains(sink.name())) {
        continue;
      }
      for (String publisher : sink.publishers()) {
        if (publisher.equals(Publishers.COLLECTOR)) {
          stored.add(sink.name());
        } else {
          publishers.add(new EventPublication(publisher).name());
        }
      }
    }
    return new Way(
        stored.isEmpty() ? "" : Provenance.of(String.join(",", stored), pipelines.tag()),
        Set.copyOf(publishers));
  }
}
