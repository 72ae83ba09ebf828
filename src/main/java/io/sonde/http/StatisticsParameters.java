package io.sonde.http;

import io.sonde.model.SeriesField;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How a statistic is to be split.
 *
 * @param periodSeconds length of the periods; 0 where there are none
 * @param groupBy the fields to group by, each once
 * @param limit rows to be answered at most
 */
record StatisticsParameters(long periodSeconds, List<SeriesField> groupBy, int limit) {
  /** The arguments that belong to statistics alone. */
  static final Set<String> NAMES =
      Set.of("period", "groupby", "aggregate.func", "aggregate.param", "limit");

  // A period that begins before now ends within the years that timestamps have.
  private static final long LONGEST_PERIOD = 7_000L * 366 * 24 * 3600;

  static StatisticsParameters parse(Arguments arguments) {
    if (!arguments.all("aggregate.func").isEmpty() || !arguments.all("aggregate.param").isEmpty()) {
      throw ApiException.badRequest(
          "aggregate.func and aggregate.param are not supported yet;"
              + " count, min, max, avg and sum are always given");
    }
    long period = arguments.number("period", 0);
    if (period < 0) {
      throw ApiException.badRequest("Period must be positive.");
    }
    if (period > LONGEST_PERIOD) {
      throw ApiException.badRequest(
          "Invalid period " + period + ": at most " + LONGEST_PERIOD + " seconds");
    }
    Set<SeriesField> groupBy = EnumSet.noneOf(SeriesField.class);
    for (String field : arguments.all("groupby")) {
      groupBy.add(field(field));
    }
    return new StatisticsParameters(
        period, new ArrayList<>(groupBy), arguments.limit(Integer.MAX_VALUE));
  }

  private static SeriesField field(String name) {
    return switch (name) {
      case "user_id" -> SeriesField.USER_ID;
      case "resource_id" -> SeriesField.RESOURCE_ID;
      case "project_id" -> SeriesField.PROJECT_ID;
      case "source" -> SeriesField.SOURCE;
      default -> {
        if (name.startsWith("resource_metadata.") || name.startsWith("metadata.")) {
          throw ApiException.unknownArgument(name, "grouping by metadata is not supported yet");
        }
        throw ApiException.unknownArgument(name, "Invalid groupby fields");
      }
    };
  }
}
