package io.sonde.server;

import io.sonde.store.DatabaseException;
import io.sonde.store.MissingArchiveException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code sonde audit}: what the journal proves. Exit codes of its commands: 0 all holds, 1 damage,
 * 2 cannot tell.
 */
@Command(
    name = "audit",
    description = "Proves from the journal that stored figures are what was recorded.",
    mixinStandardHelpOptions = true,
    subcommands = {
      AuditVerifyCommand.class,
      AuditReplayCommand.class,
      AuditKeyCommand.class,
      AuditCheckpointCommand.class,
      AuditConsistencyCommand.class,
      AuditProveCommand.class,
      AuditCheckProofCommand.class,
      AuditExplainCommand.class,
      AuditWhatIfCommand.class,
      AuditCheckStatementCommand.class
    })
final class AuditCommand implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditCommand.class);

  static final int HOLDS = 0;
  static final int DAMAGED = 1;
  static final int CANNOT_TELL = 2;

  @Spec private CommandSpec spec;

  /** Whether it is one of these commands. */
  static boolean has(CommandLine command) {
    return command.getParent() != null && command.getParent().getCommand() instanceof AuditCommand;
  }

  /** As {@link Main#explain}; but whatever keeps a command from an answer is no damage. */
  static int explain(Exception failure) {
    if (failure instanceof DatabaseException || failure instanceof MissingArchiveException) {
      return Main.complain(failure.getMessage(), CANNOT_TELL);
    }
    try {
      Main.explain(failure);
    } catch (Exception ours) {
      LOG.error("this is a mistake of Sonde's, and tells nothing of the data", ours);
    }
    return CANNOT_TELL;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command of audit is missing");
  }
}
