package io.sonde.server;

import io.sonde.audit.NoteException;
import io.sonde.audit.StatementCheck;
import io.sonde.audit.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde audit check-statement}: needs a file and a key, no server. */
@Command(
    name = "check-statement",
    description = "Checks the signature and the hash of a period's statement, offline.",
    mixinStandardHelpOptions = true)
final class AuditCheckStatementCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "the answer of GET /v2/periods/ID")
  private Path file;

  @Option(
      names = "--key",
      required = true,
      paramLabel = "NAME+HASH+DATA",
      description = "the public key of whoever sealed it")
  private String key;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    byte[] json;
    VerifierKey verifier;
    try {
      json = Files.readAllBytes(file);
      verifier = VerifierKey.parse(key);
    } catch (IOException e) {
      return Main.complain(file + " cannot be read: " + e, AuditCommand.CANNOT_TELL);
    } catch (NoteException e) {
      return Main.complain("--key: " + e.getMessage(), AuditCommand.CANNOT_TELL);
    }
    StatementCheck check = StatementCheck.of(json, verifier);
    spec.commandLine().getOut().println(check.finding());
    return switch (check.result()) {
      case HOLDS -> AuditCommand.HOLDS;
      case DAMAGED -> AuditCommand.DAMAGED;
      case CANNOT_TELL -> AuditCommand.CANNOT_TELL;
    };
  }
}
