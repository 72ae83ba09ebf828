package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.HistoryCheck.Finding;
import io.sonde.server.HistoryCheck.Kind;
import io.sonde.server.StoredSamples.Totals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a run of faults came to, as the row of a table: printed when it ends, however it ends, and
 * added to the file that {@code -Dsonde.faults.report} names. Columns: faults, acknowledged
 * samples, lost, doubled, otherwise wrong, seed, result.
 */
final class FaultRun implements AutoCloseable {
  private static final String REPORT = System.getProperty("sonde.faults.report", "");

  private final History history;
  private final long seed;
  private final Set<Long> lost = new TreeSet<>();
  private final Set<Long> doubled = new TreeSet<>();
  private final Set<Long> wrong = new TreeSet<>();
  private String faults;
  private boolean isChecked;
  private String result = "FAILED";

  FaultRun(String faults, History history, long seed) {
    this.faults = faults;
    this.history = history;
    this.seed = seed;
  }

  /** Says more exactly what was done. */
  void faults(String done) {
    faults = done;
  }

  /**
   * Compares all that is stored with the history, over HTTP, from the journals and from chunk rows;
   * fails on any difference.
   *
   * @return the totals by meter
   */
  Map<String, Totals> compare(URI base, StoredRows rows) throws SQLException {
    StoredSamples stored = new StoredSamples(base);
    HistoryCheck listing = new HistoryCheck(history);
    Map<String, Totals> totals = stored.list(listing, history.sentCount());
    Verified.assertWhole(rows.database());
    HistoryCheck journals = rows.journals(history);
    HistoryCheck chunks = rows.chunks(history);
    System.out.println("  " + listing.observedCount() + " samples are stored");
    found(listing);
    found(journals);
    found(chunks);
    assertThat(listing.findings()).as("over HTTP, seed " + seed).isEmpty();
    assertThat(journals.findings()).as("in the journals, seed " + seed).isEmpty();
    assertThat(chunks.findings()).as("in chunk rows and later events, seed " + seed).isEmpty();
    assertThat(journals.observedCount()).isEqualTo(listing.observedCount());
    assertThat(chunks.observedCount()).isEqualTo(listing.observedCount());
    assertThat(stored.statistics()).as("statistics against the listing").isEqualTo(totals);
    return totals;
  }

  private void found(HistoryCheck check) {
    isChecked = true;
    for (Finding finding : check.findings()) {
      Set<Long> numbers =
          finding.kind() == Kind.LOST ? lost : finding.kind() == Kind.DOUBLED ? doubled : wrong;
      numbers.add(finding.number());
    }
  }

  /** To be called last. */
  void passed() {
    result = "passed";
  }

  /** Where this machine does not allow it. */
  void notRun(String reason) {
    result = "not run: " + reason;
  }

  @Override
  public void close() {
    String counts =
        isChecked ? lost.size() + " | " + doubled.size() + " | " + wrong.size() : "? | ? | ?";
    String row =
        ("| " + faults + " | " + history.acknowledgedCount() + " | " + counts)
            + (" | " + seed + " | " + result + " |");
    System.out.println("faults: " + row);
    if (!REPORT.isEmpty()) {
      try {
        Files.writeString(
            Path.of(REPORT), row + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
