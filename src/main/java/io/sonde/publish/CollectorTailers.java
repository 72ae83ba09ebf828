package io.sonde.publish;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import io.sonde.collector.Collector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tailers of one collector, as its child: two for each publication, of journal and of queue,
 * and one for each publication of events that waits here.
 */
final class CollectorTailers {
  /** The publications have changed. */
  enum Changed implements NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** The tailers of a publication: of the journal, and of the queue. */
  private record Pair(ActorRef<Tailer.Command> ofJournal, ActorRef<Tailer.Command> ofQueue) {}

  private final ActorContext<Object> context;
  private final Publishing publishing;
  private final int collector;
  private final ActorRef<Collector.Command> describer;
  private final Map<Publication, Pair> tailers = new HashMap<>();
  private final Map<EventPublication, ActorRef<Tailer.Command>> eventTailers = new HashMap<>();
  // Where a publisher without a position begins in the journal.
  private long sequence;

  static Behavior<Collector.Committed> create(
      Publishing publishing, int collector, ActorRef<Collector.Command> describer, long sequence) {
    return Behaviors.setup(
            (ActorContext<Object> context) ->
                new CollectorTailers(context, publishing, collector, describer, sequence)
                    .behavior())
        .narrow();
  }

  private CollectorTailers(
      ActorContext<Object> context,
      Publishing publishing,
      int collector,
      ActorRef<Collector.Command> describer,
      long sequence) {
    this.context = context;
    this.publishing = publishing;
    this.collector = collector;
    this.describer = describer;
    this.sequence = sequence;
  }

  private Behavior<Object> behavior() {
    publishing.enter(context.getSelf());
    onChanged();
    return Behaviors.receive(Object.class)
        .onMessage(Collector.Committed.class, this::onCommitted)
        .onMessageEquals(Changed.INSTANCE, this::onChanged)
        .onSignal(PostStop.class, stop -> onStop())
        .build();
  }

  private Behavior<Object> onCommitted(Collector.Committed committed) {
    sequence = committed.sequence();
    tailers.values().forEach(pair -> pair.ofJournal().tell(Tailer.Wake.INSTANCE));
    return Behaviors.same();
  }

  /** A publisher that stays goes on where it was: its position is in the database. */
  private Behavior<Object> onChanged() {
    Map<Publication, Publisher> current = publishing.publications();
    for (Publication former : List.copyOf(tailers.keySet())) {
      if (!current.containsKey(former)) {
        Pair pair = tailers.remove(former);
        context.stop(pair.ofJournal());
        stop(pair.ofQueue());
      }
    }
    current.forEach(
        (one, publisher) -> {
          if (!tailers.containsKey(one)) {
            tailers.put(one, start(one, publisher));
          }
        });
    Map<EventPublication, EventPublisher> ofEvents = publishing.ofEvents(collector);
    for (EventPublication former : List.copyOf(eventTailers.keySet())) {
      if (!ofEvents.containsKey(former)) {
        stop(eventTailers.remove(former));
      }
    }
    ofEvents.forEach(
        (one, publisher) -> {
          if (!eventTailers.containsKey(one)) {
            eventTailers.put(
                one, woken(publishing.startEventTailer(context, one, publisher, collector)));
          }
        });
    return Behaviors.same();
  }

  private Pair start(Publication one, Publisher publisher) {
    return new Pair(
        publishing.startJournalTailer(context, one, publisher, collector, sequence, describer),
        woken(publishing.startQueueTailer(context, one, publisher, collector)));
  }

  private ActorRef<Tailer.Command> woken(ActorRef<Tailer.Command> ofQueue) {
    publishing.wakeWhenQueued(ofQueue);
    return ofQueue;
  }

  private void stop(ActorRef<Tailer.Command> ofQueue) {
    publishing.forget(ofQueue);
    context.stop(ofQueue);
  }

  private Behavior<Object> onStop() {
    publishing.leave(context.getSelf());
    tailers.values().forEach(pair -> publishing.forget(pair.ofQueue()));
    eventTailers.values().forEach(publishing::forget);
    return Behaviors.same();
  }
}
