package io.sonde.publish;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import io.sonde.collector.Collector;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All publications to the outside: gives each collector a tailer for each of them.
 *
 * <p>A tailer that hands over has a thread of its own, so that a consumer that does not answer
 * takes nobody's. There are at most as many as tailers.
 */
public final class Publishing implements Collector.TailerFactory {
  private static final int DATABASE_CALLS = 2;

  private final Map<Publication, Publisher> publications = new LinkedHashMap<>();
  private final JournalStore journal;
  private final QueryStore queries;
  private final HandOver.Means means;
  private final ExecutorService threads = Executors.newCachedThreadPool(named("publish"));
  // Tailers of one publisher and collector, also a former one that still hands over, take turns.
  private final Map<String, Lock> turns = new ConcurrentHashMap<>();

  /** Opens the publishers of these publications. */
  public Publishing(
      PublishSettings settings,
      List<Publication> publications,
      JournalStore journal,
      QueryStore queries) {
    Publishers publishers = new Publishers();
    for (Publication one : publications) {
      PublisherUrl url = PublisherUrl.of(one.publisher(), "sonde.pipeline.sinks");
      this.publications.put(one, publishers.create(url));
    }
    this.journal = journal;
    this.queries = queries;
    ScheduledThreadPoolExecutor watch = new ScheduledThreadPoolExecutor(1, named("publish-watch"));
    watch.setRemoveOnCancelPolicy(true);
    means =
        new HandOver.Means(settings, watch, new Semaphore(DATABASE_CALLS, true), Clock.systemUTC());
  }

  @Override
  public Behavior<Collector.Committed> create(
      int collector, long sequence, ActorRef<Collector.Command> describer) {
    return Behaviors.setup(
        context -> {
          List<ActorRef<Tailer.Command>> tailers =
              publications.keySet().stream()
                  .map(one -> journalTailer(context, one, collector, sequence, describer))
                  .toList();
          return Behaviors.receiveMessage(
              committed -> {
                tailers.forEach(tailer -> tailer.tell(Tailer.Wake.INSTANCE));
                return Behaviors.same();
              });
        });
  }

  private ActorRef<Tailer.Command> journalTailer(
      ActorContext<?> context,
      Publication publication,
      int collector,
      long sequence,
      ActorRef<Collector.Command> describer) {
    Backlog backlog =
        new JournalBacklog(
            publication, collector, sequence, describer, context.getSystem(), journal, queries);
    return context.spawnAnonymous(
        Tailer.create(
            handOver(publication, collector, backlog), collector, Duration.ZERO, threads));
  }

  private HandOver handOver(Publication publication, int collector, Backlog backlog) {
    Lock turn =
        turns.computeIfAbsent(collector + " " + publication.name(), key -> new ReentrantLock(true));
    return new HandOver(
        publication.name(), collector, publications.get(publication), backlog, turn, means);
  }

  /** Threads that keep no process alive: what they have not handed over comes with the next one. */
  private static ThreadFactory named(String name) {
    AtomicInteger number = new AtomicInteger();
    return work -> {
      Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
