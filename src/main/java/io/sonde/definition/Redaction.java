package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.NameFilter;
import io.sonde.model.NameMemo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Keeps what is secret out of what is stored: values of fields with certain names. */
final class Redaction {
  /** Takes the place of a secret. */
  static final String MARK = "***";

  private static final int MOST_NAMES = 10_000;

  private final NameMemo<Boolean> secrets;

  /**
   * @param patterns globs and exclusions, compared without regard to case; empty for no secrets
   */
  Redaction(List<String> patterns, String path) {
    List<String> lower = patterns.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    Predicate<String> names = lower.isEmpty() ? any -> false : NameFilter.of(lower, path)::matches;
    secrets = new NameMemo<>(MOST_NAMES, name -> names.test(name.toLowerCase(Locale.ROOT)));
  }

  private boolean isSecret(String name) {
    return secrets.of(name);
  }

  /** A copy of the tree without secrets. */
  JsonNode copy(JsonNode value) {
    if (value.isObject()) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      value
          .properties()
          .forEach(
              field ->
                  copy.set(
                      field.getKey(),
                      isSecret(field.getKey()) && !field.getValue().isNull()
                          ? JsonNodeFactory.instance.textNode(MARK)
                          : copy(field.getValue())));
      return copy;
    }
    if (value.isArray()) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode(value.size());
      value.forEach(entry -> copy.add(copy(entry)));
      return copy;
    }
    return value;
  }

  /** The same as maps, lists, texts, numbers, booleans and nulls. */
  Object plain(JsonNode value) {
    if (value.isObject()) {
      return plainMap(value);
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>(value.size());
      value.forEach(entry -> list.add(plain(entry)));
      return list;
    }
    if (value.isTextual()) {
      return value.textValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isNumber()) {
      return value.isIntegralNumber() && value.canConvertToLong()
          ? (Object) value.longValue()
          : value.numberValue();
    }
    return null;
  }

  /** The same of an object. */
  Map<String, Object> plainMap(JsonNode object) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      boolean isHidden = isSecret(field.getKey()) && !field.getValue().isNull();
      map.put(field.getKey(), isHidden ? MARK : plain(field.getValue()));
    }
    return map;
  }
}
