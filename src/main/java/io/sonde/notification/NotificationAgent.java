package io.sonde.notification;

import io.sonde.model.Door;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.BatchSelection;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.SinkDefinition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/**
 * The one intake of a node: counts samples, routes them into every pipeline that takes them and
 * answers when all is durable. Promises that no more than a bounded number of samples is on its
 * way. For use by many threads.
 */
public final class NotificationAgent {
  private final NotificationSettings settings;
  private final List<SinkDefinition> sinks;
  private final Routes routes;
  private final BiFunction<String, SampleBatch, ? extends CompletionStage<?>> stages;
  private final BiFunction<String, SampleBatch, ? extends CompletionStage<Receipt>> deliver;
  private final Clock clock;
  private final AtomicLong inFlight = new AtomicLong();

  /**
   * An agent.
   *
   * @param stages takes samples through the transformers of the sink named
   * @param deliver stores samples that come through the sink named
   */
  public NotificationAgent(
      NotificationSettings settings,
      PipelineSettings pipelines,
      BiFunction<String, SampleBatch, ? extends CompletionStage<?>> stages,
      BiFunction<String, SampleBatch, ? extends CompletionStage<Receipt>> deliver,
      Clock clock) {
    this.settings = settings;
    this.sinks = pipelines.sinks();
    this.routes = new Routes(pipelines);
    this.stages = stages;
    this.deliver = deliver;
    this.clock = clock;
  }

  /**
   * Routes samples. Completes when every sink has made durable what it got.
   *
   * <p>The receipt counts what the sender sent, as it was stored by the sinks without transformers;
   * what transformers made is not counted, nor are samples that no such sink takes: they are
   * accepted, and {@code accepted} counts only stored ones. A sample that goes to two such sinks is
   * counted by both.
   *
   * <p>Fails with {@link UnavailableException} when too much is on its way already, or when a part
   * could not be stored; the samples may be handed in again without harm.
   */
  public CompletionStage<Receipt> submit(Door door, SampleBatch batch) {
    int size = batch.size();
    String label = door.configName();
    NotificationMetrics.RECEIVED.labelValues(label).inc(size);
    if (!enter(size)) {
      NotificationMetrics.FAILED.labelValues(label).inc(size);
      return CompletableFuture.failedFuture(
          new UnavailableException("too many samples are on their way on this node"));
    }
    NotificationMetrics.IN_FLIGHT.inc(size);
    return route(door, batch).handle((receipt, failure) -> finish(label, size, receipt, failure));
  }

  /**
   * Why a sample of this time is refused; null when it is not. For the doors, which check a push as
   * a whole before anything of it is routed.
   *
   * @param timestampMicros microseconds since 1970
   */
  public String refusal(long timestampMicros) {
    Instant now = clock.instant();
    Instant time = Instant.EPOCH.plus(timestampMicros, ChronoUnit.MICROS);
    if (!time.isAfter(now.plus(settings.maxFuture()))) {
      return null;
    }
    return "timestamp "
        + time
        + " is more than "
        + spelled(settings.maxFuture())
        + " ahead of the server's clock, which shows "
        + now.truncatedTo(ChronoUnit.SECONDS);
  }

  /** Samples handed in and not yet answered. */
  public long inFlight() {
    return inFlight.get();
  }

  private CompletableFuture<Receipt> route(Door door, SampleBatch batch) {
    boolean[][] routeOfSeries = new boolean[batch.seriesCount()][];
    for (int ref = 0; ref < routeOfSeries.length; ref++) {
      routeOfSeries[ref] = routes.of(door, batch.seriesAt(ref).meter());
    }
    countUnmatched(door, batch, routeOfSeries);
    List<CompletableFuture<Receipt>> parts = new ArrayList<>();
    for (int sink = 0; sink < sinks.size(); sink++) {
      boolean[] wanted = new boolean[routeOfSeries.length];
      boolean any = false;
      for (int ref = 0; ref < wanted.length; ref++) {
        wanted[ref] = routeOfSeries[ref][sink];
        any |= wanted[ref];
      }
      SampleBatch part = any ? BatchSelection.ofSeries(batch, wanted) : SampleBatch.EMPTY;
      if (!part.isEmpty()) {
        parts.add(hand(sinks.get(sink), part));
      }
    }
    // Waits for all of them, failed or not: until then their samples are in memory.
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(
            all ->
                parts.stream().map(CompletableFuture::join).reduce(Receipt.NOTHING, Receipt::plus));
  }

  private CompletableFuture<Receipt> hand(SinkDefinition sink, SampleBatch part) {
    try {
      return sink.transformers().isEmpty()
          ? deliver.apply(sink.name(), part).<Receipt>thenApply(r -> r).toCompletableFuture()
          : stages
              .apply(sink.name(), part)
              .thenApply(stored -> Receipt.NOTHING)
              .toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Receipt finish(String door, int size, Receipt receipt, Throwable failure) {
    inFlight.addAndGet(-size);
    NotificationMetrics.IN_FLIGHT.dec(size);
    if (failure == null) {
      NotificationMetrics.ACCEPTED.labelValues(door).inc(receipt.accepted());
      NotificationMetrics.DUPLICATE.labelValues(door).inc(receipt.duplicate());
      NotificationMetrics.CONFLICTING.labelValues(door).inc(receipt.conflicting());
      return receipt;
    }
    NotificationMetrics.FAILED.labelValues(door).inc(size);
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    throw cause instanceof UnavailableException unavailable
        ? unavailable
        : new UnavailableException("not all samples could be stored", cause);
  }

  /** One batch alone is let in however large it is: it could never be handed in otherwise. */
  private boolean enter(int size) {
    long before = inFlight.getAndUpdate(now -> admits(now, size) ? now + size : now);
    return admits(before, size);
  }

  private boolean admits(long before, int size) {
    return before == 0 || before + size <= settings.maxInFlightSamples();
  }

  private static void countUnmatched(Door door, SampleBatch batch, boolean[][] routeOfSeries) {
    boolean[] unmatched = new boolean[routeOfSeries.length];
    boolean any = false;
    for (int ref = 0; ref < unmatched.length; ref++) {
      unmatched[ref] = true;
      for (boolean taken : routeOfSeries[ref]) {
        unmatched[ref] &= !taken;
      }
      any |= unmatched[ref];
    }
    if (any) {
      NotificationMetrics.UNMATCHED
          .labelValues(door.configName())
          .inc(BatchSelection.ofSeries(batch, unmatched).size());
    }
  }

  private static String spelled(Duration duration) {
    return duration.toSecondsPart() == 0
        ? duration.toMinutes() + " minutes"
        : duration.toSeconds() + " seconds";
  }
}
