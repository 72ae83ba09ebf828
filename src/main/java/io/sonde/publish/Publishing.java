package io.sonde.publish;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.sonde.collector.Collector;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/** All publications to the outside: gives each collector a tailer for each of them. */
public final class Publishing implements Collector.TailerFactory {
  private final Map<Publication, Publisher> publications = new LinkedHashMap<>();
  private final JournalStore journal;
  private final QueryStore queries;
  private final Executor blocking;

  /** Opens the publishers of these publications. */
  public Publishing(
      List<Publication> publications,
      Publishers publishers,
      JournalStore journal,
      QueryStore queries,
      Executor blocking) {
    for (Publication one : publications) {
      PublisherUrl url = PublisherUrl.of(one.publisher(), "sonde.pipeline.sinks");
      this.publications.put(one, publishers.create(url));
    }
    this.journal = journal;
    this.queries = queries;
    this.blocking = blocking;
  }

  @Override
  public Behavior<Collector.Committed> create(
      int collector, long sequence, ActorRef<Collector.Command> describer) {
    return Behaviors.setup(
        context -> {
          List<ActorRef<Collector.Committed>> tailers =
              publications.entrySet().stream()
                  .map(
                      entry ->
                          context.spawnAnonymous(
                              JournalTailer.create(
                                  entry.getKey(),
                                  entry.getValue(),
                                  collector,
                                  sequence,
                                  describer,
                                  journal,
                                  queries,
                                  blocking)))
                  .toList();
          return Behaviors.receiveMessage(
              committed -> {
                tailers.forEach(tailer -> tailer.tell(committed));
                return Behaviors.same();
              });
        });
  }
}
