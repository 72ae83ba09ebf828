package io.sonde.server;

import io.sonde.ceilometer.FormException;
import io.sonde.model.ConfigException;
import io.sonde.store.StartupException;
import java.security.Security;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 done, 1 could not start, read or write, or is taken by no
 * cluster, 2 bad usage, configuration or form of a file.
 */
@Command(
    name = "sonde",
    description = "Measures who used what, when and how much.",
    mixinStandardHelpOptions = true,
    version = "sonde " + Version.NUMBER,
    subcommands = {
      ServerCommand.class,
      DatabaseCommand.class,
      CheckCommand.class,
      CollectorsCommand.class,
      AuditCommand.class,
      TryNotificationCommand.class,
      ImportCommand.class
    })
public final class Main implements Runnable {
  static final int FAILED = 1;
  static final int MISUSED = 2;

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    keepThreads();
    followNames();
    CommandLine command = new CommandLine(new Main());
    command.setParameterExceptionHandler((misuse, given) -> explain(misuse));
    command.setExecutionExceptionHandler(
        (failure, line, result) ->
            AuditCommand.has(line) ? AuditCommand.explain(failure) : explain(failure));
    System.exit(command.execute(arguments));
  }

  /**
   * What Akka answers with runs its callbacks on the common pool; where that has fewer than two
   * threads, as on two processors, the JDK starts a new thread for each callback instead.
   */
  private static void keepThreads() {
    String parallelism = "java.util.concurrent.ForkJoinPool.common.parallelism";
    if (System.getProperty(parallelism) == null && Runtime.getRuntime().availableProcessors() < 3) {
      System.setProperty(parallelism, "2");
    }
  }

  /** A name that leads to another address, as after a failover, is not believed for long. */
  private static void followNames() {
    String seconds = "networkaddress.cache.ttl";
    if (Security.getProperty(seconds) == null) {
      Security.setProperty(seconds, "5");
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  /** What the user can mend gets one line; anything else is ours, and gets its trace. */
  static int explain(Exception failure) throws Exception {
    if (failure instanceof ParameterException) {
      return complain(failure.getMessage() + "; --help shows what can be given", MISUSED);
    }
    if (failure instanceof ConfigException
        || failure instanceof FormException
        || failure instanceof com.typesafe.config.ConfigException) {
      return complain(failure.getMessage(), MISUSED);
    }
    if (failure instanceof StartupException) {
      return complain(failure.getMessage(), FAILED);
    }
    throw failure;
  }

  static int complain(String message, int code) {
    String line = message.lines().findFirst().orElse("");
    System.err.println("sonde: " + line);
    return code;
  }
}
