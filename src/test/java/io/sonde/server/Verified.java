package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.audit.Report;
import io.sonde.audit.Verification;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.Slots;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;

/** What {@code audit verify} says of a database. */
final class Verified {
  private Verified() {}

  /** The lines of the report; the last one sums up. */
  static List<String> report(DatabaseSettings at) {
    try (Database database = Database.open(at)) {
      return report(database);
    }
  }

  /** As above. */
  static List<String> report(Database database) {
    StringWriter out = new StringWriter();
    Report report = new Report(new PrintWriter(out), new PrintWriter(Writer.nullWriter()));
    new Verification(database, report, null).all(Slots.load(database).orElseThrow().collectors());
    List<String> lines = out.toString().lines().toList();
    assertThat(report.isWhole()).isEqualTo(lines.get(lines.size() - 1).startsWith("all holds: "));
    return lines;
  }

  /** Fails where anything is found. */
  static void assertWhole(DatabaseSettings at) {
    assertThat(report(at)).singleElement().asString().startsWith("all holds: ");
  }
}
