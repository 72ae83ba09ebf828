package io.sonde.server;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Collectors;
import io.sonde.collector.Retention;
import io.sonde.publish.Delivery;
import io.sonde.publish.Publication;
import io.sonde.publish.PublishSettings;
import io.sonde.publish.Publishing;
import io.sonde.query.LifecycleService;
import io.sonde.query.QueryService;
import io.sonde.store.CollectorStore;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EventStore;
import io.sonde.store.Migrations;
import io.sonde.store.QueryStore;
import io.sonde.store.Slots;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A node without doors: collectors and queries over a real database, messages serialized as between
 * nodes.
 */
public final class TestNode implements AutoCloseable {
  public final ActorSystem<Void> system;
  public final Database database;
  public final Collectors collectors;
  public final QueryService queries;
  public final Delivery delivery;

  /** Starts a node that forms a cluster by itself. */
  public static TestNode start(DatabaseSettings database, String... settings) throws Exception {
    return new TestNode(database, UnaryOperator.identity(), List.of(), null, settings);
  }

  /** Starts a node that joins another one's cluster, on the same database. */
  public static TestNode join(TestNode other, DatabaseSettings database, String... settings)
      throws Exception {
    return new TestNode(database, UnaryOperator.identity(), List.of(), other, settings);
  }

  /** As {@link #join}, with publishers to the outside. */
  public static TestNode join(
      TestNode other, DatabaseSettings database, List<Publication> publications) throws Exception {
    return new TestNode(database, UnaryOperator.identity(), publications, other);
  }

  /** As {@link #start}, with collectors that run what waits for the database as the test wants. */
  public static TestNode start(
      DatabaseSettings database, UnaryOperator<Executor> forCollectors, String... settings)
      throws Exception {
    return new TestNode(database, forCollectors, List.of(), null, settings);
  }

  /** As {@link #start}, with publishers to the outside. */
  public static TestNode start(
      DatabaseSettings database, List<Publication> publications, String... settings)
      throws Exception {
    return new TestNode(database, UnaryOperator.identity(), publications, null, settings);
  }

  private TestNode(
      DatabaseSettings settings,
      UnaryOperator<Executor> forCollectors,
      List<Publication> publications,
      TestNode other,
      String... overrides)
      throws Exception {
    Migrations.run(settings);
    database = Database.open(settings);
    Config config =
        AkkaConfig.of(
            Configuration.load(
                null,
                // Idle at once: a flush writes all that there is.
                Stream.concat(
                        Stream.of(
                            "akka.actor.serialize-messages=on", "sonde.collector.idle-after=0s"),
                        Stream.of(overrides))
                    .toList()),
            new ClusterSettings("127.0.0.1", 0, List.of(), List.of()),
            settings);
    system = ActorSystem.create(Behaviors.empty(), AkkaConfig.SYSTEM, config);
    Cluster cluster = Cluster.get(other == null ? system : other.system);
    Cluster.get(system).manager().tell(Join.create(cluster.selfMember().address()));
    Executor blocking =
        system.dispatchers().lookup(DispatcherSelector.fromConfig("sonde.blocking-dispatcher"));
    CollectorSettings collector = CollectorSettings.from(config.getConfig("sonde.collector"));
    QueryStore store = new QueryStore(database);
    Slots slots = Slots.loadOrCreate(database, collector.collectors());
    Publishing publishing =
        new Publishing(
            PublishSettings.from(config.getConfig("sonde.publish")),
            publications,
            List.of(),
            database,
            slots,
            blocking);
    collectors =
        Collectors.start(
            system,
            slots,
            collector,
            Retention.from(config.getConfig("sonde"), Clock.systemUTC()),
            new CollectorStore(database),
            forCollectors.apply(blocking),
            publications.isEmpty() ? null : publishing);
    HandOffs.watch(system);
    delivery = publishing.delivery(collectors::add);
    queries =
        new QueryService(
            system,
            collectors,
            store,
            new LifecycleService(List.of(), new EventStore(database), blocking),
            blocking);
    collectors.ping(Duration.ofSeconds(30)).toCompletableFuture().get(40, TimeUnit.SECONDS);
  }

  /** The result of a stage, waited for. */
  public static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** As {@link #get}, where checked exceptions cannot be thrown. */
  public static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    system.terminate();
    join(system.getWhenTerminated());
    database.close();
  }
}
