package io.sonde.server;

import io.sonde.audit.AuditSettings;
import io.sonde.audit.Report;
import io.sonde.audit.Since;
import io.sonde.audit.Verification;
import io.sonde.store.Database;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sonde audit verify}: whether what is stored is what was written. */
@Command(
    name = "verify",
    description = {
      "Recomputes the hash chains of the journals, and checks snapshots, series, metadata and chunk"
          + " rows. Each damage is a line.",
      "Exit code: 0 all holds, 1 damage, 2 cannot tell."
    },
    mixinStandardHelpOptions = true)
final class AuditVerifyCommand implements Callable<Integer> {
  @Option(names = "--collector", paramLabel = "N", description = "only this one; all by default")
  private Integer collector;

  @Option(
      names = "--since",
      paramLabel = "TIME|SEQUENCE",
      description =
          "begins at the first event recorded at or after that time, or at that event; what is"
              + " before is taken as given")
  private String since;

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Since from = since == null ? null : parse(since);
    NodeSettings settings = NodeSettings.from(options.load());
    return AuditDatabase.use(
        settings,
        spec,
        (database, collectors) -> verify(database, collectors, from, settings.audit()));
  }

  private Since parse(String text) {
    try {
      return Since.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--since " + text + ": a time, as 2026-01-31T00:00, or a sequence number was expected");
    }
  }

  private int verify(Database database, int collectors, Since from, AuditSettings settings) {
    if (collector != null && (collector < 0 || collector >= collectors)) {
      throw new ParameterException(
          spec.commandLine(),
          "--collector " + collector + ": a number below " + collectors + " was expected");
    }
    Report report = new Report(spec.commandLine().getOut(), spec.commandLine().getErr());
    Verification verification =
        new Verification(
            database, report, settings.key() == null ? null : settings.key().verifier());
    if (from != null) {
      verification.since(
          from,
          collector == null ? IntStream.range(0, collectors).boxed().toList() : List.of(collector));
    } else if (collector != null) {
      verification.one(collector);
    } else {
      verification.all(collectors);
    }
    if (!report.isWhole()) {
      return AuditCommand.DAMAGED;
    }
    return report.isComplete() ? AuditCommand.HOLDS : AuditCommand.CANNOT_TELL;
  }
}
