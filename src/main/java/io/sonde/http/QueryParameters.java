package io.sonde.http;

import static io.sonde.http.ApiException.invalidInput;

import io.sonde.model.PythonText;
import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.SampleFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code q.field}, {@code q.op}, {@code q.value} and {@code q.type}: groups matched by their
 * position, all of which must hold. Of plain fields and bounds that are given twice the last one
 * counts.
 *
 * <p>Where the original discards the offset of a timestamp it is honoured here: the figures of
 * another hour than the one asked for are no compatibility worth keeping.
 */
final class QueryParameters {
  /** The arguments that make up a filter. */
  static final Set<String> NAMES = Set.of("q.field", "q.op", "q.value", "q.type");

  /** Which fields a question may filter by. */
  enum Scope {
    SAMPLES,
    RESOURCES,
    METERS,
    /** Samples that are stored from now on. */
    STREAM;

    private List<String> fields() {
      return switch (this) {
        case SAMPLES -> SAMPLE_FIELDS;
        case RESOURCES -> RESOURCE_FIELDS;
        case METERS -> METER_FIELDS;
        case STREAM -> STREAM_FIELDS;
      };
    }
  }

  private static final List<String> SAMPLE_FIELDS =
      List.of(
          "message_id",
          "metadata",
          "meter",
          "project",
          "resource",
          "search_offset",
          "source",
          "timestamp",
          "user");
  private static final List<String> RESOURCE_FIELDS =
      List.of("metadata", "project", "resource", "search_offset", "source", "timestamp", "user");
  private static final List<String> METER_FIELDS =
      List.of("metadata", "project", "resource", "source", "user");
  private static final List<String> STREAM_FIELDS =
      List.of("metadata", "meter", "project", "resource", "source", "user");
  private static final Map<String, String> ALIASES =
      Map.of(
          "project_id", "project",
          "resource_id", "resource",
          "user_id", "user");
  private static final Map<String, SeriesField> SERIES_FIELDS =
      Map.of(
          "meter", SeriesField.METER,
          "project", SeriesField.PROJECT_ID,
          "resource", SeriesField.RESOURCE_ID,
          "source", SeriesField.SOURCE,
          "user", SeriesField.USER_ID);
  private static final List<String> OPERATORS = List.of("lt", "le", "eq", "ne", "ge", "gt");
  private static final long MINUTE = 60_000_000;
  private static final long LONGEST_OFFSET_MINUTES = 100L * 366 * 24 * 60;

  private final Scope scope;
  private final Caller caller;
  private final Map<SeriesField, String> equal = new HashMap<>();
  private final List<Condition> conditions = new ArrayList<>();
  private String messageId;
  private long start = Long.MIN_VALUE;
  private long end = Long.MAX_VALUE;
  private boolean afterStart;
  private boolean throughEnd;
  private long offset;
  private boolean hasOffset;

  private QueryParameters(Scope scope, Caller caller) {
    this.scope = scope;
    this.caller = caller;
  }

  /** The filter of a request, narrowed to what the caller may see. */
  static ParsedQuery parse(Arguments arguments, Scope scope, Caller caller) {
    QueryParameters parameters = new QueryParameters(scope, caller);
    groups(arguments).forEach(parameters::add);
    return parameters.build();
  }

  /** The conditions of a request as they are written. */
  static List<Group> groups(Arguments arguments) {
    List<String> fields = arguments.all("q.field");
    List<String> values = arguments.all("q.value");
    List<String> operators = arguments.all("q.op");
    List<String> types = arguments.all("q.type");
    int count =
        Math.max(Math.max(fields.size(), values.size()), Math.max(operators.size(), types.size()));
    List<Group> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      groups.add(
          new Group(
              mandatory("field", fields, i),
              at(operators, i, "eq"),
              mandatory("value", values, i),
              at(types, i, "")));
    }
    return groups;
  }

  /** One condition as it was written. */
  record Group(String field, String op, String value, String type) {
    /** As Python shows it; error texts quote it. */
    @Override
    public String toString() {
      return "<Query u'" + field + "' " + op + " u'" + value + "' " + type + ">";
    }
  }

  private void add(Group group) {
    String field = ALIASES.getOrDefault(group.field, group.field);
    String key = metadataKey(field);
    if (key == null) {
      checkField(group, field);
    }
    if (!OPERATORS.contains(group.op)) {
      throw invalidInput("op", group.op, "Value should be one of: " + String.join(", ", OPERATORS));
    }
    if (field.equals("timestamp")) {
      addBound(group);
      return;
    }
    if (!group.op.equals("eq")) {
      throw invalidInput("op", group.op, "unimplemented operator for " + group.field);
    }
    if (key != null) {
      conditions.add(
          Condition.equal(new Field.MetadataKey(key), MetadataValue.of(group.value, group.type)));
    } else if (field.equals("search_offset")) {
      offset = minutes(group.value);
      hasOffset = true;
    } else if (field.equals("message_id")) {
      messageId = group.value;
    } else {
      addSeriesField(field, group.value);
    }
  }

  private void checkField(Group group, String field) {
    // "metadata" stands among the names for metadata.KEY; by itself it asks for nothing.
    if (scope.fields().contains(field) && !field.equals("metadata")) {
      return;
    }
    if (field.equals("timestamp")) {
      throw ApiException.unknownArgument("timestamp", "not valid for this resource");
    }
    if (field.equals("search_offset")) {
      throw invalidInput(field, group.value, "search_offset cannot be used without timestamp");
    }
    throw ApiException.unknownArgument(
        group.field,
        "unrecognized field in query: ["
            + ApiException.shown(group.toString())
            + "], valid keys: "
            + PythonText.str(scope.fields()));
  }

  private void addBound(Group group) {
    long micros;
    try {
      micros = Timestamps.parse(group.value.strip());
    } catch (IllegalArgumentException e) {
      throw invalidInput("timestamp", group.value, e.getMessage());
    }
    switch (group.op) {
      case "gt", "ge" -> {
        start = micros;
        afterStart = group.op.equals("gt");
      }
      case "lt", "le" -> {
        end = micros;
        throughEnd = group.op.equals("le");
      }
      default -> throw invalidInput("op", group.op, "unimplemented operator for timestamp");
    }
  }

  private void addSeriesField(String field, String value) {
    SeriesField seriesField = SERIES_FIELDS.get(field);
    boolean mayBeNone = seriesField == SeriesField.PROJECT_ID || seriesField == SeriesField.USER_ID;
    String wanted = mayBeNone && value.equals("None") ? null : value;
    if (seriesField == SeriesField.PROJECT_ID) {
      caller.mayAsk(wanted);
    }
    equal.put(seriesField, wanted);
  }

  private ParsedQuery build() {
    if (hasOffset && start == Long.MIN_VALUE && end == Long.MAX_VALUE) {
      throw invalidInput(
          "search_offset", offset / MINUTE, "search_offset cannot be used without timestamp");
    }
    if (caller.onlyProject() != null) {
      equal.put(SeriesField.PROJECT_ID, caller.onlyProject());
    }
    long periods = start == Long.MIN_VALUE ? start : start - offset;
    long from = afterStart ? periods + 1 : periods;
    long to = end == Long.MAX_VALUE ? end : end + offset + (throughEnd ? 1 : 0);
    if (messageId != null) {
      conditions.add(Condition.equal(Field.Column.MESSAGE_ID, messageId));
    }
    // Map.copyOf refuses the null that asks for a series without project or user.
    SampleFilter filter =
        new SampleFilter(
            Collections.unmodifiableMap(equal), from, to, Condition.all(conditions), periods);
    return new ParsedQuery(filter, start, end);
  }

  /** The key that a condition on metadata asks for, or null where it asks for something else. */
  static String metadataKey(String field) {
    for (String prefix : List.of("metadata.", "resource_metadata.")) {
      if (field.startsWith(prefix) && field.length() > prefix.length()) {
        return field.substring(prefix.length());
      }
    }
    return null;
  }

  private static long minutes(String text) {
    long minutes;
    try {
      minutes = Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      minutes = -1;
    }
    if (minutes < 0 || minutes > LONGEST_OFFSET_MINUTES) {
      throw invalidInput(
          "search_offset",
          text,
          "a number of minutes from 0 to " + LONGEST_OFFSET_MINUTES + " is expected");
    }
    return minutes * MINUTE;
  }

  private static String mandatory(String name, List<String> given, int i) {
    if (i >= given.size()) {
      throw invalidInput(name, null, "Mandatory field missing.");
    }
    return given.get(i);
  }

  private static String at(List<String> given, int i, String absent) {
    return i < given.size() && !given.get(i).isEmpty() ? given.get(i) : absent;
  }
}
