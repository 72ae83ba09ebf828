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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.StringJoiner;
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
 * way. For use by many threads.
 */
public final class NotificationAgent {
  /** Stands between the names of sinks where samples come through several at once. */
  public static final String SINK_SEPARATOR = ",";

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
   * accepted, and {@code accepted} counts only stored ones. A sample that goes to several such
   * sinks is stored and counted once.
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
      if (!sinks.get(sink).transformers().isEmpty()) {
        int place = sink;
        SampleBatch part = BatchSelection.ofSeries(batch, wanted(routeOfSeries, r -> r[place]));
        hand(stages, sinks.get(sink).name(), part, parts, stored -> Receipt.NOTHING);
      }
    }
    // What goes to several sinks without transformers is stored once, under the names of all of
    // them.
    String[] names = new String[routeOfSeries.length];
    for (int ref = 0; ref < names.length; ref++) {
      names[ref] = namesOfPlainSinks(routeOfSeries[ref]);
    }
    for (String name : new LinkedHashSet<>(List.of(names))) {
      if (!name.isEmpty()) {
        boolean[] wanted = new boolean[names.length];
        for (int ref = 0; ref < wanted.length; ref++) {
          wanted[ref] = names[ref].equals(name);
        }
        hand(deliver, name, BatchSelection.ofSeries(batch, wanted), parts, Receipt.class::cast);
      }
    }
    // Waits for all of them, failed or not: until then their samples are in memory.
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(
            all ->
                parts.stream().map(CompletableFuture::join).reduce(Receipt.NOTHING, Receipt::plus));
  }

  private static boolean[] wanted(boolean[][] routeOfSeries, Predicate<boolean[]> test) {
    boolean[] wanted = new boolean[routeOfSeries.length];
    for (int ref = 0; ref < wanted.length; ref++) {
      wanted[ref] = test.test(routeOfSeries[ref]);
    }
    return wanted;
  }

  private String namesOfPlainSinks(boolean[] route) {
    StringJoiner names = new StringJoiner(SINK_SEPARATOR);
    for (int sink = 0; sink < route.length; sink++) {
      if (route[sink] && sinks.get(sink).transformers().isEmpty()) {
        names.add(sinks.get(sink).name());
      }
    }
    return names.toString();
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
    boolean[] unmatched =
        wanted(
            routeOfSeries,
            route -> {
              boolean isTaken = false;
              for (boolean taken : route) {
                isTaken |= taken;
              }
              return !isTaken;
            });
    int count = 0;
    for (int i = 0; i < batch.size(); i++) {
      count += unmatched[batch.seriesRef(i)] ? 1 : 0;
    }
    NotificationMetrics.UNMATCHED.labelValues(door.configName()).inc(count);
  }

  private static String spelled(Duration duration) {
    return duration.toSecondsPart() == 0
        ? duration.toMinutes() + " minutes"
        : duration.toSeconds() + " seconds";
  }
}
