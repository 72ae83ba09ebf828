package io.sonde.server;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.sonde.cluster.ClusterService;
import io.sonde.cluster.MembershipLog;
import io.sonde.cluster.NodeAgent;
import io.sonde.cluster.Role;
import io.sonde.collector.Collectors;
import io.sonde.http.ApiRoutes;
import io.sonde.http.ApiServices;
import io.sonde.http.HttpServer;
import io.sonde.model.Door;
import io.sonde.model.Provenance;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.notification.EventAgent;
import io.sonde.notification.ListenerSettings;
import io.sonde.notification.NotificationAgent;
import io.sonde.notification.NotificationListener;
import io.sonde.notification.Notifications;
import io.sonde.pipeline.LivePipelines;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.Pipelines;
import io.sonde.pipeline.Stages;
import io.sonde.polling.Polling;
import io.sonde.publish.Delivery;
import io.sonde.publish.Publishing;
import io.sonde.query.EventService;
import io.sonde.query.LifecycleService;
import io.sonde.query.LiveSamples;
import io.sonde.query.QueryService;
import io.sonde.store.CollectorStore;
import io.sonde.store.DataDirectory;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.DeadLetterStore;
import io.sonde.store.DiscoveredStore;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.JournalStore;
import io.sonde.store.Migrations;
import io.sonde.store.PipelineStore;
import io.sonde.store.QueryStore;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node from its start to its end: only wiring. What is started last is stopped first, PostgreSQL
 * at the very end.
 */
final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final NodeSettings settings;
  private final Config config;
  private final Supplier<PipelineSettings> pipelineReader;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private DataDirectory directory;
  private EmbeddedPostgres postgres;
  private Database database;
  private ActorSystem<Void> system;
  private boolean isStopping;

  private Node(NodeSettings settings, Config config, Supplier<PipelineSettings> pipelineReader) {
    this.pipelineReader = pipelineReader;
    this.settings = settings;
    this.config = config;
  }

  /**
   * Runs a node until it is told to stop.
   *
   * @param pipelineReader reads the definitions of the pipelines anew
   * @return the exit code
   */
  static int run(NodeSettings settings, Config config, Supplier<PipelineSettings> pipelineReader)
      throws Exception {
    Node node = new Node(settings, config, pipelineReader);
    Thread hook = new Thread(node::stop, "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      node.start();
    } catch (RuntimeException e) {
      node.stop();
      throw e;
    }
    node.system.getWhenTerminated().toCompletableFuture().get();
    if (node.isStopping()) {
      node.stopped.await();
      return 0;
    }
    LOG.error("the node left the cluster and ends; start it again to join anew");
    node.stop();
    return Main.FAILED;
  }

  private void start() {
    JvmMetrics.builder().register();
    directory = DataDirectory.open(settings.dataDir());
    requireFree("sonde.http.port", settings.http().host(), settings.http().port());
    requireFree("sonde.cluster.port", settings.cluster().host(), settings.cluster().port());
    DatabaseSettings databaseSettings = startDatabase();
    database = Database.open(databaseSettings);
    Migrations.run(databaseSettings);
    Slots slots = Slots.loadOrCreate(database, settings.collector().collectors());
    system =
        ActorSystem.create(
            Behaviors.empty(),
            AkkaConfig.SYSTEM,
            AkkaConfig.of(config, settings.cluster(), databaseSettings));
    if (settings.cluster().seedNodes().isEmpty()) {
      Cluster cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    Set<Role> roles = Role.of(settings.cluster().roles());
    MembershipLog.start(system);
    Executor blocking =
        system.dispatchers().lookup(DispatcherSelector.fromConfig("sonde.blocking-dispatcher"));
    PipelineStore pipelineStore = new PipelineStore(database);
    LivePipelines pipelines =
        new LivePipelines(
            settings.pipeline(),
            pipelineReader,
            version ->
                pipelineStore.recordVersion(
                    version.version(), version.tag(), version.definitions()));
    Publishing publishing =
        new Publishing(
            settings.publish(),
            settings.pipeline().publications(),
            settings.pipeline().events().publications(),
            database,
            slots,
            blocking);
    Collectors collectors = startCollectors(slots, blocking, publishing);
    Delivery delivery = publishing.delivery(collectors::add);
    Stages stages =
        Pipelines.start(
            system,
            pipelines,
            (sink, version, samples) -> delivery.deliver(Provenance.of(sink, version), samples),
            pipelineStore,
            blocking);
    HandOffs.watch(system);
    NotificationAgent agent =
        new NotificationAgent(
            settings.notification(),
            settings.retention(),
            settings.pipeline(),
            stages::submit,
            delivery::deliver,
            Clock.systemUTC());
    EventStore eventStore = new EventStore(database);
    EventAgent eventAgent =
        new EventAgent(
            settings.eventRetention(), settings.pipeline(), publishing.delivery(eventStore)::add);
    // The way out first: what the intake sends to new sinks must find it.
    pipelines.onChange(
        changed -> publishing.use(changed.publications(), changed.events().publications()));
    pipelines.onChange(agent::use);
    pipelines.onChange(eventAgent::use);
    Hangup.handle(() -> reload(pipelines));
    settings.definitions().notes().forEach(note -> LOG.warn("definitions: {}", note));
    Notifications notifications =
        new Notifications(
            settings.notification(),
            settings.definitions(),
            agent,
            eventAgent,
            new DeadLetterStore(database),
            blocking,
            Clock.systemUTC());
    LifecycleService lifecycles = new LifecycleService(settings.lifecycles(), eventStore, blocking);
    QueryStore rows = new QueryStore(database);
    QueryService queries = new QueryService(system, collectors, rows, lifecycles, blocking);
    LiveSamples live =
        LiveSamples.of(
            collectors,
            new JournalStore(database),
            rows,
            settings.stream().maxStreams(),
            settings.stream().buffer());
    NeededRoles needed = new NeededRoles(system, pipelines);
    Readiness readiness = Readiness.watch(system, collectors, needed::missing, database, blocking);
    EventService events = new EventService(eventStore, settings.eventRetention(), blocking);
    Polling polling = new Polling(system, settings.polling(), blocking);
    if (!roles.contains(Role.POLLER)) {
      polling.reach();
    }
    InetSocketAddress address =
        bind(
            new ApiServices(
                queries,
                live,
                pipelines,
                blocking,
                events,
                agent::submit,
                eventAgent::submit,
                notifications,
                polling.service(),
                agent::refusal,
                readiness::reason,
                roles.contains(Role.API),
                new ClusterService(system)::view));
    if (roles.contains(Role.COLLECTOR)) {
      hourly(events::dropOld, blocking);
      hourly(publishing::dropForgotten, blocking);
    }
    if (roles.contains(Role.NOTIFICATION)) {
      hourly(notifications::dropOld, blocking);
    }
    stopInOrder(readiness, live, collectors);
    String url = "http://" + settings.http().host() + ":" + address.getPort();
    NodeAgent.start(
        system,
        new NodeAgent.Facts(
            Version.NUMBER,
            url,
            readiness::reason,
            agent::inFlight,
            collectors::states,
            publishing::lags,
            stages::states));
    readiness
        .firstTime()
        .thenRun(
            () -> {
              LOG.info("ready: {}", url);
              if (roles.contains(Role.NOTIFICATION)) {
                listen(notifications);
              }
              if (roles.contains(Role.POLLER)) {
                polling.start(
                    url + "/metrics",
                    batch -> poll(agent, batch),
                    eventAgent::submit,
                    new DiscoveredStore(database));
              }
            });
  }

  /** What a listener has taken by then is dealt with before the node leaves. */
  private void listen(Notifications notifications) {
    for (ListenerSettings broker : settings.notification().listeners()) {
      NotificationListener listener = NotificationListener.start(broker, notifications);
      CoordinatedShutdown.get(system)
          .addTask(
              CoordinatedShutdown.PhaseServiceRequestsDone(),
              "stop-listener-" + broker.shown(),
              () ->
                  CompletableFuture.supplyAsync(
                      () -> {
                        listener.close();
                        return Done.done();
                      }));
    }
  }

  private static void reload(LivePipelines pipelines) {
    try {
      pipelines.reload();
    } catch (RuntimeException e) {
      LOG.error("the pipelines stay as they were: {}", e.getMessage());
    }
  }

  /** Every node with the role does: together they are done no later than one alone. */
  private void hourly(Runnable work, Executor blocking) {
    system
        .scheduler()
        .scheduleWithFixedDelay(
            Duration.ofMinutes(1),
            EventRetention.INTERVAL,
            () -> blocking.execute(work),
            system.executionContext());
  }

  private InetSocketAddress bind(ApiServices services) {
    try {
      return HttpServer.bind(
              system,
              settings.http(),
              ApiRoutes.create(
                  system,
                  settings.http(),
                  settings.remoteWrite(),
                  settings.stream(),
                  services,
                  Clock.systemUTC()))
          .toCompletableFuture()
          .join();
    } catch (CompletionException e) {
      throw new StartupException("sonde.http.port: " + e.getCause().getMessage(), e);
    }
  }

  /**
   * Streams are ended, requests that are in flight are served to the end; then, before the shards
   * leave, the collectors' door is shut.
   */
  private void stopInOrder(Readiness readiness, LiveSamples live, Collectors collectors) {
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeServiceUnbind(),
        "stop-readiness-and-streams",
        () -> {
          readiness.stop();
          live.close();
          return CompletableFuture.completedFuture(Done.done());
        });
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeClusterShutdown(),
        "close-collectors",
        () -> {
          collectors.close();
          return CompletableFuture.completedFuture(Done.done());
        });
  }

  private static CompletionStage<Receipt> poll(NotificationAgent agent, SampleBatch batch) {
    return agent.submit(Door.POLLING, batch);
  }

  private DatabaseSettings startDatabase() {
    if (!settings.database().isEmbedded()) {
      return settings.database();
    }
    postgres = EmbeddedPostgres.start(directory);
    return settings.database().at(postgres.url(), postgres.user(), postgres.password());
  }

  private Collectors startCollectors(Slots slots, Executor blocking, Publishing publishing) {
    return Collectors.start(
        system,
        slots,
        settings.collector(),
        settings.retention(),
        new CollectorStore(database),
        blocking,
        publishing);
  }

  private synchronized boolean isStopping() {
    return isStopping;
  }

  /** Also the way out of a start that failed halfway. */
  private void stop() {
    synchronized (this) {
      if (isStopping) {
        return;
      }
      isStopping = true;
    }
    try {
      if (system != null) {
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.jvmExitReason());
        system
            .getWhenTerminated()
            .toCompletableFuture()
            .get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      LOG.warn("the actors did not stop in time: {}", e.toString());
    }
    if (database != null) {
      database.close();
    }
    if (postgres != null) {
      postgres.stop();
    }
    if (directory != null) {
      directory.close();
    }
    stopped.countDown();
  }

  /** Found out before the database is started, so that the one line comes at once. */
  private static void requireFree(String path, String host, int port) {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (IOException e) {
      throw new StartupException(
          path + ": cannot listen on " + host + ":" + port + ": " + e.getMessage());
    }
  }
}
