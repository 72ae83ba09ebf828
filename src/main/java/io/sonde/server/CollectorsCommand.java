package io.sonde.server;

import io.sonde.collector.Growth;
import io.sonde.store.DataDirectory;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EmbeddedPostgres;
import io.sonde.store.Migrations;
import io.sonde.store.NodeStore;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde collectors}: raises the number of collectors of a database that no node uses. */
@Command(
    name = "collectors",
    description =
        "Raises the number of collectors of an existing database. All nodes must be stopped.",
    mixinStandardHelpOptions = true)
final class CollectorsCommand implements Callable<Integer> {
  private static final Duration STOPPED = Duration.ofSeconds(10);

  @Parameters(paramLabel = "N", description = "how many there shall be")
  private int collectors;

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    NodeSettings settings = NodeSettings.from(options.load());
    if (!settings.database().isEmbedded()) {
      requireNoNode(settings.database());
      grow(settings, settings.database());
      return 0;
    }
    try (DataDirectory directory = DataDirectory.open(settings.dataDir())) {
      EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
      try {
        grow(
            settings, settings.database().at(postgres.url(), postgres.user(), postgres.password()));
        return 0;
      } finally {
        postgres.stop();
      }
    }
  }

  private static void requireNoNode(DatabaseSettings at) {
    // The table may be missing, or older than this version.
    Migrations.run(at);
    try (NodeStore nodes = NodeStore.open(at)) {
      for (NodeStore.Row node : nodes.read().rows()) {
        if (node.age().compareTo(STOPPED) < 0) {
          throw new StartupException(
              "the node at %s was seen %d ms ago: stop all nodes first; one that was killed is taken for dead after %d s"
                  .formatted(node.address(), node.age().toMillis(), STOPPED.toSeconds()));
        }
      }
    }
  }

  private void grow(NodeSettings settings, DatabaseSettings at) {
    PrintWriter out = spec.commandLine().getOut();
    try (Database database = Database.open(at)) {
      Migrations.run(at);
      Slots slots =
          Slots.load(database)
              .orElseThrow(
                  () ->
                      new StartupException(
                          "the database is new: its first node makes as many collectors as"
                              + " sonde.collector.collectors says"));
      if (collectors == slots.collectors()) {
        out.println("there are " + collectors + " collectors already");
        return;
      }
      if (collectors < slots.collectors() || collectors > Slots.COUNT) {
        throw new ParameterException(
            spec.commandLine(),
            "%d: a number from %d, which there are now, to %d was expected"
                .formatted(collectors, slots.collectors(), Slots.COUNT));
      }
      new Growth(
              database,
              settings.collector(),
              line -> {
                out.println(line);
                out.flush();
              })
          .to(slots, collectors);
    }
  }
}
