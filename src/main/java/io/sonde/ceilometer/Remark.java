package io.sonde.ceilometer;

import java.util.Locale;

/**
 * Something to know of one line of a file. Shown as {@code file:line: lost: text}, on one line.
 *
 * @param line from 1
 */
public record Remark(String file, int line, Kind kind, String text) {
  /** What a remark is about. */
  public enum Kind {
    /** Carried over, or not needed here; but it works otherwise than there. */
    NOTE,
    /** Not carried over. */
    LOST
  }

  public Remark {
    // What stands in the files must not break out of a comment.
    text = text.replaceAll("\\p{Cntrl}+", " ");
  }

  @Override
  public String toString() {
    return file + ":" + line + ": " + kind.name().toLowerCase(Locale.ROOT) + ": " + text;
  }
}
