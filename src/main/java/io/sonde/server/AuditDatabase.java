package io.sonde.server;

import io.sonde.audit.BrokenLogException;
import io.sonde.series.CorruptDataException;
import io.sonde.store.Database;
import io.sonde.store.Slots;
import picocli.CommandLine.Model.CommandSpec;

/** The database of a command of audit, and which failures are damage there. */
final class AuditDatabase {
  private AuditDatabase() {}

  /** What a command does with the database; returns its exit code. */
  @FunctionalInterface
  interface Work {
    int with(Database database, int collectors);
  }

  /** Does work with the database that is configured. */
  static int use(NodeSettings settings, CommandSpec spec, Work work) {
    try (CommandDatabase at = CommandDatabase.open(settings);
        Database database =
            Database.open(at.settings()).withArchives(settings.journal().directory())) {
      return work.with(database, Slots.load(database).map(Slots::collectors).orElse(0));
    } catch (BrokenLogException | CorruptDataException e) {
      spec.commandLine().getOut().println(e.getMessage());
      return AuditCommand.DAMAGED;
    }
  }
}
