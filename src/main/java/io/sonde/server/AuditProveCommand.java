package io.sonde.server;

import io.sonde.audit.Checkpoint;
import io.sonde.audit.NoCheckpointException;
import io.sonde.audit.NoteException;
import io.sonde.audit.SampleProof;
import io.sonde.audit.SampleProofs;
import io.sonde.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sonde audit prove}: a proof of one sample, for others to verify. */
@Command(
    name = "prove",
    description = "Writes a proof that a sample was recorded as it is shown.",
    mixinStandardHelpOptions = true)
final class AuditProveCommand implements Callable<Integer> {
  @Option(
      names = "--sample",
      paramLabel = "ID",
      required = true,
      description = "the sample, by the id that the API shows")
  private String sample;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "a file whose last checkpoint the proof leads to; else it is the newest")
  private Path checkpoint;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "where the proof is written; else it is printed")
  private Path out;

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      List<Checkpoint.Noted> at = checkpoint == null ? List.of() : Checkpoint.read(checkpoint);
      return AuditDatabase.use(
          NodeSettings.from(options.load()),
          spec,
          (database, collectors) -> prove(database, at.isEmpty() ? null : at.get(at.size() - 1)));
    } catch (NoteException e) {
      return Main.complain(e.getMessage(), AuditCommand.CANNOT_TELL);
    }
  }

  private int prove(Database database, Checkpoint.Noted at) {
    try {
      Optional<SampleProof> proof = new SampleProofs(database).prove(sample, at);
      if (proof.isEmpty()) {
        return Main.complain("no journal has a sample " + sample, AuditCommand.CANNOT_TELL);
      }
      String json = proof.get().json().toPrettyString();
      if (out == null) {
        spec.commandLine().getOut().println(json);
      } else {
        Files.writeString(out, json + "\n");
      }
      return AuditCommand.HOLDS;
    } catch (NoCheckpointException e) {
      return Main.complain(
          e.getMessage() + "; sonde audit checkpoint makes one", AuditCommand.CANNOT_TELL);
    } catch (IOException e) {
      return Main.complain(out + " cannot be written: " + e.getMessage(), AuditCommand.CANNOT_TELL);
    }
  }
}
