package io.sonde.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.RecoveryFailed;
import akka.persistence.typed.SnapshotAdapter;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.RetentionCriteria;
import akka.persistence.typed.javadsl.SignalHandler;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.StageState.Outgoing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Owns the transformers' memory for a part of a sink's resources. Promises: a batch is answered
 * only when all that was made of it is stored; whatever fails in between, each sample is made once,
 * from the readings that the journal holds.
 *
 * <p>One event holds the advanced readings and the samples made of them. They are delivered after
 * it is written, again and again until it is known that they arrived; after a recovery once more,
 * from the last known delivery on. Collectors tell copies by series and time.
 */
public final class PipelineStage
    extends EventSourcedBehavior<PipelineStage.Command, PipelineStage.Advanced, StageState> {

  /** Where stages live; the entity's id is {@code <sink>~<part>}. */
  public static final EntityTypeKey<Command> TYPE_KEY =
      EntityTypeKey.create(Command.class, "PipelineStage");

  /** What can be asked of a stage. */
  public sealed interface Command permits Batch, Internal {}

  /**
   * Takes samples through the sink's transformers.
   *
   * @param samples of resources of this part only, those of a series in the order of time
   */
  public record Batch(SampleBatch samples, ActorRef<Reply> replyTo)
      implements Command, StageMessage {}

  /** What became of a batch. */
  public sealed interface Reply permits Stored, Unavailable {}

  /** All that was made of it is stored. */
  public enum Stored implements Reply, StageMessage {
    INSTANCE
  }

  /** It may have been taken or not: hand it in again. */
  public record Unavailable(String why) implements Reply, StageMessage {}

  sealed interface Internal extends Command, NoSerializationVerificationNeeded
      permits Commit, Delivered, Retry {}

  private enum Commit implements Internal {
    INSTANCE
  }

  /** The answer of a delivery; {@code life} tells those of before a restart. */
  private record Delivered(int life, long number, Throwable failure) implements Internal {}

  private record Retry(int life) implements Internal {}

  /**
   * The event: what is remembered from now on, and what came of it.
   *
   * @param number counts the stage's events from 1
   * @param delivered all emitted up to this event had been delivered when it was written
   * @param readings those that changed
   */
  record Advanced(long number, long delivered, Map<StageKey, Reading> readings, SampleBatch emitted)
      implements StageMessage {}

  // Also keeps Akka's stash small, which is emptied by a call within a call.
  private static final int MAX_CALLERS = 200;
  private static final int MAX_WAITING_SAMPLES = 100_000;
  private static final int MAX_GROUP_SAMPLES = 20_000;
  private static final int MAX_OUTBOX_SAMPLES = 200_000;
  private static final int MAX_DELIVERY_SAMPLES = 20_000;
  private static final long DELIVERY_TIMEOUT_SECONDS = 30;
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  private final ActorContext<Command> context;
  private final String sink;
  private final List<Transformer> chain;
  private final BiFunction<String, SampleBatch, CompletionStage<Receipt>> deliver;

  // Not in the state: all this is gone after a restart, which reset() sees to, because this object
  // outlives it.
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final List<Batch> committing = new ArrayList<>();
  private final ArrayDeque<Caller> callers = new ArrayDeque<>();
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();
  private int waitingSamples;
  private int outboxSamples;
  private long delivered;
  private boolean delivering;
  private int failures;
  private int life;

  /** Is answered when the outbox holds nothing up to this event. */
  private record Caller(long number, ActorRef<Reply> replyTo) {}

  private PipelineStage(
      ActorContext<Command> context,
      String entityId,
      SinkDefinition sink,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> deliver) {
    super(
        PersistenceId.of(TYPE_KEY.name(), entityId),
        // Its own log line would print the whole statement that failed.
        SupervisorStrategy.restartWithBackoff(MIN_BACKOFF, MAX_BACKOFF, 0.1)
            .withLoggingEnabled(false));
    this.context = context;
    this.sink = sink.name();
    this.chain = sink.chain();
    this.deliver = deliver;
  }

  /**
   * A stage.
   *
   * @param deliver stores emitted samples of the sink named, and completes when they are durable
   */
  public static Behavior<Command> create(
      String entityId,
      SinkDefinition sink,
      BiFunction<String, SampleBatch, CompletionStage<Receipt>> deliver) {
    return Behaviors.setup(context -> new PipelineStage(context, entityId, sink, deliver));
  }

  @Override
  public StageState emptyState() {
    return StageState.EMPTY;
  }

  @Override
  public CommandHandler<Command, Advanced, StageState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Batch.class, this::onBatch)
        .onCommand(Commit.class, this::onCommit)
        .onCommand(Delivered.class, this::onDelivered)
        .onCommand(Retry.class, this::onRetry)
        .build();
  }

  @Override
  public EventHandler<StageState, Advanced> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(Advanced.class, StageState::apply)
        .build();
  }

  @Override
  public SignalHandler<StageState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .onSignal(RecoveryFailed.class, this::onRecoveryFailed)
        .onSignal(PreRestart.instance(), state -> startAgain())
        .onSignal(PostStop.instance(), state -> reset())
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(200, 2).withDeleteEventsOnSnapshot();
  }

  @Override
  public SnapshotAdapter<StageState> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(StageState state) {
        return state.snapshot();
      }

      @Override
      public StageState fromJournal(Object from) {
        return StageState.of((StageSnapshot) from);
      }
    };
  }

  private Effect<Advanced, StageState> onBatch(StageState state, Batch batch) {
    int size = batch.samples().size();
    if (waiting.size() + callers.size() >= MAX_CALLERS
        || (!waiting.isEmpty() && waitingSamples + size > MAX_WAITING_SAMPLES)
        || outboxSamples >= MAX_OUTBOX_SAMPLES) {
      batch.replyTo().tell(new Unavailable("too much waits at the sink " + sink));
      return Effect().none();
    }
    waiting.add(batch);
    waitingSamples += size;
    if (waiting.size() == 1) {
      // What is in the mailbox by now comes before this, and so into the same group.
      context.getSelf().tell(Commit.INSTANCE);
    }
    return Effect().none();
  }

  private Effect<Advanced, StageState> onCommit(StageState state, Commit command) {
    Computation computation = new Computation(chain, state, delivered);
    int samples = 0;
    while (!waiting.isEmpty() && samples < MAX_GROUP_SAMPLES) {
      Batch batch = waiting.removeFirst();
      computation.add(batch.samples());
      samples += batch.samples().size();
      committing.add(batch);
    }
    waitingSamples -= samples;
    if (!waiting.isEmpty()) {
      context.getSelf().tell(Commit.INSTANCE);
    }
    List<Advanced> events = computation.events();
    computation
        .skipped()
        .forEach((why, n) -> PipelineMetrics.SKIPPED.labelValues(sink, why.label()).inc(n));
    if (events.isEmpty()) {
      onCommitted(events, state.number());
      return Effect().none();
    }
    PipelineMetrics.EMITTED.labelValues(sink).inc(computation.emittedSamples());
    return Effect()
        .persist(events)
        .thenRun((StageState advanced) -> onCommitted(events, advanced.number()));
  }

  private void onCommitted(List<Advanced> events, long number) {
    for (Advanced event : events) {
      if (!event.emitted().isEmpty()) {
        send(new Outgoing(event.number(), event.emitted()));
      }
    }
    committing.forEach(batch -> callers.add(new Caller(number, batch.replyTo())));
    committing.clear();
    answer();
    deliver();
  }

  private void send(Outgoing outgoing) {
    outbox.addLast(outgoing);
    outboxSamples += outgoing.samples().size();
  }

  /** One delivery at a time; what gathers meanwhile goes with the next. */
  private void deliver() {
    if (delivering || outbox.isEmpty()) {
      return;
    }
    SampleBatch.Builder samples = new SampleBatch.Builder(outbox.peekFirst().samples().size());
    long number = 0;
    for (Outgoing outgoing : outbox) {
      SampleBatch batch = outgoing.samples();
      if (samples.size() > 0 && samples.size() + batch.size() > MAX_DELIVERY_SAMPLES) {
        break;
      }
      for (int i = 0; i < batch.size(); i++) {
        samples.add(batch, i);
      }
      number = outgoing.number();
    }
    delivering = true;
    int current = life;
    long last = number;
    context.pipeToSelf(
        call(samples.build()), (receipt, failure) -> new Delivered(current, last, failure));
  }

  private CompletionStage<Receipt> call(SampleBatch samples) {
    try {
      // On a copy: a time-out of ours must not complete what belongs to others.
      return deliver
          .apply(sink, samples)
          .thenApply(Function.identity())
          .toCompletableFuture()
          .orTimeout(DELIVERY_TIMEOUT_SECONDS, SECONDS);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Effect<Advanced, StageState> onDelivered(StageState state, Delivered answer) {
    if (answer.life() != life) {
      return Effect().none();
    }
    if (answer.failure() != null) {
      Duration pause = MIN_BACKOFF.multipliedBy(1L << Math.min(failures, 5));
      failures++;
      PipelineMetrics.DELIVERY_FAILURES.labelValues(sink).inc();
      context
          .getLog()
          .warn("sink={} delivery failed, trying again: {}", sink, answer.failure().toString());
      context.scheduleOnce(
          pause.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : pause,
          context.getSelf(),
          new Retry(life));
      return Effect().none();
    }
    failures = 0;
    delivering = false;
    delivered = answer.number();
    while (!outbox.isEmpty() && outbox.peekFirst().number() <= delivered) {
      outboxSamples -= outbox.removeFirst().samples().size();
    }
    answer();
    deliver();
    return Effect().none();
  }

  private Effect<Advanced, StageState> onRetry(StageState state, Retry command) {
    if (command.life() == life) {
      delivering = false;
      deliver();
    }
    return Effect().none();
  }

  private void answer() {
    while (!callers.isEmpty()
        && (outbox.isEmpty() || outbox.peekFirst().number() > callers.peekFirst().number())) {
      callers.removeFirst().replyTo().tell(Stored.INSTANCE);
    }
  }

  private void onRecovered(StageState state) {
    reset();
    delivered = state.delivered();
    state.outbox().forEach(this::send);
    deliver();
  }

  private void onRecoveryFailed(StageState state, RecoveryFailed failed) {
    context
        .getLog()
        .error("sink={} a stage cannot be recovered: {}", sink, failed.getFailure().toString());
  }

  private void startAgain() {
    context.getLog().warn("sink={} a stage failed, it starts again", sink);
    reset();
  }

  /** Forgets all that is not in the journal; who waits for an answer is told to come again. */
  private void reset() {
    Unavailable reply = new Unavailable("a stage of the sink " + sink + " starts again");
    waiting.forEach(batch -> batch.replyTo().tell(reply));
    committing.forEach(batch -> batch.replyTo().tell(reply));
    callers.forEach(caller -> caller.replyTo().tell(reply));
    waiting.clear();
    committing.clear();
    callers.clear();
    outbox.clear();
    waitingSamples = 0;
    outboxSamples = 0;
    delivering = false;
    failures = 0;
    life++;
  }
}
