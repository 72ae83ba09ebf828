package io.sonde.server;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Compares what is stored with what the clients know: an acknowledged sample is there exactly once,
 * one that was only sent at most once, nothing else is there, and every volume is right.
 */
final class HistoryCheck {
  /** How a stored sample can be wrong. */
  enum Kind {
    /** Acknowledged, yet not there. */
    LOST,
    /** There more than once. */
    DOUBLED,
    /** There with another volume than was sent. */
    CHANGED,
    /** There, but never sent. */
    INVENTED
  }

  /** One thing that is wrong. */
  record Finding(Kind kind, long number, String detail) {}

  private final History history;
  private final BitSet seen = new BitSet();
  private final List<Finding> findings = new ArrayList<>();
  private int observed;

  HistoryCheck(History history) {
    this.history = history;
  }

  /** Takes note of one stored sample. */
  void observe(String meter, String resource, LocalDateTime time, double volume) {
    observed++;
    String where = meter + " of " + resource + " at " + time + " with " + volume;
    long number = NumberedSamples.number(meter, resource, time);
    if (!history.wasSent(number)) {
      findings.add(new Finding(Kind.INVENTED, number, where));
      return;
    }
    if (seen.get((int) number)) {
      findings.add(new Finding(Kind.DOUBLED, number, where));
    }
    seen.set((int) number);
    if (Double.compare(volume, (double) number) != 0) {
      findings.add(new Finding(Kind.CHANGED, number, where));
    }
  }

  /** How many stored samples were observed. */
  int observedCount() {
    return observed;
  }

  /** All that is wrong, once everything that is stored was observed. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>(findings);
    for (long number = 0; number < history.end(); number++) {
      int round = history.acknowledgedIn(number);
      if (round >= 0 && !seen.get((int) number)) {
        String detail = "acknowledged in life " + round + " of the server";
        all.add(new Finding(Kind.LOST, number, detail));
      }
    }
    return all;
  }
}
