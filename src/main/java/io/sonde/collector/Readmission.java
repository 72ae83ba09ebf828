package io.sonde.collector;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.store.CollectorStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Hands samples that came while a collector was broken in again, once it is mended: one event of
 * their segment after the other, as from any sender, so that each counts once. What was handed in
 * before a crash is a copy then. A child of the collector, which tells nothing until it is told
 * that this is done.
 */
final class Readmission {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private sealed interface Command extends NoSerializationVerificationNeeded {}

  /** Failure is null where the event could be read; its bytes are null where it is no row. */
  private record Loaded(byte[] event, Throwable failure) implements Command {}

  private record Answered(Collector.AddReply reply) implements Command {}

  private enum Again implements Command {
    INSTANCE
  }

  private record Batch(String sink, SampleBatch samples) {}

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final int collector;
  private final long last;
  private final CollectorStore store;
  private final Executor blocking;
  private final ActorRef<Collector.Command> owner;
  private final Collector.Command whenDone;
  private final ActorRef<Collector.AddReply> replies;
  // A group of events that were written together names its series in the first ones.
  private final Map<Integer, Series> series = new HashMap<>();
  private final Queue<Batch> batches = new ArrayDeque<>();
  private long next;

  /**
   * A readmission.
   *
   * @param first number of the first event of the segment
   * @param last number of its last event; there may be others between them
   * @param whenDone what the owner is told then
   */
  static Behavior<?> create(
      int collector,
      long first,
      long last,
      CollectorStore store,
      Executor blocking,
      ActorRef<Collector.Command> owner,
      Collector.Command whenDone) {
    return Behaviors.<Command>setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Readmission(
                            context, timers, collector, first, last, store, blocking, owner,
                            whenDone)
                        .behavior()));
  }

  private Readmission(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      int collector,
      long first,
      long last,
      CollectorStore store,
      Executor blocking,
      ActorRef<Collector.Command> owner,
      Collector.Command whenDone) {
    this.context = context;
    this.timers = timers;
    this.collector = collector;
    this.next = first;
    this.last = last;
    this.store = store;
    this.blocking = blocking;
    this.owner = owner;
    this.whenDone = whenDone;
    this.replies = context.messageAdapter(Collector.AddReply.class, Answered::new);
  }

  private Behavior<Command> behavior() {
    load();
    return Behaviors.receive(Command.class)
        .onMessage(Loaded.class, this::onLoaded)
        .onMessage(Answered.class, this::onAnswered)
        .onMessage(Again.class, again -> goOn())
        .build();
  }

  private void load() {
    long sequence = next;
    context.pipeToSelf(
        CompletableFuture.supplyAsync(
            () -> store.event(Collector.persistenceId(collector), sequence), blocking),
        Loaded::new);
  }

  private Behavior<Command> onLoaded(Loaded loaded) {
    if (loaded.failure() != null) {
      context.getLog().warn("collector={} cannot read event {}", collector, next, loaded.failure());
      return waitABit();
    }
    if (loaded.event() != null) {
      EventBlock event = EventBlock.decode(loaded.event());
      if (event.segment() != null) {
        batches.addAll(batches(event));
      }
    }
    next++;
    return goOn();
  }

  /** Its samples, by the way that they came. */
  private List<Batch> batches(EventBlock event) {
    if (event.firstNewNumber() == 0 && !event.newSeries().isEmpty()) {
      series.clear();
    }
    for (int i = 0; i < event.newSeries().size(); i++) {
      series.put(event.firstNewNumber() + i, event.newSeries().get(i));
    }
    Map<UUID, Metadata> metadata = new HashMap<>();
    event.newMetadata().forEach(one -> metadata.put(one.id(), one));
    Map<Integer, SampleBatch.Builder> bySink = new LinkedHashMap<>();
    for (int i = 0; i < event.size(); i++) {
      SampleBatch.Builder batch =
          bySink.computeIfAbsent(event.sinkRef(i), sink -> new SampleBatch.Builder(16));
      batch.add(
          batch.ref(series.get(event.number(i))),
          event.timestamp(i),
          event.volume(i),
          event.key(i),
          batch.ref(metadata.get(event.metadata(i))));
    }
    List<Batch> all = new ArrayList<>();
    bySink.forEach((sink, batch) -> all.add(new Batch(event.sinks().get(sink), batch.build())));
    return all;
  }

  private Behavior<Command> onAnswered(Answered answered) {
    if (answered.reply() instanceof Collector.Refused) {
      return waitABit();
    }
    batches.remove();
    return goOn();
  }

  private Behavior<Command> waitABit() {
    timers.startSingleTimer(Again.INSTANCE, PAUSE);
    return Behaviors.same();
  }

  private Behavior<Command> goOn() {
    if (!batches.isEmpty()) {
      owner.tell(new Collector.Add(batches.peek().sink(), batches.peek().samples(), replies));
    } else if (next <= last) {
      load();
    } else {
      owner.tell(whenDone);
      return Behaviors.stopped();
    }
    return Behaviors.same();
  }
}
