package io.sonde.publish;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.collector.Collector;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.store.Database;
import io.sonde.store.EventStore;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import io.sonde.store.QueueStore;
import io.sonde.store.Slots;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All publications to the outside: gives each collector a tailer for each of them.
 *
 * <p>A tailer that hands over has a thread of its own, so that a consumer that does not answer
 * takes nobody's. There are at most as many as tailers.
 */
public final class Publishing implements Collector.TailerFactory, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);

  private static final int DATABASE_CALLS = 2;

  /** What this node queues is told to its own tailers; other nodes find it when they look. */
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

  private final PublishSettings settings;
  private volatile Map<Publication, Publisher> publications = Map.of();
  private volatile Map<EventPublication, EventPublisher> ofEvents = Map.of();
  private final List<Consumer<Collection<Publication>>> followers = new CopyOnWriteArrayList<>();
  private final Set<ActorRef<Object>> collectors = ConcurrentHashMap.newKeySet();
  private final JournalStore journal;
  private final QueryStore queries;
  private final QueueStore queue;
  private final Slots slots;
  private final Executor blocking;
  private final HandOver.Means means;
  private final Set<ActorRef<Tailer.Command>> queueTailers = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool(named("publish"));
  private final ScheduledThreadPoolExecutor watch =
      new ScheduledThreadPoolExecutor(1, named("publish-watch"));
  // Tailers of one publisher and collector, also a former one that still hands over, take turns.
  private final Map<String, Lock> turns = new ConcurrentHashMap<>();

  /** Opens the publishers of these publications, of samples and of events. */
  public Publishing(
      PublishSettings settings,
      List<Publication> publications,
      List<EventPublication> ofEvents,
      Database database,
      Slots slots,
      Executor blocking) {
    this.settings = settings;
    this.journal = new JournalStore(database);
    this.queries = new QueryStore(database);
    this.queue = new QueueStore(database);
    this.slots = slots;
    this.blocking = blocking;
    watch.setRemoveOnCancelPolicy(true);
    means =
        new HandOver.Means(settings, watch, new Semaphore(DATABASE_CALLS, true), Clock.systemUTC());
    use(publications, ofEvents);
  }

  /**
   * Publishes these from now on. Publishers that are among them and were before stay as they are.
   */
  public synchronized void use(List<Publication> wanted, List<EventPublication> wantedOfEvents) {
    Map<String, Publisher> former = new HashMap<>();
    publications.forEach((one, publisher) -> former.put(one.publisher(), publisher));
    ofEvents.forEach((one, publisher) -> former.put(one.publisher(), publisher));
    Map<String, Publisher> open = new HashMap<>();
    Publishers publishers = new Publishers(settings.telemetrySecret());
    Function<String, Publisher> opened =
        url ->
            open.computeIfAbsent(
                url,
                any -> {
                  Publisher known = former.remove(url);
                  return known != null
                      ? known
                      : publishers.create(PublisherUrl.of(url, "sonde.pipeline.sinks"));
                });
    Map<Publication, Publisher> next = new LinkedHashMap<>();
    wanted.forEach(one -> next.put(one, opened.apply(one.publisher())));
    Map<EventPublication, EventPublisher> nextOfEvents = new LinkedHashMap<>();
    wantedOfEvents.forEach(
        one -> nextOfEvents.put(one, (EventPublisher) opened.apply(one.publisher())));
    publications = next;
    ofEvents = nextOfEvents;
    followers.forEach(follower -> follower.accept(next.keySet()));
    collectors.forEach(collector -> collector.tell(CollectorTailers.Changed.INSTANCE));
    // A hand-over that is under way fails by this: its samples wait for who comes back.
    former.values().forEach(Publisher::close);
  }

  /** How far each publisher is behind at the collectors of this node, the furthest first. */
  public List<PublisherLag> lags() {
    return PublisherMetrics.lags();
  }

  /** Closes all publishers, when there are no collectors here any more. */
  @Override
  public void close() {
    use(List.of(), List.of());
    threads.shutdown();
    watch.shutdown();
  }

  /** What is published, and by what. */
  Map<Publication, Publisher> publications() {
    return publications;
  }

  /** Which events are published by the tailers of a collector. */
  Map<EventPublication, EventPublisher> ofEvents(int collector) {
    return ofEvents.entrySet().stream()
        .filter(one -> slots.collectorOfQueue(one.getKey().name()) == collector)
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  void enter(ActorRef<Object> collector) {
    collectors.add(collector);
  }

  void leave(ActorRef<Object> collector) {
    collectors.remove(collector);
  }

  void wakeWhenQueued(ActorRef<Tailer.Command> tailer) {
    queueTailers.add(tailer);
  }

  void forget(ActorRef<Tailer.Command> tailer) {
    queueTailers.remove(tailer);
  }

  @Override
  public Behavior<Collector.Committed> create(
      int collector, long sequence, ActorRef<Collector.Command> describer) {
    return CollectorTailers.create(this, collector, describer, sequence);
  }

  /**
   * The way to make samples durable.
   *
   * @param stored stores those that come through the sinks named
   */
  public Delivery delivery(BiFunction<String, SampleBatch, CompletionStage<Receipt>> stored) {
    PublishQueue written =
        new PublishQueue(queue, slots, blocking, means.clock(), this::wakeQueueTailers);
    Delivery delivery = new Delivery(publications.keySet(), stored, written::add);
    followers.add(delivery::use);
    return delivery;
  }

  /** The way to make events durable. */
  public EventDelivery delivery(EventStore store) {
    return new EventDelivery(
        store, slots::collectorOfQueue, blocking, means.clock(), this::wakeQueueTailers);
  }

  private void wakeQueueTailers() {
    queueTailers.forEach(tailer -> tailer.tell(Tailer.Wake.INSTANCE));
  }

  /**
   * Deletes what waits in the queue for publishers that are not there any more, once it is too old.
   * Blocks.
   */
  public void dropForgotten() {
    List<String> names =
        Stream.concat(
                publications.keySet().stream().map(Publication::name),
                ofEvents.keySet().stream().map(EventPublication::name))
            .toList();
    long oldest = means.clock().instant().minus(means.settings().maxBehindAge()).getEpochSecond();
    int rows = queue.deleteOthers(names, oldest);
    if (rows > 0) {
      LOG.warn("{} rows of the queue are dropped: their publishers are not configured", rows);
    }
  }

  /** Starts the tailer of a publication in the journal of a collector. */
  ActorRef<Tailer.Command> startJournalTailer(
      ActorContext<?> context,
      Publication publication,
      Publisher publisher,
      int collector,
      long sequence,
      ActorRef<Collector.Command> describer) {
    Backlog<Publisher.Outgoing> backlog =
        new JournalBacklog(
            publication, collector, sequence, describer, context.getSystem(), journal, queries);
    return start(
        context,
        handOver(publication.name(), collector, publisher::publish, backlog),
        collector,
        Duration.ZERO);
  }

  /** Starts the tailer of a publication in the queue at a collector. */
  ActorRef<Tailer.Command> startQueueTailer(
      ActorContext<?> context, Publication publication, Publisher publisher, int collector) {
    return start(
        context,
        handOver(
            publication.name(),
            collector,
            publisher::publish,
            QueueBacklog.ofSamples(publication.name(), collector, queue)),
        collector,
        LOOK_INTERVAL);
  }

  /** Starts the tailer of a publication of events, at its collector. */
  ActorRef<Tailer.Command> startEventTailer(
      ActorContext<?> context,
      EventPublication publication,
      EventPublisher publisher,
      int collector) {
    return start(
        context,
        handOver(
            publication.name(),
            collector,
            publisher::publishEvents,
            QueueBacklog.ofEvents(publication.name(), collector, queue)),
        collector,
        LOOK_INTERVAL);
  }

  private ActorRef<Tailer.Command> start(
      ActorContext<?> context, HandOver<?> handOver, int collector, Duration lookEvery) {
    return context.spawnAnonymous(Tailer.create(handOver, collector, lookEvery, threads));
  }

  private <T> HandOver<T> handOver(
      String name, int collector, HandOver.Consumer<T> consumer, Backlog<T> backlog) {
    Lock turn = turns.computeIfAbsent(collector + " " + name, key -> new ReentrantLock(true));
    return new HandOver<>(name, collector, consumer, backlog, turn, means);
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
