package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.definition.Attribute.Text;
import io.sonde.jsonpath.JsonPathException;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Event;
import io.sonde.model.PythonText;
import io.sonde.model.Timestamps;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * One thing that events say.
 *
 * @param label for remarks
 */
record TraitDefinition(String name, TraitType type, Attribute attribute, String label) {
  private static final int LONGEST_NUMBER = 400;

  TraitDefinition(String name, TraitType type, Attribute attribute) {
    this(name, type, attribute, "trait " + name);
  }

  /** Reads the trait at a key: a path, or {@code { fields, type, plugin }}. */
  static TraitDefinition from(ConfigSection traits, String name) {
    String mistake = Event.textMistake(name);
    if (mistake != null) {
      throw new ConfigException(traits.path(name), name, "the name of a trait: " + mistake);
    }
    if (!traits.isObject(name)) {
      return new TraitDefinition(name, TraitType.TEXT, Attribute.from(traits, name, Text.PATH));
    }
    ConfigSection section = traits.section(name).allow("fields", "type", "plugin");
    return new TraitDefinition(name, type(section), Attribute.ofFields(section));
  }

  private static TraitType type(ConfigSection section) {
    String type = section.text("type").orElse("text");
    return switch (type) {
      case "text", "string" -> TraitType.TEXT;
      case "int", "integer" -> TraitType.INTEGER;
      case "float" -> TraitType.FLOAT;
      case "datetime" -> TraitType.DATETIME;
      default ->
          throw new ConfigException(section.path("type"), type, "text, int, float or datetime");
    };
  }

  /** The trait of an event; null where there is none, with a remark when there should be. */
  Trait of(JsonNode root, Conversion conversion) {
    try {
      JsonNode value = attribute.first(root, conversion, label);
      boolean isEmpty = value.isTextual() && value.textValue().isEmpty();
      if (Values.isAbsent(value) || (isEmpty && type != TraitType.TEXT)) {
        return null;
      }
      Object converted = converted(value, conversion.redaction());
      if (converted == null) {
        conversion.remark(
            label
                + " is left out: "
                + type.wireName()
                + " is expected, found "
                + Values.shown(value));
        return null;
      }
      return new Trait(name, type, converted);
    } catch (IllegalArgumentException | JsonPathException e) {
      conversion.remark(label + " is left out: " + e.getMessage());
      return null;
    }
  }

  /** Null when the value cannot be of the type. */
  private Object converted(JsonNode value, Redaction redaction) {
    return switch (type) {
      case TEXT -> PythonText.str(redaction.plain(value));
      case INTEGER -> integer(value);
      case FLOAT ->
          value.isBoolean() ? (Double) (value.booleanValue() ? 1.0 : 0.0) : Values.number(value);
      case DATETIME ->
          value.isTextual() ? (Object) Timestamps.parse(value.textValue().strip()) : null;
    };
  }

  /** Fractions are cut off; of a text, only digits are read. */
  private static Long integer(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue() ? 1L : 0L;
    }
    BigInteger whole = null;
    if (value.isNumber()) {
      double number = value.doubleValue();
      whole =
          value.isIntegralNumber()
              ? value.bigIntegerValue()
              : Double.isFinite(number) ? BigDecimal.valueOf(number).toBigInteger() : null;
    } else if (value.isTextual()) {
      String text = value.textValue().strip();
      whole =
          text.length() <= LONGEST_NUMBER && text.matches("[+-]?[0-9]+")
              ? new BigInteger(text)
              : null;
    }
    return whole != null && whole.bitLength() < Long.SIZE ? whole.longValue() : null;
  }
}
