package io.sonde.collector;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.Members;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.Role;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.store.CollectorStore;
import io.sonde.store.Slots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** The way to all collectors of the cluster, wherever they run. Safe for use by many threads. */
public final class Collectors {
  /** Calls to one collector that may be under way from this node, of adding and of reading each. */
  private static final int CALLS_AT_ONCE = 64;

  private record Way(EntityRef<Collector.Command> collector, Lane adds, Lane reads) {}

  private final List<Way> ways = new ArrayList<>();
  private final Slots slots;
  private final CollectorSettings settings;
  private final Members members;
  private final Map<Integer, CollectorState> states;
  private volatile boolean isClosed;

  /** Makes this node one that runs collectors, where it has the role; others only reach them. */
  public static Collectors start(
      ActorSystem<?> system,
      Slots slots,
      CollectorSettings settings,
      Retention retention,
      CollectorStore store,
      Executor blocking,
      Collector.TailerFactory tailers) {
    ClusterSharding sharding = ClusterSharding.get(system);
    Map<Integer, CollectorState> states = new ConcurrentSkipListMap<>();
    sharding.init(
        EntityKind.COLLECTOR.placed(
            Entity.of(
                    Collector.TYPE_KEY,
                    entity ->
                        Collector.create(
                            Integer.parseInt(entity.getEntityId()),
                            slots,
                            settings,
                            retention,
                            store,
                            blocking,
                            tailers,
                            states))
                .withMessageExtractor(new OneShardEach())
                .withStopMessage(Collector.Stop.INSTANCE)
                // Its recovery waits for the database.
                .withEntityProps(DispatcherSelector.fromConfig("sonde.collector-dispatcher"))));
    return new Collectors(
        sharding, slots, settings, system.executionContext(), new Members(system), states);
  }

  private Collectors(
      ClusterSharding sharding,
      Slots slots,
      CollectorSettings settings,
      Executor executor,
      Members members,
      Map<Integer, CollectorState> states) {
    this.members = members;
    this.states = states;
    this.slots = slots;
    this.settings = settings;
    for (int i = 0; i < slots.collectors(); i++) {
      ways.add(
          new Way(
              sharding.entityRefFor(Collector.TYPE_KEY, Integer.toString(i)),
              new Lane(CALLS_AT_ONCE, executor),
              new Lane(CALLS_AT_ONCE, executor)));
    }
  }

  /**
   * Takes nothing any more. Called when the shards are about to leave this node: what came now
   * would wait in a buffer for a collector that does not start again here.
   */
  public void close() {
    isClosed = true;
  }

  /** The collector that owns a resource. */
  public int collectorOf(String resourceId) {
    return slots.collectorOf(resourceId);
  }

  /** Asks one collector for what is not in chunk rows. */
  public CompletionStage<Collector.ReadReply> read(
      int collector, ReadRequest request, Duration timeout) {
    Way way = ways.get(collector);
    return reached(
        () ->
            way.reads()
                .run(
                    () ->
                        way.collector()
                            .ask(replyTo -> new Collector.Read(request, replyTo), timeout)));
  }

  /** How many there are, numbered from 0. */
  public int count() {
    return ways.size();
  }

  /** Asks one collector what numbers and ids in its journal stand for. */
  public CompletionStage<Collector.Described> describe(
      int collector, Set<Integer> series, Set<UUID> metadata, Duration timeout) {
    Way way = ways.get(collector);
    return reached(
        () ->
            way.reads()
                .run(
                    () ->
                        way.collector()
                            .ask(
                                replyTo -> new Collector.Describe(series, metadata, replyTo),
                                timeout)));
  }

  /** How it stands with those that run on this node, in the order of their numbers. */
  public List<CollectorState> states() {
    return List.copyOf(states.values());
  }

  /**
   * Hands samples to the collectors that own them.
   *
   * @param sink the sink that they came through
   * @return done when all are durable and visible; fails with {@link UnavailableException} when
   *     that is not known of all
   */
  public CompletionStage<Receipt> add(String sink, SampleBatch batch) {
    if (isClosed) {
      return CompletableFuture.failedFuture(new UnavailableException("the node is stopping"));
    }
    return reached(() -> share(sink, batch));
  }

  /** Without a node that may run collectors nobody waits for one. */
  private <T> CompletionStage<T> reached(Supplier<CompletionStage<T>> call) {
    String absence = members.absence(Role.COLLECTOR);
    return absence == null
        ? call.get()
        : CompletableFuture.failedFuture(new UnavailableException(absence));
  }

  private CompletionStage<Receipt> share(String sink, SampleBatch batch) {
    CompletableFuture<Receipt> all = CompletableFuture.completedFuture(Receipt.NOTHING);
    int maxBytes = members.isAlone() ? Shares.STAYING_BYTES : Shares.TRAVELLING_BYTES;
    for (Shares.Share share : Shares.of(batch, ways.size(), slots::collectorOf, maxBytes)) {
      CompletionStage<Receipt> one =
          add(ways.get(share.collector()), sink, share.samples())
              .handle((reply, failure) -> receipt(share.collector(), reply, failure));
      all = all.thenCombine(one, Receipt::plus);
    }
    return all;
  }

  private CompletionStage<Collector.AddReply> add(Way way, String sink, SampleBatch samples) {
    return way.adds()
        .run(
            () ->
                way.collector()
                    .ask(
                        replyTo -> new Collector.Add(sink, samples, replyTo),
                        settings.askTimeout()));
  }

  /** Whether every collector has recovered and answers; fails when one does not in time. */
  public CompletionStage<Void> ping(Duration timeout) {
    return CompletableFuture.allOf(pings(timeout).toArray(CompletableFuture<?>[]::new));
  }

  /**
   * The seconds, since 1970, under which the collectors record now. What is stored by now is
   * recorded under none later than the greatest, what is still to come under none earlier than the
   * least.
   */
  public CompletionStage<LongSummaryStatistics> clocks() {
    List<CompletableFuture<Collector.Pong>> pings = pings(settings.askTimeout());
    return CompletableFuture.allOf(pings.toArray(CompletableFuture<?>[]::new))
        .handle(
            (all, failure) -> {
              if (failure != null) {
                throw new UnavailableException("a collector does not answer", failure);
              }
              return pings.stream().mapToLong(ping -> ping.join().second()).summaryStatistics();
            });
  }

  private List<CompletableFuture<Collector.Pong>> pings(Duration timeout) {
    return ways.stream()
        .map(
            way ->
                way.collector()
                    .<Collector.Pong>ask(Collector.Ping::new, timeout)
                    .toCompletableFuture())
        .toList();
  }

  private static Receipt receipt(int collector, Collector.AddReply reply, Throwable failure) {
    if (failure != null) {
      throw new UnavailableException("collector " + collector + " does not answer", failure);
    }
    if (reply instanceof Collector.Added added) {
      return added.receipt();
    }
    throw new UnavailableException(((Collector.Refused) reply).reason());
  }

  /** Collectors are few and heavy: each is a shard by itself, so that they spread evenly. */
  private static final class OneShardEach
      extends ShardingMessageExtractor<ShardingEnvelope<Collector.Command>, Collector.Command> {
    @Override
    public String entityId(ShardingEnvelope<Collector.Command> envelope) {
      return envelope.entityId();
    }

    @Override
    public String shardId(String entityId) {
      return entityId;
    }

    @Override
    public Collector.Command unwrapMessage(ShardingEnvelope<Collector.Command> envelope) {
      return envelope.message();
    }
  }
}
