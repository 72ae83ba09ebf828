package io.sonde.ceilometer;

import io.sonde.ceilometer.Remark.Kind;
import java.util.List;

/**
 * What an import comes to.
 *
 * @param text HOCON
 * @param sources how many were carried over, of samples, of events and of polling
 * @param sinks likewise
 * @param definitions likewise, of meters, events and pollsters
 */
public record Imported(String text, List<Remark> remarks, int sources, int sinks, int definitions) {
  /** Everything counted, on one line. */
  public String summary() {
    return "carried over: "
        + counted(sources, "source")
        + ", "
        + counted(sinks, "sink")
        + (definitions == 0 ? "" : ", " + counted(definitions, "definition"))
        + "; "
        + counted(count(Kind.NOTE), "note")
        + "; "
        + count(Kind.LOST)
        + " lost";
  }

  private int count(Kind kind) {
    return (int) remarks.stream().filter(remark -> remark.kind() == kind).count();
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
