package io.sonde.publish;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Keeps one hand-over going, as a descendant of the collector: whenever there is something new, and
 * ever more slowly after failures. One run is under way at a time.
 */
final class Tailer {
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(30);
  private static final Duration LONGEST_WISH = Duration.ofMinutes(5);

  sealed interface Command extends NoSerializationVerificationNeeded {}

  /** There may be something new. */
  enum Wake implements Command {
    INSTANCE
  }

  private enum Retry implements Command {
    INSTANCE
  }

  private enum Look implements Command {
    INSTANCE
  }

  /** Failure is null when the run did not fail. */
  private record Ended(HandOver.Progress progress, Throwable failure) implements Command {}

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final HandOver<?> handOver;
  private final int collector;
  private final Duration lookEvery;
  private final Executor threads;

  private boolean isRunning;
  private boolean isWoken;
  private Duration backoff = MIN_BACKOFF;

  /**
   * A tailer.
   *
   * @param lookEvery how often it looks although nobody woke it; zero for never
   * @param threads runs hand-overs, each at once
   */
  static Behavior<Command> create(
      HandOver<?> handOver, int collector, Duration lookEvery, Executor threads) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Tailer(context, timers, handOver, collector, lookEvery, threads)
                        .behavior()));
  }

  private Tailer(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      HandOver<?> handOver,
      int collector,
      Duration lookEvery,
      Executor threads) {
    this.context = context;
    this.timers = timers;
    this.handOver = handOver;
    this.collector = collector;
    this.lookEvery = lookEvery;
    this.threads = threads;
  }

  private Behavior<Command> behavior() {
    run();
    return Behaviors.receive(Command.class)
        .onMessage(Wake.class, wake -> onWake())
        .onMessage(Look.class, look -> onWake())
        .onMessage(Retry.class, retry -> onRetry())
        .onMessage(Ended.class, this::onEnded)
        .onSignal(PostStop.class, stop -> onStop())
        .build();
  }

  private Behavior<Command> onWake() {
    if (isRunning) {
      isWoken = true;
    } else if (!timers.isTimerActive(Retry.INSTANCE)) {
      run();
    }
    return Behaviors.same();
  }

  private Behavior<Command> onRetry() {
    PublisherMetrics.RETRIES.labelValues(handOver.name()).inc();
    run();
    return Behaviors.same();
  }

  private Behavior<Command> onEnded(Ended ended) {
    isRunning = false;
    if (ended.failure() != null) {
      onFailed(ended.failure());
      return Behaviors.same();
    }
    backoff = MIN_BACKOFF;
    if (ended.progress() == HandOver.Progress.OVER) {
      return Behaviors.stopped();
    }
    // What came while this run looked and found the end is not announced again.
    if (ended.progress() == HandOver.Progress.MORE || isWoken) {
      run();
    } else if (!lookEvery.isZero()) {
      timers.startSingleTimer(Look.INSTANCE, Look.INSTANCE, lookEvery);
    }
    return Behaviors.same();
  }

  private void onFailed(Throwable failure) {
    PublisherMetrics.FAILURES.labelValues(handOver.name()).inc();
    Duration pause = backoff;
    if (failure instanceof PublishException wish && wish.retryAfter() != null) {
      pause =
          least(LONGEST_WISH, wish.retryAfter().compareTo(pause) > 0 ? wish.retryAfter() : pause);
    }
    context
        .getLog()
        .warn(
            "publisher={} collector={} failed, trying again in {}: {}",
            handOver.name(),
            collector,
            pause,
            failure.toString());
    timers.startSingleTimer(Retry.INSTANCE, Retry.INSTANCE, pause);
    backoff = least(MAX_BACKOFF, backoff.multipliedBy(2));
  }

  private Behavior<Command> onStop() {
    handOver.stop();
    return Behaviors.same();
  }

  private void run() {
    timers.cancel(Look.INSTANCE);
    isRunning = true;
    isWoken = false;
    context.pipeToSelf(
        CompletableFuture.supplyAsync(this::progress, threads),
        (progress, failure) ->
            new Ended(
                progress,
                failure instanceof CompletionException wrapped ? wrapped.getCause() : failure));
  }

  private HandOver.Progress progress() {
    try {
      return handOver.run();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
