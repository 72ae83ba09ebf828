package io.sonde.http;

import static java.util.Map.entry;

import io.sonde.model.PythonText;
import io.sonde.model.Timestamps;
import io.sonde.query.Condition;
import io.sonde.query.Condition.Operator;
import io.sonde.query.Field;
import io.sonde.query.TextPattern;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the filter of a complex query: objects with one key, which is an operator in any case. A
 * caller who is kept to a project may name no other.
 */
final class FilterExpression {
  /** How deep conditions may be nested. */
  private static final int DEEPEST = 32;

  /** Conditions and values of lists that one filter may have. */
  private static final int MOST_PARTS = 10_000;

  /** What the values of a field are. */
  private enum Kind {
    TEXT,
    NUMBER,
    TIME,
    ANY
  }

  /** A field that can be filtered and sorted by. */
  record Known(Field field, Kind kind) {}

  private static final Known PROJECT = new Known(Field.PROJECT_ID, Kind.TEXT);
  private static final Known USER = new Known(Field.USER_ID, Kind.TEXT);
  private static final Known RESOURCE = new Known(Field.RESOURCE_ID, Kind.TEXT);
  private static final Known METER = new Known(Field.METER, Kind.TEXT);
  private static final Known TYPE = new Known(Field.Column.TYPE, Kind.TEXT);
  private static final Known UNIT = new Known(Field.Column.UNIT, Kind.TEXT);
  private static final Known VOLUME = new Known(Field.Column.VOLUME, Kind.NUMBER);

  /** The fields by their names, metadata apart. */
  static final Map<String, Known> FIELDS =
      Map.ofEntries(
          entry("source", new Known(Field.SOURCE, Kind.TEXT)),
          entry("counter_name", METER),
          entry("meter", METER),
          entry("counter_type", TYPE),
          entry("type", TYPE),
          entry("counter_unit", UNIT),
          entry("unit", UNIT),
          entry("counter_volume", VOLUME),
          entry("volume", VOLUME),
          entry("user_id", USER),
          entry("user", USER),
          entry("project_id", PROJECT),
          entry("project", PROJECT),
          entry("resource_id", RESOURCE),
          entry("resource", RESOURCE),
          entry("timestamp", new Known(Field.Column.TIMESTAMP, Kind.TIME)),
          entry("recorded_at", new Known(Field.Column.RECORDED_AT, Kind.TIME)),
          entry("message_id", new Known(Field.Column.MESSAGE_ID, Kind.TEXT)));

  private static final Map<String, Operator> OPERATORS =
      Map.ofEntries(
          entry("=", Operator.EQ),
          entry("!=", Operator.NE),
          entry("<", Operator.LT),
          entry("<=", Operator.LE),
          entry("=<", Operator.LE),
          entry(">", Operator.GT),
          entry(">=", Operator.GE),
          entry("=>", Operator.GE));

  private final Caller caller;
  private int parts;

  FilterExpression(Caller caller) {
    this.caller = caller;
  }

  /** The condition that a tree of JSON values says. */
  Condition parse(Object tree) {
    return parse(tree, 1);
  }

  private Condition parse(Object tree, int depth) {
    if (depth > DEEPEST) {
      throw invalid("nested deeper than " + DEEPEST);
    }
    countPart();
    Map.Entry<?, ?> one = only(tree, "an object with one operator is expected");
    String operator = ((String) one.getKey()).toLowerCase(Locale.ROOT);
    return switch (operator) {
      case "and", "or" -> {
        if (!(one.getValue() instanceof List<?> list) || list.size() < 2) {
          throw invalid(tree, "a list of two expressions at least is expected");
        }
        List<Condition> several = new ArrayList<>(list.size());
        list.forEach(inner -> several.add(parse(inner, depth + 1)));
        yield operator.equals("and") ? new Condition.And(several) : new Condition.Or(several);
      }
      case "not" -> new Condition.Not(parse(one.getValue(), depth + 1));
      default -> leaf(operator, tree, one.getValue());
    };
  }

  private Condition leaf(String operator, Object tree, Object operand) {
    boolean isIn = operator.equals("in");
    boolean isPattern = operator.equals("=~");
    if (!isIn && !isPattern && !OPERATORS.containsKey(operator)) {
      throw invalid(tree, "there is no such operator");
    }
    Map.Entry<?, ?> one = only(operand, tree, "an object with one field is expected");
    Known known = known((String) one.getKey(), tree);
    if (isIn) {
      if (!(one.getValue() instanceof List<?> list) || list.isEmpty()) {
        throw invalid(tree, "a list of values is expected");
      }
      Set<Object> values = new HashSet<>();
      for (Object value : list) {
        countPart();
        if (value instanceof Boolean) {
          throw invalid(tree, "texts or numbers are expected");
        }
        values.add(value(known, value, tree));
      }
      return values.size() == 1
          ? Condition.equal(known.field(), values.iterator().next())
          : new Condition.In(known.field(), values);
    }
    Object value = value(known, one.getValue(), tree);
    if (!isPattern) {
      return new Condition.Compare(known.field(), OPERATORS.get(operator), value);
    }
    if (!(value instanceof String pattern)) {
      throw invalid(tree, "a pattern is compared with text");
    }
    try {
      return new Condition.Matches(known.field(), TextPattern.of(pattern));
    } catch (IllegalArgumentException e) {
      throw invalid(e.getMessage());
    }
  }

  private Known known(String name, Object tree) {
    Known known = FIELDS.get(name);
    if (known == null) {
      String key = QueryParameters.metadataKey(name);
      if (key == null || key.chars().anyMatch(Character::isWhitespace)) {
        throw invalid(tree, "there is no such field");
      }
      known = new Known(new Field.MetadataKey(key), Kind.ANY);
    }
    return known;
  }

  /** A value as the field has them. */
  private Object value(Known known, Object given, Object tree) {
    if (!(given instanceof String) && !(given instanceof Number) && !(given instanceof Boolean)) {
      throw invalid(tree, "a text, a number or a truth value is expected");
    }
    if (known.equals(PROJECT)) {
      caller.mayAsk(PythonText.str(given));
    }
    Object value = given instanceof Number number ? number(number, tree) : given;
    switch (known.kind()) {
      case TEXT -> {
        if (!(value instanceof String)) {
          throw invalid(tree, "a text is expected");
        }
      }
      case NUMBER -> {
        value = value instanceof String text ? MetadataValue.decimal(text.strip()) : value;
        if (!(value instanceof Number)) {
          throw invalid(tree, "a number is expected");
        }
      }
      case TIME -> {
        try {
          value = Timestamps.parse(value instanceof String text ? text.strip() : "");
        } catch (IllegalArgumentException e) {
          throw ApiException.badRequest(
              "Failed to parse the timestamp value " + ApiException.shown(PythonText.str(given)));
        }
      }
      case ANY -> {
        // Metadata may be of any kind.
      }
    }
    return value;
  }

  /** A whole number, or a Double. */
  private static Number number(Number number, Object tree) {
    if (number instanceof Long || number instanceof BigInteger) {
      return number;
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      throw invalid(tree, "a number is too large");
    }
    return value;
  }

  private void countPart() {
    if (++parts > MOST_PARTS) {
      throw invalid("more than " + MOST_PARTS + " conditions and values");
    }
  }

  private static Map.Entry<?, ?> only(Object tree, String why) {
    return only(tree, tree, why);
  }

  private static Map.Entry<?, ?> only(Object tree, Object shown, String why) {
    if (!(tree instanceof Map<?, ?> map) || map.size() != 1) {
      throw invalid(shown, why);
    }
    return map.entrySet().iterator().next();
  }

  private static ApiException invalid(Object tree, String why) {
    return invalid(
        ApiException.shown(PythonText.str(tree))
            + " is not valid under any of the given schemas: "
            + why);
  }

  private static ApiException invalid(String why) {
    return ApiException.badRequest("Filter expression not valid: " + why);
  }
}
