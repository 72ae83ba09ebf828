package io.sonde.notification;

import io.sonde.collector.Retention;
import io.sonde.model.Door;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.notification.Routes.Route;
import io.sonde.pipeline.BatchSelection;
import io.sonde.pipeline.PipelineSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The one intake of a node: counts samples, routes them into every pipeline that takes them and
 * answers when all is durable. Promises that no more than a bounded number of samples is on its
 * way, where large metadata counts as further samples. For use by many threads.
 */
public final class NotificationAgent {
  private final NotificationSettings settings;
  private final Retention retention;
  private volatile Routes routes;
  private final BiFunction<String, SampleBatch, ? extends CompletionStage<?>> stages;
  private final BiFunction<String, SampleBatch, ? extends CompletionStage<Receipt>> deliver;
  private final Clock clock;
  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong weight = new AtomicLong();

  /**
   * An agent.
   *
   * @param retention how old samples may be
   * @param stages takes samples through the transformers of the sink named
   * @param deliver stores samples that come through the sink named
   */
  public NotificationAgent(
      NotificationSettings settings,
      Retention retention,
      PipelineSettings pipelines,
      BiFunction<String, SampleBatch, ? extends CompletionStage<?>> stages,
      BiFunction<String, SampleBatch, ? extends CompletionStage<Receipt>> deliver,
      Clock clock) {
    this.settings = settings;
    this.retention = retention;
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
   * accepted, and {@code accepted} counts only stored ones. A sample that goes to several such
   * sinks is stored and counted once.
   *
   * <p>Samples that are older than what is kept of their meter are refused, one by one.
   *
   * <p>Fails with {@link UnavailableException} when too much is on its way already, or when a part
   * could not be stored; the samples may be handed in again without harm.
   */
  public CompletionStage<Receipt> submit(Door door, SampleBatch batch) {
    int size = batch.size();
    String label = door.configName();
    NotificationMetrics.RECEIVED.labelValues(label).inc(size);
    int weight = batch.weight();
    if (!enter(weight)) {
      NotificationMetrics.FAILED.labelValues(label).inc(size);
      return CompletableFuture.failedFuture(
          new UnavailableException("too many samples are on their way on this node"));
    }
    inFlight.addAndGet(size);
    NotificationMetrics.IN_FLIGHT.inc(size);
    Kept kept = withoutOld(batch);
    return route(door, kept.samples())
        .thenApply(kept.refused()::plus)
        .handle((receipt, failure) -> finish(label, size, weight, receipt, failure));
  }

  /** What is left of a batch without the samples that retention would drop at once. */
  private record Kept(SampleBatch samples, Receipt refused) {}

  private Kept withoutOld(SampleBatch batch) {
    long latestCutoff = retention.latestCutoff();
    if (latestCutoff == Retention.FOR_EVER || batch.oldest() >= latestCutoff) {
      return new Kept(batch, Receipt.NOTHING);
    }
    long[] cutoffs = new long[batch.seriesCount()];
    MeterMemo<Long> cutoffOf = new MeterMemo<>(retention::cutoff);
    for (int ref = 0; ref < cutoffs.length; ref++) {
      cutoffs[ref] = cutoffOf.of(batch.seriesAt(ref).meter());
    }
    int refused = 0;
    int first = 0;
    for (int i = batch.size() - 1; i >= 0; i--) {
      if (batch.timestamp(i) < cutoffs[batch.seriesRef(i)]) {
        refused++;
        first = i;
      }
    }
    if (refused == 0) {
      return new Kept(batch, Receipt.NOTHING);
    }
    return new Kept(
        BatchSelection.where(batch, i -> batch.timestamp(i) >= cutoffs[batch.seriesRef(i)]),
        new Receipt(0, 0, 0, refused, whyOld(batch, first)));
  }

  private String whyOld(SampleBatch batch, int i) {
    String meter = batch.series(i).meter();
    return "samples["
        + i
        + "]: timestamp "
        + Instant.EPOCH.plus(batch.timestamp(i), ChronoUnit.MICROS)
        + " is older than what is kept of "
        + meter
        + ", "
        + spelled(retention.keep(meter).orElseThrow());
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

  /** Routes by other pipelines from now on; what is on its way goes on by the former ones. */
  public void use(PipelineSettings pipelines) {
    routes = new Routes(pipelines);
  }

  /** Samples handed in and not yet answered. */
  public long inFlight() {
    return inFlight.get();
  }

  private CompletableFuture<Receipt> route(Door door, SampleBatch batch) {
    Route[] routeOfSeries = new Route[batch.seriesCount()];
    Set<Route> all = new LinkedHashSet<>();
    Routes current = routes;
    MeterMemo<Route> routeOf = new MeterMemo<>(meter -> add(all, current.of(door, meter)));
    for (int ref = 0; ref < routeOfSeries.length; ref++) {
      routeOfSeries[ref] = routeOf.of(batch.seriesAt(ref).meter());
    }
    Set<String> stageSinks = new LinkedHashSet<>();
    Set<String> storedSinks = new LinkedHashSet<>();
    for (Route route : all) {
      stageSinks.addAll(route.stages());
      storedSinks.add(route.stored());
    }
    Function<Predicate<Route>, SampleBatch> select =
        test -> all.size() == 1 ? batch : select(batch, routeOfSeries, test);
    List<CompletableFuture<Receipt>> parts = new ArrayList<>();
    for (String sink : stageSinks) {
      SampleBatch part = select.apply(route -> route.stages().contains(sink));
      hand(stages, sink, part, parts, stored -> Receipt.NOTHING);
    }
    for (String sink : storedSinks) {
      if (!sink.isEmpty()) {
        SampleBatch part = select.apply(route -> route.stored().equals(sink));
        hand(deliver, sink, part, parts, Receipt.class::cast);
      } else {
        SampleBatch lost = select.apply(Route::isNowhere);
        NotificationMetrics.UNMATCHED.labelValues(door.configName()).inc(lost.size());
      }
    }
    // Waits for all of them, failed or not: until then their samples are in memory.
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(
            done ->
                parts.stream().map(CompletableFuture::join).reduce(Receipt.NOTHING, Receipt::plus));
  }

  private static Route add(Set<Route> all, Route route) {
    all.add(route);
    return route;
  }

  private static SampleBatch select(
      SampleBatch batch, Route[] routeOfSeries, Predicate<Route> test) {
    boolean[] wanted = new boolean[routeOfSeries.length];
    for (int ref = 0; ref < wanted.length; ref++) {
      wanted[ref] = test.test(routeOfSeries[ref]);
    }
    return BatchSelection.ofSeries(batch, wanted);
  }

  private static void hand(
      BiFunction<String, SampleBatch, ? extends CompletionStage<?>> to,
      String sink,
      SampleBatch part,
      List<CompletableFuture<Receipt>> parts,
      Function<Object, Receipt> receipt) {
    if (part.isEmpty()) {
      return;
    }
    try {
      parts.add(to.apply(sink, part).thenApply(receipt).toCompletableFuture());
    } catch (RuntimeException e) {
      parts.add(CompletableFuture.failedFuture(e));
    }
  }

  private Receipt finish(String door, int size, int weight, Receipt receipt, Throwable failure) {
    this.weight.addAndGet(-weight);
    inFlight.addAndGet(-size);
    NotificationMetrics.IN_FLIGHT.dec(size);
    if (failure == null) {
      NotificationMetrics.ACCEPTED.labelValues(door).inc(receipt.accepted());
      NotificationMetrics.DUPLICATE.labelValues(door).inc(receipt.duplicate());
      NotificationMetrics.CONFLICTING.labelValues(door).inc(receipt.conflicting());
      NotificationMetrics.REFUSED.labelValues(door).inc(receipt.refused());
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
  private boolean enter(int more) {
    long before = weight.getAndUpdate(now -> admits(now, more) ? now + more : now);
    return admits(before, more);
  }

  private boolean admits(long before, int more) {
    return before == 0 || before + more <= settings.maxInFlightSamples();
  }

  private static String spelled(Duration duration) {
    if (duration.toHours() % 24 == 0 && duration.toDays() > 0) {
      return duration.toDays() + " days";
    }
    return duration.toSecondsPart() == 0
        ? duration.toMinutes() + " minutes"
        : duration.toSeconds() + " seconds";
  }
}
