package io.sonde.server;

import io.sonde.audit.AuditSettings;
import io.sonde.audit.BrokenProofException;
import io.sonde.audit.NoteException;
import io.sonde.audit.SampleProof;
import io.sonde.audit.SampleProof.Shown;
import io.sonde.audit.VerifierKey;
import io.sonde.model.Provenance;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde audit check-proof}: verifies a proof with nothing but a public key. */
@Command(
    name = "check-proof",
    description = "Verifies a proof of a sample, and prints what it says. Needs no database.",
    mixinStandardHelpOptions = true)
final class AuditCheckProofCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PROOF", description = "the file that sonde audit prove wrote")
  private Path file;

  @Mixin private VerifierKeys keys;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (!keys.areGiven()) {
      throw new ParameterException(spec.commandLine(), "--key is missing");
    }
    PrintWriter out = spec.commandLine().getOut();
    try {
      List<VerifierKey> known = keys.orConfigured(() -> AuditSettings.NONE);
      SampleProof proof = SampleProof.parse(VerifierKeys.read(file));
      String mistrust = VerifierKeys.mistrust(proof.note(), known);
      if (mistrust != null) {
        out.println("checkpoint: " + mistrust);
        return AuditCommand.DAMAGED;
      }
      print(proof.id(), proof.verify(), out);
      return AuditCommand.HOLDS;
    } catch (BrokenProofException e) {
      out.println(e.getMessage());
      return AuditCommand.DAMAGED;
    } catch (NoteException e) {
      return Main.complain(e.getMessage(), AuditCommand.CANNOT_TELL);
    } finally {
      out.flush();
    }
  }

  private static void print(String id, Shown shown, PrintWriter out) {
    Series series = shown.series();
    out.println("sample: " + id);
    out.println("meter: " + series.meter());
    out.println("type: " + series.type().wireName());
    out.println("volume: " + shown.sample().volume() + " " + series.unit());
    out.println("resource: " + series.resourceId());
    print("project", series.projectId(), out);
    print("user", series.userId(), out);
    out.println("source: " + series.source());
    series.dimensions().forEach((label, value) -> out.println("label " + label + ": " + value));
    out.println("timestamp: " + Timestamps.format(shown.sample().timestamp()));
    out.println(
        "recorded at: "
            + Timestamps.format(TimeUnit.SECONDS.toMicros(shown.sample().recordedAt())));
    out.println("sinks: " + String.join(", ", Provenance.sinks(shown.way())));
    if (shown.metadata() != null) {
      out.println("metadata: " + shown.metadata().json());
    }
    out.println(
        "event: %d of collector %d, leaf %d of %d of the log %s"
            .formatted(
                shown.sequence(),
                shown.collector(),
                shown.leaf(),
                shown.checkpoint().size(),
                shown.checkpoint().origin()));
  }

  private static void print(String name, String value, PrintWriter out) {
    if (value != null) {
      out.println(name + ": " + value);
    }
  }
}
