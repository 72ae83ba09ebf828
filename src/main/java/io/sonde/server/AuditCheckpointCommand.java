package io.sonde.server;

import io.sonde.audit.AuditSettings;
import io.sonde.audit.CheckpointAgent;
import io.sonde.audit.Checkpoints;
import io.sonde.store.CheckpointStore;
import io.sonde.store.CheckpointStore.Row;
import io.sonde.store.Database;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sonde audit checkpoint}: makes a checkpoint now. */
@Command(
    name = "checkpoint",
    description =
        "Makes a checkpoint of all that was recorded, gives it to the outlets, prints it.",
    mixinStandardHelpOptions = true)
final class AuditCheckpointCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    NodeSettings settings = NodeSettings.from(options.load());
    return AuditDatabase.use(
        settings, spec, (database, collectors) -> make(database, collectors, settings.audit()));
  }

  private int make(Database database, int collectors, AuditSettings settings) {
    PrintWriter out = spec.commandLine().getOut();
    CheckpointStore store = new CheckpointStore(database);
    Checkpoints checkpoints = new Checkpoints(store, collectors, settings);
    Checkpoints.Made made = new CheckpointAgent(checkpoints, store, settings).now(Runnable::run);
    if (!made.truncated().isEmpty()) {
      made.truncated().forEach(out::println);
      return AuditCommand.DAMAGED;
    }
    Optional<Row> latest = checkpoints.latest();
    if (latest.isEmpty()) {
      return Main.complain("nothing was recorded yet", AuditCommand.CANNOT_TELL);
    }
    out.print(latest.get().note());
    out.flush();
    return AuditCommand.HOLDS;
  }
}
