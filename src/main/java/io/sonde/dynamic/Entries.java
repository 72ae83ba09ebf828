package io.sonde.dynamic;

import io.sonde.expression.ExpressionException;
import io.sonde.model.PythonText;
import io.sonde.polling.PollException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Takes answers apart. */
final class Entries {
  private Entries() {}

  /**
   * The entries of an answer: itself, where it is a list; else what stands at a path; without one
   * what its first key has, unless that is no list and no object: then it is the only entry itself.
   * An object is one entry, null is none.
   *
   * @param path null for the first key
   * @throws PollException when there are none to be found
   */
  static List<?> of(Object answer, ValuePath path) {
    if (answer instanceof List<?> list) {
      return list;
    }
    if (path != null) {
      try {
        return several(path.value(answer));
      } catch (ExpressionException e) {
        throw new PollException("no entries at " + path + ": " + e.getMessage());
      }
    }
    if (answer instanceof Map<?, ?> map && !map.isEmpty()) {
      Object first = map.values().iterator().next();
      boolean isOne = first != null && !(first instanceof Map) && !(first instanceof List);
      return several(isOne ? map : first);
    }
    return several(answer instanceof Map ? null : answer);
  }

  private static List<?> several(Object entries) {
    if (entries == null) {
      return List.of();
    }
    if (entries instanceof List<?> list) {
      return list;
    }
    if (entries instanceof Map) {
      return List.of(entries);
    }
    throw new PollException("the answer has no entries: no list and no object");
  }

  /** What of these is there. What cannot be had is left out: the figures matter more. */
  static Map<String, Object> fields(Map<String, ValuePath> paths, Object entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    paths.forEach(
        (name, path) -> {
          try {
            fields.put(name, path.value(entry));
          } catch (ExpressionException e) {
            // Left out.
          }
        });
    return fields;
  }

  /**
   * What a mapping has for a value.
   *
   * @param mapping by values as Python writes them; {@code true} and {@code false} also as JSON
   *     does
   * @param absent what it has for others
   */
  static <T> T mapped(Map<String, T> mapping, Object value, T absent) {
    String text = text(value);
    T mapped = mapping.get(text);
    if (mapped == null && value instanceof Boolean) {
      mapped = mapping.get(value.toString());
    }
    return mapped == null ? absent : mapped;
  }

  /**
   * A value as mappings and skips name it, and errors show it; of a list or an object that is not
   * empty not what is in it: formulas can make that larger than memory.
   */
  static String text(Object value) {
    if (value instanceof List<?> list && !list.isEmpty()) {
      return "[…]";
    }
    return value instanceof Map<?, ?> map && !map.isEmpty() ? "{…}" : PythonText.str(value);
  }

  /** Whether all of a part is in the whole, objects within objects too. */
  static boolean isPart(Object part, Object whole) {
    if (part instanceof Number a && whole instanceof Number b) {
      return a.doubleValue() == b.doubleValue();
    }
    if (!(part instanceof Map<?, ?> wanted)) {
      return Objects.equals(part, whole);
    }
    return whole instanceof Map<?, ?> given
        && wanted.entrySet().stream()
            .allMatch(
                entry ->
                    given.containsKey(entry.getKey())
                        && isPart(entry.getValue(), given.get(entry.getKey())));
  }
}
