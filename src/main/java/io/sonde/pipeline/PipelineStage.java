package io.sonde.pipeline;

import static java.util.concurrent.TimeUnit.SECONDS;

import akka.actor.CoordinatedShutdown;
import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
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
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.cluster.Residence;
import io.sonde.model.ConfigException;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.StageState.Change;
import io.sonde.pipeline.StageState.Outgoing;
import io.sonde.pipeline.StageState.Remembered;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Owns the transformers' memory for a part of a sink's resources. Promises: a batch is answered
 * only when all that was made of it is stored; whatever fails in between, each sample is made once,
 * from the memories that the journal holds.
 *
 * <p>One event holds the changed memories and the samples made of them. They are delivered after it
 * is written, again and again until it is known that they arrived; after a recovery once more, from
 * the last known delivery on. Who gets them tells copies by series, time and key.
 */
public final class PipelineStage
    extends EventSourcedBehavior<PipelineStage.Command, PipelineStage.Advanced, StageState> {

  /** Where stages live; the entity's id is {@code <sink>~<part>}. */
  public static final EntityTypeKey<Command> TYPE_KEY =
      EntityTypeKey.create(Command.class, EntityKind.STAGE.typeName());

  /** What can be asked of a stage. */
  public sealed interface Command permits Batch, Wake, Internal {}

  /**
   * Takes samples through the sink's transformers.
   *
   * @param samples of resources of this part only, those of a series in the order of time
   */
  public record Batch(SampleBatch samples, ActorRef<Reply> replyTo)
      implements Command, StageMessage {}

  /** Starts a stage that is not running: it may have something to deliver or to release. */
  public enum Wake implements Command, StageMessage {
    INSTANCE
  }

  /** What became of a batch. */
  public sealed interface Reply permits Stored, Unavailable {}

  /** All that was made of it is stored. */
  public enum Stored implements Reply, StageMessage {
    INSTANCE
  }

  /** It may have been taken or not: hand it in again. */
  public record Unavailable(String why) implements Reply, StageMessage {}

  sealed interface Internal extends Command, NoSerializationVerificationNeeded
      permits Commit, Delivered, Retry, Recalled, Evict, Evicted {}

  private enum Commit implements Internal {
    INSTANCE
  }

  /** The answer of a delivery; {@code life} tells those of before a restart. */
  private record Delivered(int life, long number, Throwable failure) implements Internal {}

  private record Retry(int life) implements Internal {}

  /** Memories that were kept elsewhere. */
  private record Recalled(int life, Map<StageKey, byte[]> memories, Throwable failure)
      implements Internal {}

  private enum Evict implements Internal {
    INSTANCE
  }

  /** These memories are kept elsewhere, as they were. */
  private record Evicted(int life, Map<StageKey, byte[]> memories, Throwable failure)
      implements Internal {}

  /**
   * The event: what is remembered from now on, and what came of it.
   *
   * @param number counts the stage's events from 1
   * @param delivered all emitted up to this event had been delivered when it was written
   * @param at when, in seconds since 1970
   * @param version of the definitions
   * @param definition what the memories are of from now on; null when that did not change
   * @param isEviction whether what is forgotten is kept elsewhere
   */
  record Advanced(
      long number,
      long delivered,
      long at,
      String version,
      String definition,
      boolean isEviction,
      List<Change> changes,
      SampleBatch emitted)
      implements StageMessage {}

  /** Takes what a stage emits; completes when it is durable. */
  @FunctionalInterface
  public interface Delivery {
    /** Samples that came through a sink by a version of the definitions. */
    CompletionStage<?> deliver(String sink, String version, SampleBatch samples);
  }

  // Also keeps Akka's stash small, which is emptied by a call within a call.
  private static final int MAX_CALLERS = 200;
  private static final int MAX_WAITING_SAMPLES = 100_000;
  private static final int MAX_GROUP_SAMPLES = 20_000;
  private static final int MAX_OUTBOX_SAMPLES = 200_000;
  private static final int MAX_DELIVERY_SAMPLES = 20_000;
  private static final int MAX_RELEASES = 10_000;
  private static final int MAX_EVICTIONS = 5_000;
  private static final long DELIVERY_TIMEOUT_SECONDS = 30;
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(1);
  private static final Duration MIN_EVICTION_PAUSE = Duration.ofSeconds(1);

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final String entityId;
  private final StageSettings settings;
  private final String name;
  private final Residence residence;

  // Not in the state: all this is gone after a restart, which reset() sees to, because this object
  // outlives it.
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final List<Batch> committing = new ArrayList<>();
  private final ArrayDeque<Caller> callers = new ArrayDeque<>();
  private final ArrayDeque<Outgoing> outbox = new ArrayDeque<>();
  private final Deadlines deadlines = new Deadlines();
  private final Map<StageKey, byte[]> recalled = new HashMap<>();
  private int waitingSamples;
  private int outboxSamples;
  private long delivered;
  private boolean delivering;
  private boolean recalling;
  private boolean evicting;
  private int failures;
  private int life;

  /** Is answered when the outbox holds nothing up to this event. */
  private record Caller(long number, ActorRef<Reply> replyTo) {}

  private PipelineStage(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      String entityId,
      StageSettings settings) {
    super(
        PersistenceId.of(TYPE_KEY.name(), entityId),
        // Its own log line would print the whole statement that failed.
        SupervisorStrategy.restartWithBackoff(MIN_BACKOFF, MAX_BACKOFF, 0.1)
            .withLoggingEnabled(false));
    this.context = context;
    this.timers = timers;
    this.entityId = entityId;
    this.settings = settings;
    this.name = Stages.sink(entityId);
    this.residence = Residence.begin(EntityKind.STAGE, entityId);
  }

  /** A stage. */
  public static Behavior<Command> create(String entityId, StageSettings settings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new PipelineStage(context, timers, entityId, settings)));
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
        .onCommand(Wake.class, this::onWake)
        .onCommand(Commit.class, (state, commit) -> commit(state))
        .onCommand(Recalled.class, this::onRecalled)
        .onCommand(Delivered.class, this::onDelivered)
        .onCommand(Retry.class, this::onRetry)
        .onCommand(Evict.class, this::onEvict)
        .onCommand(Evicted.class, this::onEvicted)
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
        .onSignal(PostStop.instance(), state -> onStopped())
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
    if (settings.sink(name) == null) {
      // While nodes are given new definitions one by one, some do not know a sink that others do.
      batch.replyTo().tell(new Unavailable("this node's pipelines have no sink " + name));
      return Effect().none();
    }
    if (waiting.size() + callers.size() >= MAX_CALLERS
        || (!waiting.isEmpty() && waitingSamples + size > MAX_WAITING_SAMPLES)
        || outboxSamples >= MAX_OUTBOX_SAMPLES) {
      batch.replyTo().tell(new Unavailable("too much waits at the sink " + name));
      return Effect().none();
    }
    waiting.add(batch);
    waitingSamples += size;
    show();
    if (waiting.size() == 1) {
      // What is in the mailbox by now comes before this, and so into the same group.
      context.getSelf().tell(Commit.INSTANCE);
    }
    return Effect().none();
  }

  /**
   * Anything that waits for this stage to run was begun at its recovery; a new definition is not.
   */
  private Effect<Advanced, StageState> onWake(StageState state, Wake command) {
    return isRedefined(state, settings.sinkOrNothing(name)) ? commit(state) : Effect().none();
  }

  /** Whether the memories are of another definition than the one in force. */
  private static boolean isRedefined(StageState state, SinkDefinition sink) {
    return !state.definition().isEmpty() && !state.definition().equals(sink.definition());
  }

  private Effect<Advanced, StageState> commit(StageState state) {
    if (recalling) {
      return Effect().none();
    }
    SinkDefinition sink = settings.sinkOrNothing(name);
    long now = settings.nowMicros();
    Computation computation =
        new Computation(sink, settings.version(), state, recalled, delivered, now);
    boolean isRedefined = isRedefined(state, sink);
    if (isRedefined) {
      redefine(computation, state);
    }
    List<StageKey> due = deadlines.due(now, MAX_RELEASES);
    for (StageKey key : due) {
      if (key.step() < sink.transformers().size()) {
        computation.releaseDue(key);
      }
    }
    int samples = 0;
    int batches = 0;
    for (Batch batch : waiting) {
      if (samples >= MAX_GROUP_SAMPLES) {
        break;
      }
      computation.add(batch.samples());
      samples += batch.samples().size();
      batches++;
    }
    if (!computation.missing().isEmpty()) {
      recall(sink, computation.missing());
      return Effect().none();
    }
    for (int i = 0; i < batches; i++) {
      committing.add(waiting.removeFirst());
    }
    waitingSamples -= samples;
    recalled.clear();
    if (!waiting.isEmpty() || due.size() >= MAX_RELEASES) {
      context.getSelf().tell(Commit.INSTANCE);
    }
    return persist(state, sink, isRedefined, computation);
  }

  private Effect<Advanced, StageState> persist(
      StageState state, SinkDefinition sink, boolean isRedefined, Computation computation) {
    List<Advanced> events = computation.events();
    computation
        .skipped()
        .forEach((why, n) -> PipelineMetrics.SKIPPED.labelValues(name, why.label()).inc(n));
    if (events.isEmpty()) {
      onCommitted(events, state.number());
      return Effect().none();
    }
    PipelineMetrics.EMITTED.labelValues(name).inc(computation.emittedSamples());
    return Effect()
        .persist(events)
        .thenRun(
            (StageState advanced) -> {
              if (isRedefined) {
                watchAll(advanced, sink);
              } else {
                watchChanges(advanced, sink, events);
              }
              onCommitted(events, advanced.number());
            });
  }

  /** What the memories are of is on record: it can be made again, whoever configured it. */
  private void redefine(Computation computation, StageState state) {
    List<TransformerDefinition> before;
    try {
      before = settings.parse(state.definition());
    } catch (ConfigException e) {
      context
          .getLog()
          .error(
              "sink={} the former transformers are unknown, what they hold is lost: {}", name, e);
      before = List.of();
    }
    context.getLog().info("sink={} stage={} takes a new definition", name, entityId);
    computation.redefine(before);
  }

  private void onCommitted(List<Advanced> events, long number) {
    for (Advanced event : events) {
      if (!event.emitted().isEmpty()) {
        send(new Outgoing(event.number(), event.version(), event.emitted()));
      }
    }
    committing.forEach(batch -> callers.add(new Caller(number, batch.replyTo())));
    committing.clear();
    answer();
    deliver();
    show();
  }

  private void recall(SinkDefinition sink, Collection<StageKey> keys) {
    recalling = true;
    int current = life;
    context.pipeToSelf(
        settings.remains().recall(entityId, sink, keys),
        (memories, failure) -> new Recalled(current, memories, failure));
  }

  private Effect<Advanced, StageState> onRecalled(StageState state, Recalled answer) {
    if (answer.life() != life) {
      return Effect().none();
    }
    recalling = false;
    if (answer.failure() == null) {
      recalled.putAll(answer.memories());
      return commit(state);
    }
    context.getLog().warn("sink={} cannot recall series: {}", name, answer.failure().toString());
    Unavailable reply = new Unavailable("the sink " + name + " cannot recall series");
    waiting.forEach(batch -> batch.replyTo().tell(reply));
    waiting.clear();
    waitingSamples = 0;
    // An alarm that went off meanwhile found the stage recalling, and released nothing.
    setAlarm(MAX_BACKOFF);
    return Effect().none();
  }

  /** Notes when the changed memories are due. */
  private void watchChanges(StageState state, SinkDefinition sink, List<Advanced> events) {
    for (Advanced event : events) {
      for (Change change : event.changes()) {
        Remembered remembered = state.at(change.number());
        if (remembered != null) {
          watch(sink, remembered.key(), remembered.memory());
        }
      }
    }
    setAlarm(Duration.ofMillis(1));
  }

  private void watchAll(StageState state, SinkDefinition sink) {
    deadlines.clear();
    for (Remembered remembered : state.all()) {
      watch(sink, remembered.key(), remembered.memory());
    }
    setAlarm(Duration.ofMillis(1));
  }

  private void watch(SinkDefinition sink, StageKey key, byte[] memory) {
    deadlines.put(key, sink.transformers().get(key.step()).transformer().due(memory));
  }

  /** At the first time that something is due, but not before this pause has passed. */
  private void setAlarm(Duration pause) {
    long earliest = deadlines.earliest();
    if (earliest == Transformer.NEVER) {
      timers.cancel(Commit.INSTANCE);
      return;
    }
    long millis = Math.max(pause.toMillis(), (earliest - settings.nowMicros()) / 1_000 + 1);
    timers.startSingleTimer(Commit.INSTANCE, Commit.INSTANCE, Duration.ofMillis(millis));
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
    String version = outbox.peekFirst().version();
    List<SampleBatch> batches = new ArrayList<>();
    int samples = 0;
    long number = 0;
    for (Outgoing outgoing : outbox) {
      int more = outgoing.samples().size();
      if (!outgoing.version().equals(version)
          || (samples > 0 && samples + more > MAX_DELIVERY_SAMPLES)) {
        break;
      }
      batches.add(outgoing.samples());
      samples += more;
      number = outgoing.number();
    }
    delivering = true;
    int current = life;
    long last = number;
    context.pipeToSelf(
        call(version, SampleBatch.together(batches)),
        (receipt, failure) -> new Delivered(current, last, failure));
  }

  private CompletionStage<Object> call(String version, SampleBatch samples) {
    try {
      // On a copy: a time-out of ours must not complete what belongs to others.
      return settings
          .delivery()
          .deliver(name, version, samples)
          .<Object>thenApply(Function.identity())
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
      PipelineMetrics.DELIVERY_FAILURES.labelValues(name).inc();
      // While the node stops, what it delivers to is going too.
      if (!CoordinatedShutdown.get(context.getSystem()).getShutdownReason().isPresent()) {
        context
            .getLog()
            .warn("sink={} delivery failed, trying again: {}", name, answer.failure().toString());
      }
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
    show();
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

  /** What has a time to be released at is not idle, however long it waits. */
  private Effect<Advanced, StageState> onEvict(StageState state, Evict command) {
    SinkDefinition sink = settings.sinkOrNothing(name);
    if (evicting || !state.definition().equals(sink.definition())) {
      return Effect().none();
    }
    long idleSince = settings.nowMicros() / 1_000_000 - settings.idleAfter().toSeconds();
    Map<StageKey, byte[]> idle = new HashMap<>();
    for (Remembered remembered : state.all()) {
      if (remembered.usedAt() < idleSince && !deadlines.contains(remembered.key())) {
        idle.put(remembered.key(), remembered.memory());
        if (idle.size() >= MAX_EVICTIONS) {
          break;
        }
      }
    }
    if (idle.isEmpty()) {
      return Effect().none();
    }
    evicting = true;
    int current = life;
    context.pipeToSelf(
        settings.remains().keep(entityId, sink, idle),
        (done, failure) -> new Evicted(current, idle, failure));
    return Effect().none();
  }

  private Effect<Advanced, StageState> onEvicted(StageState state, Evicted answer) {
    if (answer.life() != life) {
      return Effect().none();
    }
    evicting = false;
    if (answer.failure() != null) {
      context.getLog().warn("sink={} keeps idle series: {}", name, answer.failure().toString());
      return Effect().none();
    }
    List<Change> changes = new ArrayList<>();
    answer
        .memories()
        .forEach(
            (key, memory) -> {
              Remembered now = state.get(key);
              if (now != null && now.memory() == memory) {
                changes.add(new Change(now.number(), null, null));
              }
            });
    if (changes.isEmpty()) {
      return Effect().none();
    }
    PipelineMetrics.EVICTED.labelValues(name).inc(changes.size());
    return Effect()
        .persist(
            new Advanced(
                state.number() + 1,
                delivered,
                settings.nowMicros() / 1_000_000,
                settings.version(),
                null,
                true,
                changes,
                SampleBatch.of(List.of())))
        .thenRun(() -> context.getSelf().tell(Evict.INSTANCE));
  }

  private void onRecovered(StageState state) {
    reset();
    delivered = state.delivered();
    state.outbox().forEach(this::send);
    deliver();
    residence.recovered("outbox=" + outboxSamples);
    show();
    SinkDefinition sink = settings.sinkOrNothing(name);
    if (isRedefined(state, sink)) {
      context.getSelf().tell(Commit.INSTANCE);
    } else if (!state.definition().isEmpty()) {
      watchAll(state, sink);
    }
    Duration pause = settings.idleAfter().dividedBy(4);
    timers.startTimerWithFixedDelay(
        Evict.INSTANCE, pause.compareTo(MIN_EVICTION_PAUSE) < 0 ? MIN_EVICTION_PAUSE : pause);
  }

  private void onRecoveryFailed(StageState state, RecoveryFailed failed) {
    context
        .getLog()
        .error("sink={} a stage cannot be recovered: {}", name, failed.getFailure().toString());
  }

  private void startAgain() {
    context.getLog().warn("sink={} a stage failed, it starts again", name);
    residence.failed();
    reset();
  }

  /** Only its shard stops it, and that to go elsewhere. */
  private void onStopped() {
    reset();
    settings.states().remove(entityId);
    residence.handedOver(context.getSystem());
  }

  /** For those who look at the cluster. */
  private void show() {
    settings.states().put(entityId, new StageBacklog(entityId, waitingSamples, outboxSamples));
  }

  /** Forgets all that is not in the journal; who waits for an answer is told to come again. */
  private void reset() {
    Unavailable reply = new Unavailable("a stage of the sink " + name + " starts again");
    waiting.forEach(batch -> batch.replyTo().tell(reply));
    committing.forEach(batch -> batch.replyTo().tell(reply));
    callers.forEach(caller -> caller.replyTo().tell(reply));
    waiting.clear();
    committing.clear();
    callers.clear();
    outbox.clear();
    deadlines.clear();
    recalled.clear();
    timers.cancelAll();
    waitingSamples = 0;
    outboxSamples = 0;
    delivering = false;
    recalling = false;
    evicting = false;
    failures = 0;
    life++;
  }
}
