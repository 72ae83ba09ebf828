package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.polling.PollException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * An object of an answer: an entry of a listing, or a part of one. What is asked for and is not as
 * it should be fails with a {@link PollException} that names the field.
 */
final class Entry {
  private static final int LONGEST_SHOWN = 50;

  /** Beyond them an exponent makes a number of many digits. */
  private static final int LONGEST_NUMBER = 400;

  /** What Cinder writes for capacities that are no numbers. */
  private static final Set<String> NO_NUMBERS = Set.of("unknown", "infinite");

  private final JsonNode node;
  private final String path;

  private Entry(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  static Entry of(JsonNode node) {
    if (!node.isObject()) {
      throw new PollException("an entry is no object");
    }
    return new Entry(node, "");
  }

  /** The object in a field; one without fields where there is none. */
  Entry part(String field) {
    return new Entry(node.path(field), path + field + ".");
  }

  /** The first object of the list in a field; one without fields where there is none. */
  Entry first(String field) {
    return new Entry(node.path(field).path(0), path + field + "[0].");
  }

  JsonNode node(String field) {
    return node.path(field);
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A text that must be there. */
  String text(String field) {
    String text = optionalText(field);
    if (text == null) {
      throw missing(field, "a text");
    }
    return text;
  }

  /** A text; null where there is none, or an empty one. */
  String optionalText(String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(field, value, "a text");
    }
    return value.textValue().isEmpty() ? null : value.textValue();
  }

  /** A number that must be there. */
  Number number(String field) {
    Number number = optionalNumber(field);
    if (number == null) {
      throw missing(field, "a number");
    }
    return number;
  }

  /** A number, as text too; null where there is none, or a word that says so. */
  Number optionalNumber(String field) {
    JsonNode value = node.path(field);
    if (value.isNumber()) {
      return value.numberValue();
    }
    if (value.isMissingNode() || value.isNull() || NO_NUMBERS.contains(value.asText())) {
      return null;
    }
    String text = value.isTextual() ? value.textValue() : "";
    if (text.length() <= LONGEST_NUMBER) {
      try {
        return new BigDecimal(text).doubleValue();
      } catch (NumberFormatException e) {
        // Told below.
      }
    }
    throw wrong(field, value, "a number");
  }

  /** These fields as metadata, but for those that are null or not there. */
  Map<String, Object> fields(String... names) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (String name : names) {
      put(fields, name, name);
    }
    return fields;
  }

  /** Puts a field's value under a name, if there is one. */
  void put(Map<String, Object> fields, String name, String field) {
    if (has(field)) {
      fields.put(name, Json.plain(node.path(field)));
    }
  }

  private PollException missing(String field, String expected) {
    return new PollException(path + field + ": missing, expected " + expected);
  }

  private PollException wrong(String field, JsonNode value, String expected) {
    String text = value.toString();
    String shown =
        text.length() <= LONGEST_SHOWN
            ? text
            : text.substring(0, text.offsetByCodePoints(0, LONGEST_SHOWN / 2)) + "…";
    return new PollException(path + field + ": " + shown + " is not " + expected);
  }
}
