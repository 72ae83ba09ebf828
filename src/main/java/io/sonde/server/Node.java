package io.sonde.server;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import io.sonde.audit.ArchiveSettings;
import io.sonde.audit.AuditService;
import io.sonde.audit.Explainer;
import io.sonde.audit.JournalArchiver;
import io.sonde.audit.PeriodService;
import io.sonde.cluster.ClusterService;
import io.sonde.cluster.MembershipLog;
import io.sonde.cluster.NodeAgent;
import io.sonde.cluster.Role;
import io.sonde.collector.Collectors;
import io.sonde.http.ApiRoutes;
import io.sonde.http.ApiServices;
import io.sonde.http.HttpServer;
import io.sonde.http.HttpSettings;
import io.sonde.model.Door;
import io.sonde.model.Provenance;
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
import io.sonde.store.Database;
import io.sonde.store.DeadLetterStore;
import io.sonde.store.DiscoveredStore;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore;
import io.sonde.store.JournalStore;
import io.sonde.store.PeriodStore;
import io.sonde.store.PipelineStore;
import io.sonde.store.QueryStore;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node while it is a member of a cluster: only wiring. It ends with its actor system; what
 * outlives that is in {@link NodeProcess}.
 */
final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private final ActorSystem<Void> system;
  private final NodeSettings settings;
  private final Database database;
  private final Set<Role> roles;
  private LivePipelines pipelines;
  private Publishing publishing;
  private Readiness readiness;
  private Polling polling;
  private ApiServices services;
  private Function<String, NodeAgent.Facts> facts;
  private InetSocketAddress address;

  private Node(ActorSystem<Void> system, NodeSettings settings, Database database) {
    this.system = system;
    this.settings = settings;
    this.database = database;
    this.roles = Role.of(settings.cluster().roles());
  }

  /**
   * Starts all that works for the cluster, which the actor system is about to join: a member whose
   * shard regions are missing would hold the others up.
   *
   * @param pipelineReader reads the definitions of the pipelines anew
   */
  static Node prepare(
      ActorSystem<Void> system,
      NodeSettings settings,
      Database database,
      Supplier<PipelineSettings> pipelineReader) {
    Node node = new Node(system, settings, database);
    node.prepare(pipelineReader);
    return node;
  }

  /** The port that it serves HTTP on. */
  int httpPort() {
    return address.getPort();
  }

  /** The pipelines that were in force last. */
  PipelineSettings pipelinesInForce() {
    return pipelines.get();
  }

  /** Lets go of what its actor system, which has ended, did not hold. */
  void close() {
    publishing.close();
  }

  private void prepare(Supplier<PipelineSettings> pipelineReader) {
    Slots slots = Slots.loadOrCreate(database, settings.collector().collectors());
    MembershipLog.start(system);
    Executor blocking =
        system.dispatchers().lookup(DispatcherSelector.fromConfig("sonde.blocking-dispatcher"));
    PipelineStore pipelineStore = new PipelineStore(database);
    pipelines =
        new LivePipelines(
            settings.pipeline(),
            pipelineReader,
            version ->
                pipelineStore.recordVersion(
                    version.version(), version.tag(), version.definitions()));
    publishing =
        new Publishing(
            settings.publish(),
            settings.pipeline().publications(),
            settings.pipeline().events().publications(),
            database,
            slots,
            blocking);
    Collectors collectors = startCollectors(slots, blocking);
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
    readiness = new Readiness(system, collectors, needed::missing, database, blocking);
    EventService events = new EventService(eventStore, settings.eventRetention(), blocking);
    polling = new Polling(system, settings.polling(), blocking);
    if (!roles.contains(Role.POLLER)) {
      polling.reach();
    }
    AuditService audit = new AuditService(database, slots.collectors(), settings.audit(), blocking);
    PeriodService periods =
        new PeriodService(
            queries,
            new PeriodStore(database),
            collectors::clocks,
            audit,
            settings.audit().key(),
            settings.retention()::cutoff,
            settings.periods().corrected(),
            blocking);
    services =
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
            audit,
            periods,
            settings.periods().meters(),
            agent::refusal,
            readiness::reason,
            roles.contains(Role.API),
            new ClusterService(system)::view,
            new Explainer(database));
    if (roles.contains(Role.COLLECTOR)) {
      hourly(events::dropOld, blocking);
      hourly(publishing::dropForgotten, blocking);
      settings
          .audit()
          .interval()
          .ifPresent(interval -> every(interval, interval, audit::tick, blocking));
      archive(slots.collectors(), audit, blocking);
    }
    if (roles.contains(Role.NOTIFICATION)) {
      hourly(notifications::dropOld, blocking);
    }
    facts =
        url ->
            new NodeAgent.Facts(
                Version.NUMBER,
                url,
                readiness::reason,
                agent::inFlight,
                collectors::states,
                publishing::lags,
                stages::states);
    stopInOrder(live, collectors);
  }

  /** What is archived is in the log, and outlets have the checkpoint. */
  private void archive(int collectors, AuditService audit, Executor blocking) {
    ArchiveSettings journal = settings.journal();
    if (journal.directory() == null) {
      return;
    }
    JournalArchiver archiver =
        new JournalArchiver(
            database,
            collectors,
            journal,
            settings.publish().maxBehindAge(),
            settings.audit(),
            Clock.systemUTC());
    Runnable work =
        () -> {
          audit.tick();
          archiver.tick();
        };
    every(journal.interval(), journal.interval(), work, blocking);
  }

  /**
   * Opens the doors, when the actor system is a member.
   *
   * @param httpPort the port to listen on; 0 takes a free one
   * @throws StartupException when the HTTP address cannot be had
   */
  void open(int httpPort) {
    HttpSettings http = settings.http().withPort(httpPort);
    readiness.watch();
    address = bind(http);
    String url = "http://" + settings.http().host() + ":" + address.getPort();
    NodeAgent.start(system, facts.apply(url));
    readiness
        .firstTime()
        .thenRun(
            () -> {
              LOG.info("ready: {}", url);
              if (roles.contains(Role.NOTIFICATION)) {
                listen(services.notifications());
              }
              if (roles.contains(Role.POLLER)) {
                polling.start(
                    url + "/metrics",
                    batch -> services.intake().apply(Door.POLLING, batch),
                    services.eventIntake(),
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

  /** Every node does: together they are done no later than one alone. */
  private void hourly(Runnable work, Executor blocking) {
    every(Duration.ofMinutes(1), EventRetention.INTERVAL, work, blocking);
  }

  private void every(Duration first, Duration interval, Runnable work, Executor blocking) {
    system
        .scheduler()
        .scheduleWithFixedDelay(
            first, interval, () -> blocking.execute(work), system.executionContext());
  }

  private InetSocketAddress bind(HttpSettings http) {
    try {
      return HttpServer.bind(
              system,
              http,
              ApiRoutes.create(
                  system,
                  http,
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
  private void stopInOrder(LiveSamples live, Collectors collectors) {
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

  private Collectors startCollectors(Slots slots, Executor blocking) {
    return Collectors.start(
        system,
        slots,
        settings.collector(),
        settings.retention(),
        new CollectorStore(database),
        blocking,
        publishing);
  }
}
