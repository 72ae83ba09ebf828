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
import java.util.Set;

/**
 * The tailers of one collector, as its child: two for each publication, of journal and of queue.
 */
final class CollectorTailers {
  /** The publications have changed. */
  enum Changed implements NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** The tailers of a publication: of the journal, and of the queue. */
  record Pair(ActorRef<Tailer.Command> ofJournal, ActorRef<Tailer.Command> ofQueue) {}

  /** Starts the tailers of a publication. */
  @FunctionalInterface
  interface Starter {
    /**
     * Starts both as children of the actor.
     *
     * @param sequence where a publisher without a position begins in the journal
     */
    Pair start(ActorContext<?> context, Publication publication, long sequence);
  }

  private final ActorContext<Object> context;
  private final Publishing publishing;
  private final Starter starter;
  private final Map<Publication, Pair> tailers = new HashMap<>();
  private long sequence;

  static Behavior<Collector.Committed> create(
      Publishing publishing, Starter starter, long sequence) {
    return Behaviors.setup(
            (ActorContext<Object> context) ->
                new CollectorTailers(context, publishing, starter, sequence).behavior())
        .narrow();
  }

  private CollectorTailers(
      ActorContext<Object> context, Publishing publishing, Starter starter, long sequence) {
    this.context = context;
    this.publishing = publishing;
    this.starter = starter;
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
    Set<Publication> current = publishing.publications();
    for (Publication former : List.copyOf(tailers.keySet())) {
      if (!current.contains(former)) {
        stop(tailers.remove(former));
      }
    }
    for (Publication one : current) {
      if (!tailers.containsKey(one)) {
        Pair pair = starter.start(context, one, sequence);
        tailers.put(one, pair);
        publishing.wakeWhenQueued(pair.ofQueue());
      }
    }
    return Behaviors.same();
  }

  private void stop(Pair pair) {
    publishing.forget(pair.ofQueue());
    context.stop(pair.ofJournal());
    context.stop(pair.ofQueue());
  }

  private Behavior<Object> onStop() {
    publishing.leave(context.getSelf());
    tailers.values().forEach(pair -> publishing.forget(pair.ofQueue()));
    return Behaviors.same();
  }
}
