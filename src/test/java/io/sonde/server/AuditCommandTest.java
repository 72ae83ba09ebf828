package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.ConfigException;
import io.sonde.store.StartupException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class AuditCommandTest {
  static Stream<Exception> failures() {
    return Stream.of(
        new StartupException("the database cannot be reached"),
        new ConfigException("sonde.database.url", "x", "a URL"),
        new IllegalStateException("a mistake of ours"));
  }

  /** Scripts take 1 for damage. */
  @ParameterizedTest
  @MethodSource("failures")
  void whatKeepsItFromAnAnswerIsNoDamage(Exception failure) {
    assertThat(AuditCommand.explain(failure)).isEqualTo(AuditCommand.CANNOT_TELL);
  }

  @Test
  void itKnowsItsOwnCommands() {
    CommandLine audit = new CommandLine(new AuditCommand());
    assertThat(AuditCommand.has(audit.getSubcommands().get("verify"))).isTrue();
    assertThat(AuditCommand.has(audit)).isFalse();
  }
}
