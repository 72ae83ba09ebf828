package io.sonde.server;

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
  static final int HOLDS = 0;
  static final int DAMAGED = 1;
  static final int CANNOT_TELL = 2;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command of audit is missing");
  }
}
