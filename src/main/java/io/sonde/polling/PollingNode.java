package io.sonde.polling;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import io.sonde.model.Monotonic;
import io.sonde.model.NameFilter;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the actors of this room share on one node.
 *
 * @param settings of this node
 * @param intake takes what was read; its answer fails when that could not be stored
 * @param registry how it stands with what is polled here
 * @param limits bounds what is asked of one host
 * @param filters of the meters of sources, one for all resources of a source
 */
record PollingNode(
    PollingSettings settings,
    Function<SampleBatch, CompletionStage<Receipt>> intake,
    PollRegistry registry,
    HostLimits limits,
    Map<List<String>, NameFilter> filters,
    PollingMetrics metrics,
    Clock clock) {

  /** This process' clock, unlike that of any other. */
  private static final long CLOCK = UUID.randomUUID().getMostSignificantBits();

  /** Microseconds. */
  private static final long JUST_NOW = 1_000_000;

  /** For pollsters that do not keep their deadline themselves. */
  private static final Duration GRACE = Duration.ofMillis(200);

  static PollingNode of(
      PollingSettings settings,
      Function<SampleBatch, CompletionStage<Receipt>> intake,
      PollingMetrics metrics,
      Clock clock) {
    return new PollingNode(
        settings,
        intake,
        new PollRegistry(),
        new HostLimits(settings.maxPerHost()),
        new ConcurrentHashMap<>(),
        metrics,
        clock);
  }

  /**
   * Whether a node takes its leave. Then it polls no more, and asserts nothing: what is sent to a
   * shard that is on its way elsewhere would hold the node up.
   */
  static boolean isStopping(ActorSystem<?> system) {
    return CoordinatedShutdown.get(system).getShutdownReason().isPresent();
  }

  /** Name of the host that the node is on. */
  String host() {
    return settings.host();
  }

  /** The filter of these patterns, which were looked at when they were configured. */
  NameFilter filter(List<String> meters) {
    return filters.computeIfAbsent(meters, patterns -> NameFilter.of(patterns, "meters"));
  }

  /** Reads a target here. Never throws and always ends, soon after the deadline at the latest. */
  CompletionStage<SampleBatch> read(PolledTarget target, Duration deadline) {
    Pollster pollster = settings.pollsters().named(target.pollster());
    if (pollster == null) {
      return CompletableFuture.failedFuture(
          new PollException("this node has no pollster " + target.pollster()));
    }
    return guarded(
        () -> limits.call(pollster.host(target), deadline, left -> guarded(pollster, target, left)),
        deadline.plus(GRACE).plus(GRACE));
  }

  private CompletionStage<SampleBatch> guarded(
      Pollster pollster, PolledTarget target, Duration deadline) {
    return guarded(() -> pollster.poll(target, deadline), deadline.plus(GRACE))
        .thenApply(batch -> timed(batch, System.nanoTime()));
  }

  /**
   * What was read just now, with the moment that its timestamps tell on this process' clock.
   * Samples that tell of another time, as those of exporters may, were not taken now.
   */
  SampleBatch timed(SampleBatch batch, long nanos) {
    long now = clock.millis() * 1000;
    for (int i = 0; i < batch.size(); i++) {
      if (Math.abs(batch.timestamp(i) - now) > JUST_NOW) {
        return batch;
      }
    }
    long ago = batch.isEmpty() ? 0 : TimeUnit.MICROSECONDS.toNanos(now - batch.timestamp(0));
    return batch.readAt(new Monotonic(CLOCK, nanos - ago));
  }

  /** Looks for what there is to poll. Never throws and always ends. */
  CompletionStage<Findings> find(Discovery discovery, Search search) {
    return guarded(() -> discovery.find(search), search.deadline().plus(GRACE));
  }

  /**
   * Hands samples to the intake. Never throws and always ends, after the deadline at the latest.
   */
  CompletionStage<Receipt> handIn(SampleBatch batch, Duration deadline) {
    return guarded(() -> intake.apply(batch), deadline);
  }

  private static <T> CompletionStage<T> guarded(
      Supplier<CompletionStage<T>> call, Duration deadline) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    try {
      call.get()
          .whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  outcome.complete(value);
                } else {
                  outcome.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      outcome.completeExceptionally(e);
    }
    return outcome
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(named(failure, deadline)));
  }

  private static Throwable named(Throwable failure, Duration deadline) {
    return failure instanceof TimeoutException
        ? new PollException("no answer within " + deadline.toMillis() + " ms")
        : failure;
  }
}
