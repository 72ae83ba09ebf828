package io.sonde.ceilometer;

import com.typesafe.config.ConfigUtil;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes HOCON for people: an entry a line, comments where they belong, all texts in quotes. */
final class HoconText {
  private static final int WIDTH = 100;

  private final StringBuilder out = new StringBuilder();

  /** Writes lines of comment; an empty text gives an empty line. */
  HoconText comment(int depth, String text) {
    text.lines().forEach(line -> indent(depth).append("# ").append(line).append('\n'));
    return this;
  }

  HoconText line(int depth, String text) {
    indent(text.isEmpty() ? 0 : depth).append(text).append('\n');
    return this;
  }

  /** Writes the keys of a map without its braces. */
  HoconText entries(int depth, Map<String, Object> map) {
    map.forEach(
        (key, value) -> {
          indent(depth).append(key.matches("[A-Za-z0-9_-]+") ? key : ConfigUtil.quoteString(key));
          out.append(value instanceof Map<?, ?> ? " " : " = ");
          value(depth, value);
          out.append('\n');
        });
    return this;
  }

  /** Writes a value from the current column on; further lines of it at a depth. */
  @SuppressWarnings("unchecked")
  private void value(int depth, Object value) {
    if (value instanceof Map<?, ?> map) {
      out.append("{\n");
      entries(depth + 1, (Map<String, Object>) map);
      indent(depth).append('}');
    } else if (value instanceof List<?> list) {
      list(depth, list);
    } else {
      out.append(scalar(value));
    }
  }

  private void list(int depth, List<?> list) {
    boolean isOfScalars = list.stream().noneMatch(o -> o instanceof Map || o instanceof List);
    String row =
        isOfScalars
            ? list.stream().map(HoconText::scalar).collect(Collectors.joining(", ", "[", "]"))
            : null;
    if (row != null && out.length() - out.lastIndexOf("\n") + row.length() <= WIDTH) {
      out.append(row);
      return;
    }
    out.append("[\n");
    for (Object entry : list) {
      indent(depth + 1);
      value(depth + 1, entry);
      out.append('\n');
    }
    indent(depth).append(']');
  }

  private static String scalar(Object value) {
    return value instanceof String text ? ConfigUtil.quoteString(text) : String.valueOf(value);
  }

  private StringBuilder indent(int depth) {
    return out.append("  ".repeat(depth));
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
