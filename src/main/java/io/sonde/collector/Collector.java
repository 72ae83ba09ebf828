package io.sonde.collector;

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
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.CommandHandlerBuilder;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.Residence;
import io.sonde.model.Metadata;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import io.sonde.store.CollectorStore;
import io.sonde.store.Flush;
import io.sonde.store.SeriesRow;
import io.sonde.store.Slots;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Owns the samples of a share of all resources: write-ahead log, head and chunks. Promises: a
 * sample whose {@link Add} was answered with {@link Added} is durable, is seen by every later
 * {@link Read}, and counts once however often it comes.
 *
 * <p>Batches gather outside the state while a journal write is in flight, and then become one write
 * (group commit). The state is mutable; that is safe because only command handlers read it, and
 * because after a failed write it is rebuilt from an immutable marker, see
 * docs/adr/0004-mutable-head.md.
 */
public final class Collector
    extends EventSourcedBehavior<Collector.Command, Collector.Appended, Collector.State> {

  public static final EntityTypeKey<Command> TYPE_KEY =
      EntityTypeKey.create(Command.class, EntityKind.COLLECTOR.typeName());

  private static final Duration FLUSH_CHECK = Duration.ofMillis(500);
  private static final Duration FIRST_DROP = Duration.ofMinutes(1);
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  /**
   * Once the database is back, what is left of this pause is time without service, after the up to
   * five seconds that a pool of connections lets pass between two tries.
   */
  private static final Duration MAX_RESTART_BACKOFF = Duration.ofSeconds(1);

  // Protocol

  public sealed interface Command {}

  /** Take samples that came through this sink; answered when they are durable and visible. */
  public record Add(String sink, SampleBatch batch, ActorRef<AddReply> replyTo)
      implements Command {}

  /** Answer what is not in chunk rows. */
  public record Read(ReadRequest request, ActorRef<ReadReply> replyTo) implements Command {}

  /** Answer when recovered. */
  public record Ping(ActorRef<Pong> replyTo) implements Command {}

  /** Tell what series numbers and metadata ids stand for; for readers of the journal. */
  public record Describe(Set<Integer> numbers, Set<UUID> metadata, ActorRef<Described> replyTo)
      implements Command {}

  /** Hand over: finish what is in flight and stop. */
  public enum Stop implements Command {
    INSTANCE
  }

  private interface Local extends NoSerializationVerificationNeeded {}

  private enum Commit implements Command, Local {
    INSTANCE
  }

  private enum FlushTick implements Command, Local {
    INSTANCE
  }

  /** Chunk rows were looked at for parked batches; failure is null when that worked. */
  private record LookedUp(Look look, Map<Integer, List<Columns>> found, Throwable failure)
      implements Command, Local {}

  private record FlushEnded(
      Flushes.Flushing flushing, CollectorStore.FlushOutcome outcome, long snapshotBytes)
      implements Command, Local {}

  private record FlushFailed(Flushes.Flushing flushing, Throwable failure)
      implements Command, Local {}

  private record Forget(long generation) implements Command, Local {}

  /** What came while the collector was broken is handed in. */
  private enum Readmitted implements Command, Local {
    INSTANCE
  }

  private enum DropTick implements Command, Local {
    INSTANCE
  }

  /** Failure is null when the work was done. */
  private record UpkeepEnded(Upkeep.Work work, Throwable failure) implements Command, Local {}

  public sealed interface AddReply {}

  public record Added(Receipt receipt) implements AddReply {}

  /** The samples may or may not be stored: hand them in again. */
  public record Refused(String reason) implements AddReply {}

  public sealed interface ReadReply {}

  /** A part of the answer; {@code more} is null after the last one. */
  public record Part(byte[] records, ActorRef<ReadCursor.Command> more) implements ReadReply {}

  /** The reader's view of the database does not fit: take a new one and ask again. */
  public record Retry(String reason) implements ReadReply {}

  /** Nothing is told before what is broken is mended. */
  public record Broken(BrokenAt at) implements ReadReply {}

  /**
   * It answers.
   *
   * @param second since 1970: nothing is recorded under an earlier one from here on, and nothing
   *     was under a later one
   */
  public record Pong(int collector, long generation, long sequence, long second) {}

  /**
   * Metadata that rows hold already is left out.
   *
   * @param isCut whether anything else is, as one message cannot hold it: ask for the rest again
   */
  public record Described(
      Map<Integer, Series> series, Map<UUID, Metadata> metadata, boolean isCut) {}

  /** Told to the tailer after every commit. */
  public record Committed(long sequence) implements NoSerializationVerificationNeeded {}

  /**
   * Makes the actor that reads the journal of a collector for publishers, as a child of the
   * collector.
   */
  @FunctionalInterface
  public interface TailerFactory {
    Behavior<Committed> create(int collector, long sequence, ActorRef<Command> describer);
  }

  // Event and state

  /** The one kind of event: bytes that {@link EventBlock} wrote. */
  public static final class Appended {
    private final byte[] bytes;
    private EventBlock block;
    private byte[] hash;

    Appended(byte[] bytes) {
      this.bytes = bytes;
    }

    private Appended(EventBlock block) {
      this.bytes = block.encode();
      this.block = block;
    }

    byte[] bytes() {
      return bytes;
    }

    /** What the next event names; made once, and by the collector only. */
    byte[] hash() {
      if (hash == null) {
        hash = EventBlock.hash(bytes);
      }
      return hash;
    }

    EventBlock block() {
      return block != null ? block : EventBlock.decode(bytes);
    }
  }

  /**
   * Either {@link Empty}, which is shared between incarnations and hence immutable, or a {@link
   * Ledger} of one; whether that can be believed says {@link Recovery}.
   */
  public sealed interface State permits Empty, Ledger, Recovery.Unreadable {}

  enum Empty implements State {
    INSTANCE
  }

  // Behaviour

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final int collector;
  private final Slots slots;
  private final CollectorSettings settings;
  private final CollectorStore store;
  private final Executor blocking;
  private final TailerFactory tailers;
  private final Map<Integer, CollectorState> states;
  private final Residence residence;

  // Outside the state: forgotten, and their senders told so, when a write fails.
  private final Senders senders = new Senders();
  private Admission admission = new Admission();
  private final KnownMetadata knownMetadata = new KnownMetadata();
  private boolean lookingUp;
  private boolean isOutdated;
  private boolean isReadmitting;

  private final Recovery recovery;
  private final Flushes flushes;
  private final Upkeep upkeep;
  private ActorRef<Committed> tailer;

  /** The persistence id of a collector. */
  public static String persistenceId(int collector) {
    return PersistenceId.of(TYPE_KEY.name(), Integer.toString(collector)).id();
  }

  /**
   * A collector.
   *
   * @param collector its number
   * @param slots tell which resources are its own
   * @param retention how long samples are kept
   * @param blocking runs what waits for the database
   * @param tailers makes the reader of its journal, or null where nothing is published to the
   *     outside
   * @param states where it says how it stands with it, for anybody to read
   */
  public static Behavior<Command> create(
      int collector,
      Slots slots,
      CollectorSettings settings,
      Retention retention,
      CollectorStore store,
      Executor blocking,
      TailerFactory tailers,
      Map<Integer, CollectorState> states) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Collector(
                        context,
                        timers,
                        collector,
                        slots,
                        settings,
                        new Upkeep(retention),
                        store,
                        blocking,
                        tailers,
                        states)));
  }

  private Collector(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      int collector,
      Slots slots,
      CollectorSettings settings,
      Upkeep upkeep,
      CollectorStore store,
      Executor blocking,
      TailerFactory tailers,
      Map<Integer, CollectorState> states) {
    super(
        PersistenceId.of(TYPE_KEY.name(), Integer.toString(collector)),
        // Its own log line would print the whole statement that failed.
        SupervisorStrategy.restartWithBackoff(MIN_BACKOFF, MAX_RESTART_BACKOFF, 0.2)
            .withLoggingEnabled(false));
    this.context = context;
    this.timers = timers;
    this.collector = collector;
    this.slots = slots;
    this.settings = settings;
    this.store = store;
    this.blocking = blocking;
    this.tailers = tailers;
    this.states = states;
    this.residence = Residence.begin(EntityKind.COLLECTOR, Integer.toString(collector));
    this.recovery = new Recovery(collector);
    this.flushes = new Flushes(settings);
    this.upkeep = upkeep;
  }

  @Override
  public State emptyState() {
    return Empty.INSTANCE;
  }

  @Override
  public CommandHandler<Command, Appended, State> commandHandler() {
    CommandHandlerBuilder<Command, Appended, State> builder = newCommandHandlerBuilder();
    builder.forState(state -> isOutdated).onAnyCommand(this::onAnyWhenOutdated);
    builder
        .forAnyState()
        .onCommand(Add.class, this::onAdd)
        .onCommand(LookedUp.class, this::onLookedUp)
        .onCommand(Commit.class, this::onCommit)
        .onCommand(Read.class, this::onRead)
        .onCommand(Ping.class, this::onPing)
        .onCommand(Describe.class, this::onDescribe)
        .onCommand(FlushTick.class, this::onFlushTick)
        .onCommand(FlushEnded.class, this::onFlushEnded)
        .onCommand(FlushFailed.class, this::onFlushFailed)
        .onCommand(Forget.class, this::onForget)
        .onCommand(Readmitted.class, this::onReadmitted)
        .onCommand(DropTick.class, this::onDropTick)
        .onCommand(UpkeepEnded.class, this::onUpkeepEnded)
        .onCommand(Stop.class, this::onStop);
    return builder.build();
  }

  @Override
  public EventHandler<State, Appended> eventHandler() {
    return (state, event) -> {
      flushes.onEvent(event.bytes().length);
      return recovery.apply(state, event, this::begin);
    };
  }

  private Ledger begin() {
    Ledger ledger = new Ledger(collector);
    ledger.head().sealAt(settings.chunkSamples());
    return ledger;
  }

  @Override
  public SignalHandler<State> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .onSignal(RecoveryFailed.class, this::onRecoveryFailed)
        .onSignal(PreRestart.instance(), state -> onRestart())
        .onSignal(PostStop.instance(), state -> onStopped())
        .build();
  }

  /**
   * Also after a failed write: whatever was gathered then is not in the journal, or only by a
   * commit that came late.
   */
  private void onRecovered(State state) {
    forgetTransient("the journal could not be written");
    flushes.reset();
    recovery.end(state, lastSequenceNumber(context), store);
    if (leaveIfOutdated()) {
      return;
    }
    Ledger ledger = recovery.ledger(state);
    if (ledger != null) {
      ledger.head().sealAt(settings.chunkSamples());
      for (SeriesRow row : store.series(collector)) {
        ledger.head().describe(row.number(), row.series());
      }
    }
    // Word of work that is under way may be lost during the pause before a restart.
    upkeep.ended();
    timers.startTimerWithFixedDelay(FlushTick.INSTANCE, FLUSH_CHECK);
    timers.startTimerWithFixedDelay(DropTick.INSTANCE, FIRST_DROP, Upkeep.dropInterval());
    long sequence = sequence(state);
    residence.recovered("sequence=" + sequence);
    show(state);
    isReadmitting = ledger != null && ledger.segmentFrom() > 0;
    if (isReadmitting) {
      readmit(ledger);
    }
    if (recovery.broken() != null) {
      CollectorMetrics.BROKEN.labelValues(Integer.toString(collector)).set(1);
      context
          .getLog()
          .error(
              "collector={} is broken; nothing is told or published of it, and what comes is kept"
                  + " apart until it is mended: {}",
              collector,
              recovery.broken());
    } else if (tailers != null) {
      // A restart has stopped the one before.
      tailer = context.spawnAnonymous(tailers.create(collector, sequence, context.getSelf()));
    }
  }

  private void readmit(Ledger ledger) {
    context
        .getLog()
        .info(
            "collector={} is mended: what came meanwhile, in events {} to {}, is handed in",
            collector,
            ledger.segmentFrom(),
            ledger.segmentTo());
    context.spawnAnonymous(
        Readmission.create(
            collector,
            ledger.segmentFrom(),
            ledger.segmentTo(),
            store,
            blocking,
            context.getSelf(),
            Readmitted.INSTANCE));
  }

  private Effect<Appended, State> onReadmitted(State state, Readmitted readmitted) {
    isReadmitting = false;
    return Effect().none();
  }

  /**
   * A node that slept while slots moved finds its next write refused, and comes here: it must not
   * go on with the slots that it read at its start.
   */
  private boolean leaveIfOutdated() {
    int collectors = store.collectors();
    isOutdated = collectors != slots.collectors();
    if (isOutdated) {
      context
          .getLog()
          .error(
              "collector={} this node leaves: there are {} collectors, and were {} when it started",
              collector,
              collectors,
              slots.collectors());
      CoordinatedShutdown.get(context.getSystem()).run(SlotsMoved.INSTANCE);
    }
    return isOutdated;
  }

  /** Why a node leaves. */
  private enum SlotsMoved implements CoordinatedShutdown.Reason {
    INSTANCE
  }

  private Effect<Appended, State> onAnyWhenOutdated(State state, Command command) {
    if (command instanceof Add add) {
      add.replyTo().tell(new Refused("collector " + collector + " is moving"));
    } else if (command instanceof Read read) {
      read.replyTo().tell(new Retry("collector " + collector + " is moving"));
    } else if (command instanceof Stop) {
      return Effect().stop();
    }
    return Effect().none();
  }

  /** For those who look at the cluster; they get by with a figure that is half a second old. */
  private void show(State state) {
    states.put(
        collector,
        new CollectorState(
            collector,
            generation(state),
            sequence(state),
            flushes.events(),
            flushes.bytes(),
            admission.weight() + senders.parkedWeight(),
            flushes.ended(),
            flushes.outcome()));
  }

  private void onRestart() {
    residence.failed();
    flushes.replay();
    recovery.begin();
    CollectorMetrics.BROKEN.remove(Integer.toString(collector));
  }

  private void onStopped() {
    CollectorMetrics.BROKEN.remove(Integer.toString(collector));
    states.remove(collector);
    residence.end("stopped");
  }

  private void onRecoveryFailed(State state, RecoveryFailed failed) {
    recovery.begin();
    context
        .getLog()
        .error("collector={} cannot be recovered: {}", collector, failed.getFailure().toString());
  }

  private void forgetTransient(String reason) {
    if (senders.refuse(reason)) {
      context.getLog().warn("collector={} {}", collector, reason);
    }
    admission = new Admission();
    // Word of a look that is under way may be lost during the pause before a restart.
    lookingUp = false;
    knownMetadata.clear();
  }

  // Taking samples

  private Effect<Appended, State> onAdd(State state, Add add) {
    if (flushes.isBehind() || admission.weight() + senders.parkedWeight() > settings.maxWaiting()) {
      add.replyTo().tell(new Refused("collector " + collector + " has too much to write"));
      return Effect().none();
    }
    if (!isOwn(add.batch())) {
      add.replyTo().tell(new Refused("collector " + collector + " does not own the resource"));
      return Effect().none();
    }
    Past past = new Past(headOf(state), flushes.kept(), Map.of());
    if (admission.open(add.batch(), past.head()).doubtful(past).isEmpty()) {
      admit(add, past);
    } else {
      senders.park(add);
      lookUpParked(state);
    }
    return Effect().none();
  }

  /** Not where the sender has read slots that have moved since. */
  private boolean isOwn(SampleBatch batch) {
    for (int ref = 0; ref < batch.seriesCount(); ref++) {
      if (slots.collectorOf(batch.seriesAt(ref)) != collector) {
        return false;
      }
    }
    return true;
  }

  /** The admission has the batch at hand. */
  private void admit(Add add, Past past) {
    Admission.Admitted admitted = admission.admit(add.sink(), past);
    Receipt receipt = admitted.receipt();
    CollectorMetrics.SAMPLES.labelValues("accepted").inc(receipt.accepted());
    CollectorMetrics.SAMPLES.labelValues("duplicate").inc(receipt.duplicate());
    CollectorMetrics.SAMPLES.labelValues("conflicting").inc(receipt.conflicting());
    if (!admitted.waits()) {
      add.replyTo().tell(new Added(receipt));
      return;
    }
    if (senders.await(receipt, add.replyTo())) {
      context.getSelf().tell(Commit.INSTANCE);
    }
  }

  /** One look at a time; what is parked meanwhile shares the next one. */
  private void lookUpParked(State state) {
    List<Add> batches = senders.parked();
    if (lookingUp || batches.isEmpty()) {
      return;
    }
    lookingUp = true;
    Look look = Look.forBatches(batches, admission, headOf(state), flushes);
    context.pipeToSelf(
        CompletableFuture.supplyAsync(() -> look.find(store, collector), blocking),
        (found, failure) -> new LookedUp(look, found, failure));
  }

  private Effect<Appended, State> onLookedUp(State state, LookedUp lookedUp) {
    lookingUp = false;
    Look look = lookedUp.look();
    if (lookedUp.failure() != null) {
      context
          .getLog()
          .warn(
              "collector={} cannot look into chunk rows: {}",
              collector,
              lookedUp.failure().toString());
      senders
          .unpark(look.batches())
          .forEach(add -> add.replyTo().tell(new Refused("chunk rows cannot be looked at")));
    } else if (look.forgotten() == flushes.forgotten()) {
      // Whatever a flush moved since the look is still in memory, so nothing is doubtful any more.
      Past past = new Past(headOf(state), flushes.kept(), lookedUp.found());
      for (Add add : senders.unpark(look.batches())) {
        admission.open(add.batch(), past.head());
        admit(add, past);
      }
    }
    // Batches that are still here after a flush was forgotten must be looked up again: a sample
    // that memory knew when the look began, and that was hence not looked for, may be in rows only.
    lookUpParked(state);
    return Effect().none();
  }

  private Effect<Appended, State> onCommit(State state, Commit commit) {
    if (!senders.isAnyWaiting()) {
      return Effect().none();
    }
    senders.commit();
    List<Appended> events = takeEvents(state);
    return Effect().persist(events).thenRun(committed -> onCommitted(committed, events));
  }

  private List<Appended> takeEvents(State state) {
    EventBlock.Segment segment = recovery.segment();
    long sequence = segment == null ? sequence(state) : lastSequenceNumber(context);
    byte[] hash = segment == null ? chainHash(state) : recovery.lastHash();
    long now = second(state);
    List<Appended> events = new ArrayList<>();
    for (EventBlock.Builder builder : admission.take()) {
      EventBlock block =
          builder.build(
              collector,
              ++sequence,
              now,
              hash,
              segment,
              segment == null ? knownMetadata::contains : id -> false);
      Appended event = new Appended(block);
      block.newMetadata().forEach(metadata -> knownMetadata.add(metadata.id()));
      hash = event.hash();
      events.add(event);
    }
    return events;
  }

  /** The second, since 1970, under which is recorded what is recorded now. */
  private static long second(State state) {
    // A clock that is set back, or another node's: what questions as of a second saw must stay.
    long last = state instanceof Ledger ledger ? ledger.recordedAt() : 0;
    return Math.max(last, Instant.now().getEpochSecond());
  }

  private void onCommitted(State state, List<Appended> events) {
    senders.committed();
    CollectorMetrics.EVENTS.inc(events.size());
    events.forEach(event -> CollectorMetrics.EVENT_BYTES.inc(event.bytes().length));
    if (tailer != null && recovery.broken() == null) {
      tailer.tell(new Committed(sequence(state)));
    }
  }

  // Reading

  private Effect<Appended, State> onRead(State state, Read read) {
    ReadRequest request = read.request();
    if (recovery.broken() != null) {
      read.replyTo().tell(new Broken(recovery.broken()));
      return Effect().none();
    }
    if (isReadmitting) {
      read.replyTo()
          .tell(new Retry("collector " + collector + " was mended, and takes in what came"));
      return Effect().none();
    }
    long generation = generation(state);
    long sequence = sequence(state);
    if (request.generation() > generation || request.sequence() > sequence) {
      return stopAsStale("a reader saw generation " + request.generation(), read);
    }
    List<Generation> kept = flushes.kept();
    long oldestKept = kept.isEmpty() ? generation + 1 : kept.get(0).number();
    if (request.generation() + 1 < oldestKept) {
      read.replyTo().tell(new Retry("generation " + request.generation() + " is not kept"));
      return Effect().none();
    }
    List<byte[]> parts = ReadAnswer.of(request, headOf(state), kept);
    ActorRef<ReadCursor.Command> more =
        parts.size() == 1
            ? null
            : context.spawnAnonymous(ReadCursor.create(parts.subList(1, parts.size())));
    read.replyTo().tell(new Part(parts.get(0), more));
    return Effect().none();
  }

  private Effect<Appended, State> stopAsStale(String sign, Read read) {
    context.getLog().warn("collector={} is not the owner any more: {}", collector, sign);
    residence.end("ends here: it is not the owner any more");
    read.replyTo().tell(new Retry("collector " + collector + " is moving"));
    forgetTransient("the collector is moving");
    return Effect().stop();
  }

  private Effect<Appended, State> onPing(State state, Ping ping) {
    ping.replyTo().tell(new Pong(collector, generation(state), sequence(state), second(state)));
    return Effect().none();
  }

  private Effect<Appended, State> onDescribe(State state, Describe describe) {
    if (recovery.broken() != null) {
      // Whoever asks waits, and asks again.
      return Effect().none();
    }
    Head head = headOf(state);
    if (describe.numbers().stream().anyMatch(number -> number >= head.nextNumber())) {
      // A write that was given up came late after all. The tailer is told by its end.
      context.getLog().warn("collector={} lacks an event of its journal", collector);
      residence.end("ends here: it lacks an event of its journal");
      forgetTransient("the collector is moving");
      return Effect().stop();
    }
    Map<UUID, Metadata> metadata = new HashMap<>(head.newMetadata());
    flushes.kept().forEach(generation -> metadata.putAll(generation.metadata()));
    describe
        .replyTo()
        .tell(Description.of(describe, number -> head.entry(number).series(), metadata::get));
    return Effect().none();
  }

  // Flushing

  private Effect<Appended, State> onFlushTick(State state, FlushTick tick) {
    Ledger ledger = recovery.ledger(state);
    if (ledger != null && !isReadmitting && flushes.isDue()) {
      write(flushes.begin(ledger));
    }
    show(state);
    return Effect().none();
  }

  private void write(Flushes.Flushing current) {
    context.pipeToSelf(
        CompletableFuture.supplyAsync(
            () -> {
              long start = System.nanoTime();
              Flush flush =
                  FlushWriter.flush(
                      collector,
                      current.generation(),
                      current.token(),
                      current.chainHash(),
                      current.sequence());
              CollectorStore.FlushOutcome outcome = store.flush(flush);
              CollectorMetrics.FLUSH_SECONDS.observe((System.nanoTime() - start) / 1e9);
              return new FlushEnded(current, outcome, flush.snapshot().payload().length);
            },
            blocking),
        (ended, failure) -> failure == null ? ended : new FlushFailed(current, failure));
  }

  private Effect<Appended, State> onFlushEnded(State state, FlushEnded ended) {
    if (!flushes.isUnderWay(ended.flushing())) {
      return Effect().none();
    }
    ended(ended.outcome().name().toLowerCase(Locale.ROOT));
    switch (ended.outcome()) {
      case WRITTEN -> {
        long number = ended.flushing().generation().number();
        flushes.written(ended.snapshotBytes());
        timers.startSingleTimer("forget " + number, new Forget(number), settings.keepFlushed());
        keepUp(state);
        return Effect().none();
      }
      case NOT_WRITTEN -> {
        write(ended.flushing());
        return Effect().none();
      }
      default -> {
        context.getLog().warn("collector={} was flushed by another owner", collector);
        residence.end("ends here: it was flushed by another owner");
        forgetTransient("the collector is moving");
        return Effect().stop();
      }
    }
  }

  private void ended(String outcome) {
    CollectorMetrics.FLUSHES.labelValues(outcome).inc();
    flushes.ended(outcome);
  }

  /** It may have been written all the same: the next try asks, as its first statement finds out. */
  private Effect<Appended, State> onFlushFailed(State state, FlushFailed failed) {
    if (!flushes.isUnderWay(failed.flushing())) {
      return Effect().none();
    }
    ended("failed");
    context
        .getLog()
        .warn(
            "collector={} flush failed, trying again: {}", collector, failed.failure().toString());
    Duration pause =
        MIN_BACKOFF.plusMillis(ThreadLocalRandom.current().nextLong(MAX_BACKOFF.toMillis()));
    timers.startSingleTimer(
        "flush again",
        new FlushEnded(failed.flushing(), CollectorStore.FlushOutcome.NOT_WRITTEN, 0),
        pause);
    return Effect().none();
  }

  private Effect<Appended, State> onForget(State state, Forget forget) {
    flushes.forget(forget.generation());
    return Effect().none();
  }

  // Upkeep of chunk rows

  /** Merges only while no flush is under way: what is worn must be in rows. */
  private void keepUp(State state) {
    Upkeep.Work work = upkeep.next(headOf(state), flushes.underWay() == null);
    if (work != null) {
      start(work);
    }
  }

  private Effect<Appended, State> onDropTick(State state, DropTick tick) {
    upkeep.dropIsDue();
    keepUp(state);
    return Effect().none();
  }

  private void start(Upkeep.Work work) {
    context.pipeToSelf(
        CompletableFuture.runAsync(() -> work.run(store, collector), blocking),
        (done, failure) -> new UpkeepEnded(work, failure));
  }

  private Effect<Appended, State> onUpkeepEnded(State state, UpkeepEnded ended) {
    upkeep.ended();
    if (ended.failure() != null) {
      context
          .getLog()
          .warn(
              "collector={} upkeep of chunk rows failed, tried again after the next flush: {}",
              collector,
              ended.failure().toString());
      if (ended.work() instanceof Upkeep.Merge merge) {
        headOf(state).postpone(merge.days().keySet());
      }
      return Effect().none();
    }
    if (ended.work() instanceof Upkeep.Merge merge) {
      headOf(state).mend(merge.days());
    }
    keepUp(state);
    return Effect().none();
  }

  private Effect<Appended, State> onStop(State state, Stop stop) {
    residence.handedOver(context.getSystem());
    forgetTransient("the collector is moving");
    return Effect().stop();
  }

  private Head headOf(State state) {
    Ledger ledger = recovery.ledger(state);
    return ledger == null ? new Head() : ledger.head();
  }

  private long generation(State state) {
    Ledger ledger = recovery.ledger(state);
    return ledger == null ? 0 : ledger.generation();
  }

  private long sequence(State state) {
    Ledger ledger = recovery.ledger(state);
    return ledger == null ? 0 : ledger.sequence();
  }

  private byte[] chainHash(State state) {
    Ledger ledger = recovery.ledger(state);
    return ledger == null ? EventBlock.NO_PREDECESSOR : ledger.chainHash();
  }
}
