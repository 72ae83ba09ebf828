package io.sonde.exporter;

import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.polling.PollException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads Prometheus' text format 0.0.4 and OpenMetrics text 1.0, as far as both say what a sample
 * is: help and exemplars are passed over.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">0.0.4</a>
 */
final class PrometheusText {
  /** The exposition gives no time for a sample. */
  static final long NO_TIME = Long.MIN_VALUE;

  /**
   * One sample line.
   *
   * @param timestamp in microseconds since 1970, or {@link #NO_TIME}
   */
  record Reading(
      String meter,
      MeterType type,
      String unit,
      SortedMap<String, String> labels,
      double value,
      long timestamp) {}

  /**
   * All sample lines.
   *
   * @param skipped number of lines left out because their value is not a finite number
   */
  record Exposition(List<Reading> readings, int skipped) {}

  private final String text;
  private final double timeUnit;
  private final Map<String, PrometheusFamily> families = new HashMap<>();
  private final List<Reading> readings = new ArrayList<>();
  private int skipped;
  private int line;
  private int position;
  private int end;

  private PrometheusText(String text, boolean openMetrics) {
    this.text = text;
    // OpenMetrics gives seconds with a fraction, 0.0.4 whole milliseconds.
    this.timeUnit = openMetrics ? 1e6 : 1e3;
  }

  /**
   * Reads a whole exposition.
   *
   * @throws PollException that names the first malformed line
   */
  static Exposition parse(String text, boolean openMetrics) {
    boolean marked = text.stripTrailing().endsWith("# EOF");
    return new PrometheusText(text, openMetrics || marked).parse();
  }

  private Exposition parse() {
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      end = newline < 0 ? text.length() : newline;
      position = start;
      start = end + 1;
      line++;
      skipBlanks();
      if (position < end && text.charAt(position) == '#') {
        position++;
        comment();
      } else if (position < end) {
        sample();
      }
    }
    return new Exposition(readings, skipped);
  }

  private void comment() {
    String keyword = token();
    if (keyword.equals("TYPE")) {
      String name = token();
      String type = token();
      if (name.isEmpty() || !PrometheusFamily.isType(type)) {
        throw malformed("no metric type: \"" + type + "\"");
      }
      families.merge(name, PrometheusFamily.ofType(type), PrometheusFamily::with);
    } else if (keyword.equals("UNIT")) {
      String name = token();
      families.merge(name, PrometheusFamily.ofUnit(token()), PrometheusFamily::with);
    }
  }

  private void sample() {
    String name = name(true);
    if (name.isEmpty()) {
      throw malformed("a metric name expected, not '" + text.charAt(position) + "'");
    }
    skipBlanks();
    SortedMap<String, String> labels = labels();
    String number = token();
    double value = value(number);
    String time = token();
    long timestamp = time.isEmpty() || time.startsWith("#") ? NO_TIME : timestamp(time);
    if (timestamp != NO_TIME) {
      time = token();
    }
    if (!time.isEmpty() && !time.startsWith("#")) {
      throw malformed("nothing expected after the timestamp, not \"" + time + "\"");
    }
    if (!Double.isFinite(value)) {
      skipped++;
      return;
    }
    PrometheusFamily.Meaning meaning = PrometheusFamily.meaning(name, families);
    readings.add(new Reading(name, meaning.type(), meaning.unit(), labels, value, timestamp));
  }

  private SortedMap<String, String> labels() {
    if (position == end || text.charAt(position) != '{') {
      return Series.NO_DIMENSIONS;
    }
    position++;
    SortedMap<String, String> labels = new TreeMap<>();
    skipBlanks();
    while (!taken('}')) {
      String label = name(false);
      skipBlanks();
      if (label.isEmpty() || !taken('=')) {
        throw malformed("a label expected");
      }
      skipBlanks();
      if (!taken('"')) {
        throw malformed("a quoted value of the label " + label + " expected");
      }
      String value = quoted(label);
      if (labels.containsKey(label)) {
        throw malformed("the label " + label + " stands twice");
      }
      // An empty label is the same as none, by Prometheus' data model.
      if (!value.isEmpty()) {
        labels.put(label, value);
      }
      skipBlanks();
      boolean comma = taken(',');
      skipBlanks();
      if (!comma && (position == end || text.charAt(position) != '}')) {
        throw malformed("a comma or } expected after the label " + label);
      }
    }
    return labels;
  }

  private String quoted(String label) {
    int start = position;
    StringBuilder unescaped = null;
    while (position < end) {
      char c = text.charAt(position++);
      if (c == '"') {
        return unescaped == null ? text.substring(start, position - 1) : unescaped.toString();
      }
      if (c == '\\') {
        if (unescaped == null) {
          unescaped = new StringBuilder(text.substring(start, position - 1));
        }
        if (position == end) {
          break;
        }
        char escaped = text.charAt(position++);
        switch (escaped) {
          case 'n' -> unescaped.append('\n');
          case '\\', '"' -> unescaped.append(escaped);
          default -> unescaped.append('\\').append(escaped);
        }
      } else if (unescaped != null) {
        unescaped.append(c);
      }
    }
    throw malformed("the value of the label " + label + " does not end");
  }

  private String name(boolean colons) {
    int start = position;
    while (position < end && isNameChar(text.charAt(position), position > start, colons)) {
      position++;
    }
    return text.substring(start, position);
  }

  private static boolean isNameChar(char c, boolean digits, boolean colons) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || c == '_'
        || (digits && c >= '0' && c <= '9')
        || (colons && c == ':');
  }

  private double value(String number) {
    switch (number) {
      case "+Inf", "Inf", "+inf", "inf" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-Inf", "-inf" -> {
        return Double.NEGATIVE_INFINITY;
      }
      case "NaN", "nan" -> {
        return Double.NaN;
      }
      default -> {
        return decimal(number, "a number");
      }
    }
  }

  private long timestamp(String time) {
    double micros = decimal(time, "a timestamp") * timeUnit;
    if (Math.abs(micros) > 9e18) {
      throw malformed("a timestamp expected, not \"" + time + "\"");
    }
    return Math.round(micros);
  }

  private double decimal(String number, String expected) {
    // parseDouble takes Java's suffixes d and f and its words too, which are none of this format.
    char last = number.isEmpty() ? ' ' : number.charAt(number.length() - 1);
    if ((last >= '0' && last <= '9') || last == '.') {
      try {
        return Double.parseDouble(number);
      } catch (NumberFormatException e) {
        throw malformed(expected + " expected, not \"" + number + "\"");
      }
    }
    throw malformed(expected + " expected, not \"" + number + "\"");
  }

  /** The next run of non-blanks; empty at the end of the line. */
  private String token() {
    skipBlanks();
    int start = position;
    while (position < end && !isBlank(text.charAt(position))) {
      position++;
    }
    return text.substring(start, position);
  }

  private boolean taken(char c) {
    if (position == end || text.charAt(position) != c) {
      return false;
    }
    position++;
    return true;
  }

  private void skipBlanks() {
    while (position < end && isBlank(text.charAt(position))) {
      position++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private PollException malformed(String what) {
    return new PollException("line " + line + " of the exposition: " + what);
  }
}
