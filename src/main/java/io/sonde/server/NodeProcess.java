package io.sonde.server;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.sonde.http.StandIn;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.store.DataDirectory;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import io.sonde.store.NodeStore;
import io.sonde.store.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's process from its start to its end. What is started last is stopped first, PostgreSQL at
 * the very end. A node that has lost its place in the cluster ends its actor system and joins anew
 * with another one, again and again, until the process is told to stop.
 */
final class NodeProcess {
  private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final Config config;
  private final Supplier<PipelineSettings> pipelineReader;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile NodeSettings settings;
  private int httpPort;
  private DataDirectory directory;
  private EmbeddedPostgres postgres;
  private DatabaseSettings databaseSettings;
  private Database database;
  private Membership membership;
  private ActorSystem<Void> system;
  private StandIn standIn;
  private boolean wasMember;

  private NodeProcess(
      NodeSettings settings, Config config, Supplier<PipelineSettings> pipelineReader) {
    this.settings = settings;
    this.httpPort = settings.http().port();
    this.config = config;
    this.pipelineReader = pipelineReader;
  }

  /**
   * Runs a node until it is told to stop.
   *
   * @param pipelineReader reads the definitions of the pipelines anew
   * @return the exit code
   * @throws StartupException when it cannot start, or can be in no cluster
   */
  static int run(NodeSettings settings, Config config, Supplier<PipelineSettings> pipelineReader)
      throws InterruptedException {
    NodeProcess process = new NodeProcess(settings, config, pipelineReader);
    Runtime.getRuntime().addShutdownHook(new Thread(process::stop, "stop"));
    try {
      process.open();
      process.goOn();
    } catch (RuntimeException e) {
      if (!process.isStopping()) {
        process.stop();
        throw e;
      }
    }
    process.stopped.await();
    return 0;
  }

  private void open() {
    JvmMetrics.builder().register();
    directory = DataDirectory.open(settings.dataDir());
    requireFree("sonde.http.port", settings.http().host(), settings.http().port());
    requireFree("sonde.cluster.port", settings.cluster().host(), settings.cluster().port());
    databaseSettings = startDatabase();
    database = Database.open(databaseSettings).withArchives(settings.journal().directory());
    Migrations.run(databaseSettings);
    membership =
        Membership.watch(
            NodeStore.open(databaseSettings), settings.cluster(), settings.database().isEmbedded());
  }

  private void goOn() throws InterruptedException {
    Duration pause = SHORTEST_PAUSE;
    do {
      openStandIn();
      // Without the database there is no cluster to be found; the first time that was an error.
      if (!wasMember || membership.isDatabaseAnswering()) {
        pause = runOnce() ? SHORTEST_PAUSE : longer(pause);
      }
    } while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS));
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }

  /**
   * From the start of an actor system to its end.
   *
   * @return whether it has been in a cluster
   */
  private boolean runOnce() {
    ActorSystem<Void> current = startSystem();
    if (current == null) {
      return false;
    }
    CompletableFuture<Done> end = current.getWhenTerminated().toCompletableFuture();
    Node node = null;
    try {
      node = Node.prepare(current, settings, database, pipelineReader);
      CompletableFuture.anyOf(membership.join(current).toCompletableFuture(), end).join();
      if (end.isDone()) {
        requireAgreement(current);
        return false;
      }
      closeStandIn();
      node.open(httpPort);
      wasMember = true;
      listeningAt(node.httpPort());
      end.join();
      // It may have been refused while it formed a cluster of its own.
      requireAgreement(current);
      return true;
    } catch (RuntimeException e) {
      RuntimeException failure =
          e instanceof CompletionException && e.getCause() instanceof RuntimeException cause
              ? cause
              : e;
      if (!wasMember || failure instanceof RefusedException) {
        throw failure;
      }
      LOG.warn("the node could not start again: {}", failure.toString());
      return false;
    } finally {
      end(current);
      membership.left();
      if (node != null && !isStopping()) {
        node.close();
        settings = settings.again(config, node.pipelinesInForce());
      }
    }
  }

  /** A port that was chosen freely is kept. */
  private synchronized void listeningAt(int port) {
    httpPort = port;
  }

  /** Null when the process stops. */
  private synchronized ActorSystem<Void> startSystem() {
    if (isStopping()) {
      return null;
    }
    system =
        ActorSystem.create(
            Behaviors.empty(),
            AkkaConfig.SYSTEM,
            Agreement.with(
                AkkaConfig.of(config, settings.cluster(), databaseSettings),
                membership.databaseId()));
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseServiceRequestsDone(),
            "open-stand-in",
            () -> CompletableFuture.runAsync(this::openStandIn).thenApply(opened -> Done.done()));
    return system;
  }

  /** Also after a start that failed halfway. */
  private static void end(ActorSystem<Void> system) {
    CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
    try {
      system
          .getWhenTerminated()
          .toCompletableFuture()
          .get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      LOG.warn("the actors did not stop in time: {}", e.toString());
      system.terminate();
    }
  }

  private static void requireAgreement(ActorSystem<Void> ended) {
    if (Membership.isRefused(CoordinatedShutdown.get(ended))) {
      String difference = Agreement.disagreement();
      throw new RefusedException(
          difference != null
              ? difference
              : "the cluster's configuration differs from this node's; the log of the member that"
                  + " was asked says in what");
    }
  }

  /** Where nothing else listens; not before the port is known. */
  private synchronized void openStandIn() {
    if (standIn != null || isStopping() || httpPort == 0) {
      return;
    }
    try {
      standIn =
          StandIn.open(
              settings.http().host(),
              httpPort,
              () -> "The node is in no cluster: " + membership.reason() + ".");
    } catch (IOException e) {
      LOG.warn("nobody answers at the HTTP address until the node is back: {}", e.toString());
    }
  }

  private synchronized void closeStandIn() {
    if (standIn != null) {
      standIn.close();
      standIn = null;
    }
  }

  private DatabaseSettings startDatabase() {
    if (!settings.database().isEmbedded()) {
      return settings.database();
    }
    postgres = EmbeddedPostgres.start(directory);
    return settings.database().at(postgres.url(), postgres.user(), postgres.password());
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** Also the way out of a start that failed halfway. */
  private void stop() {
    ActorSystem<Void> last;
    synchronized (this) {
      if (isStopping()) {
        return;
      }
      stopping.countDown();
      last = system;
    }
    closeStandIn();
    if (last != null) {
      CoordinatedShutdown.get(last).runAll(CoordinatedShutdown.jvmExitReason());
      end(last);
    }
    if (membership != null) {
      membership.close();
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
