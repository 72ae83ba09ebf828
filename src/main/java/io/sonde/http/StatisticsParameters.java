package io.sonde.http;

import io.sonde.model.PythonText;
import io.sonde.model.SeriesField;
import io.sonde.query.Field;
import io.sonde.query.StatisticsQuestion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a statistic is to be split, and what of it is to be shown.
 *
 * @param aggregates what was asked for, each once; empty where nothing was, which means all of the
 *     standard ones
 * @param limit rows to be answered at most
 */
record StatisticsParameters(StatisticsQuestion question, List<Aggregate> aggregates, int limit) {
  /** The arguments that belong to statistics alone. */
  static final Set<String> NAMES =
      Set.of(
          "period",
          "groupby",
          "aggregate.func",
          "aggregate.param",
          "limit",
          Marker.ARGUMENT,
          AsOf.ARGUMENT,
          Explanation.ARGUMENT);

  private static final Set<String> FUNCTIONS =
      Set.of("count", "min", "max", "avg", "sum", "stddev", "cardinality");

  // A period that begins before now ends within the years that timestamps have.
  private static final long LONGEST_PERIOD = 7_000L * 366 * 24 * 3600;

  /**
   * A function.
   *
   * @param counted the field whose values {@code cardinality} counts; null for the others
   */
  record Aggregate(String function, SeriesField counted) {
    /** The name in the answer. */
    String name() {
      return counted == null ? function : function + "/" + counted.wireName();
    }
  }

  static StatisticsParameters parse(Arguments arguments) {
    long period = arguments.number("period", 0);
    if (period < 0) {
      throw ApiException.badRequest("Period must be positive.");
    }
    if (period > LONGEST_PERIOD) {
      throw ApiException.badRequest(
          "Invalid period " + period + ": at most " + LONGEST_PERIOD + " seconds");
    }
    List<Aggregate> aggregates = aggregates(arguments);
    Set<SeriesField> distinct = EnumSet.noneOf(SeriesField.class);
    boolean hasDeviation = false;
    for (Aggregate aggregate : aggregates) {
      hasDeviation |= aggregate.function().equals("stddev");
      if (aggregate.counted() != null) {
        distinct.add(aggregate.counted());
      }
    }
    return new StatisticsParameters(
        new StatisticsQuestion(
            period, groupBy(arguments), hasDeviation, distinct, new FlatMetadata()::at),
        aggregates,
        arguments.limit(Integer.MAX_VALUE));
  }

  /** Functions and parameters belong together by their position; an empty one stands for none. */
  private static List<Aggregate> aggregates(Arguments arguments) {
    List<String> functions = arguments.all("aggregate.func");
    List<String> parameters = arguments.all("aggregate.param");
    if (parameters.size() > functions.size()) {
      throw ApiException.invalidInput("func", null, "Mandatory field missing.");
    }
    Set<Aggregate> aggregates = new LinkedHashSet<>();
    for (int i = 0; i < functions.size(); i++) {
      String parameter = i < parameters.size() ? parameters.get(i) : "";
      aggregates.add(aggregate(functions.get(i), parameter.isEmpty() ? null : parameter));
    }
    return new ArrayList<>(aggregates);
  }

  private static Aggregate aggregate(String function, String parameter) {
    if (!FUNCTIONS.contains(function)) {
      throw ApiException.badRequest(
          "Invalid aggregation function: " + ApiException.shown(function));
    }
    boolean isCardinality = function.equals("cardinality");
    SeriesField counted = isCardinality && parameter != null ? field(parameter) : null;
    if (isCardinality != (counted != null) || (!isCardinality && parameter != null)) {
      throw ApiException.badRequest(
          "Bad aggregate: " + function + "." + ApiException.shown(PythonText.str(parameter)));
    }
    return new Aggregate(function, counted);
  }

  /** What is to be told apart, by the names that it was asked for by. */
  static SortedMap<String, Field> groupBy(Arguments arguments) {
    SortedMap<String, Field> groupBy = new TreeMap<>();
    for (String name : arguments.all("groupby")) {
      groupBy.put(name, grouped(name));
    }
    return Collections.unmodifiableSortedMap(groupBy);
  }

  private static Field grouped(String name) {
    String key = QueryParameters.metadataKey(name);
    if (key != null) {
      return new Field.MetadataKey(key);
    }
    SeriesField field = field(name);
    if (field == null) {
      throw ApiException.unknownArgument(name, "Invalid groupby fields");
    }
    return new Field.OfSeries(field);
  }

  /** A field to group by or to count; not the meter, of which there is one. */
  private static SeriesField field(String name) {
    SeriesField field = SeriesField.ofWireName(name);
    return field == SeriesField.METER ? null : field;
  }
}
