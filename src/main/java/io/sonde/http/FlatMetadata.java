package io.sonde.http;

import io.sonde.model.Metadata;
import io.sonde.model.PythonText;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Metadata as answers show it: one level, all values text. The key {@code a.b.c} of nested objects
 * becomes {@code a.b:c}, and as Ceilometer rewrites every dot and colon alike, {@code x:y} becomes
 * {@code x.y}; clients rely on both. A series' dimensions are shown among the metadata, and win
 * over an entry of the same name, being identity.
 *
 * <p>An object serves one answer and remembers what it flattened: samples of a resource mostly
 * share their metadata.
 */
final class FlatMetadata {
  private final Map<Metadata, SortedMap<String, String>> known = new HashMap<>();
  private final Map<Metadata, Map<String, String>> byKey = new HashMap<>();

  /** The entries to show. */
  SortedMap<String, String> of(Metadata metadata, Map<String, String> dimensions) {
    SortedMap<String, String> flat = known.computeIfAbsent(metadata, FlatMetadata::flatten);
    if (dimensions.isEmpty()) {
      return flat;
    }
    SortedMap<String, String> both = new TreeMap<>(flat);
    dimensions.forEach((key, value) -> both.put(shownKey(key), value));
    return both;
  }

  /**
   * The text that metadata has at a key as filters name it: nested keys joined by dots, entries of
   * lists as {@code a[0]}. Null where there is none, or an object.
   */
  String at(Metadata metadata, String key) {
    return byKey
        .computeIfAbsent(
            metadata,
            text -> {
              Map<String, String> texts = new HashMap<>();
              JsonTree.readStored(text).forEach((name, value) -> spread(name, value, texts));
              return texts;
            })
        .get(key);
  }

  private static void spread(String path, Object value, Map<String, String> texts) {
    if (value instanceof Map<?, ?> nested) {
      nested.forEach((key, inner) -> spread(path + "." + key, inner, texts));
      return;
    }
    texts.put(path, PythonText.str(value));
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        spread(path + "[" + i + "]", list.get(i), texts);
      }
    }
  }

  private static SortedMap<String, String> flatten(Metadata metadata) {
    SortedMap<String, String> flat = new TreeMap<>();
    flatten("", JsonTree.readStored(metadata), flat);
    return Collections.unmodifiableSortedMap(flat);
  }

  private static void flatten(String prefix, Map<?, ?> tree, Map<String, String> flat) {
    tree.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            flatten(prefix + key + ".", nested, flat);
          } else {
            flat.put(shownKey(prefix + key), PythonText.str(value));
          }
        });
  }

  private static String shownKey(String key) {
    String colons = key.replace('.', ':');
    int first = colons.indexOf(':');
    return first < 0 ? colons : colons.substring(0, first) + "." + colons.substring(first + 1);
  }
}
