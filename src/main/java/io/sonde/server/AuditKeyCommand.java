package io.sonde.server;

import io.sonde.audit.NoteException;
import io.sonde.audit.SigningKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde audit key}: makes a key for {@code sonde.audit.key-file}. */
@Command(
    name = "key",
    description = "Makes a key that signs checkpoints, and shows the key that verifies them.",
    mixinStandardHelpOptions = true)
final class AuditKeyCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      description = "whose signature it is, such as metering.example.org; no blanks, no +")
  private String name;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "a new file for the private key, which only its owner can read")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      SigningKey key = SigningKey.generate(name);
      key.write(out);
      spec.commandLine().getOut().println(key.verifier());
      return 0;
    } catch (FileAlreadyExistsException e) {
      return Main.complain(out + " is there already", Main.MISUSED);
    } catch (NoteException e) {
      return Main.complain(e.getMessage(), Main.MISUSED);
    } catch (IOException e) {
      return Main.complain(out + " cannot be written: " + e.getMessage(), Main.MISUSED);
    }
  }
}
