package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sonde.audit.Period;
import io.sonde.model.ConfigException;
import io.sonde.model.NameFilter;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.query.Field;
import io.sonde.query.UsageQuestion;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * The body that asks for a seal: an object with the fields that are arguments of {@code /v2/usage},
 * with lists where those may be repeated, and {@code meters}, a list of names and patterns.
 *
 * @param question the selection, whatever its meter
 */
record PeriodRequest(Period period, UsageQuestion question) {
  private static final Set<String> NAMES =
      Set.of("start", "end", "project_id", "meters", "groupby", "gap", "tz");

  /**
   * Reads a body.
   *
   * @param defaultMeters where it names none
   */
  static PeriodRequest parse(byte[] body, List<String> defaultMeters) {
    Arguments arguments = Arguments.of(values(body), NAMES);
    ZoneId zone = UsageParameters.zone(arguments);
    long start = UsageParameters.start(arguments, zone);
    long end = UsageParameters.end(arguments, start, zone);
    long gap = UsageParameters.gap(arguments);
    String project = arguments.one("project_id");
    SortedMap<String, Field> groupBy = StatisticsParameters.groupBy(arguments);
    Map<SeriesField, String> equal = new EnumMap<>(SeriesField.class);
    if (project != null) {
      equal.put(SeriesField.PROJECT_ID, project.equals("None") ? null : project);
    }
    return new PeriodRequest(
        new Period(
            start,
            end,
            project,
            meters(arguments, defaultMeters),
            List.copyOf(groupBy.keySet()),
            gap),
        new UsageQuestion(
            new SeriesFilter(equal),
            List.of(start, end),
            groupBy,
            gap * 1_000_000,
            new FlatMetadata()::at));
  }

  private static List<String> meters(Arguments arguments, List<String> defaultMeters) {
    List<String> meters = arguments.all("meters");
    if (meters.isEmpty()) {
      return defaultMeters;
    }
    try {
      NameFilter.of(meters, "meters");
    } catch (ConfigException e) {
      throw ApiException.badRequest("Invalid input for field/attribute " + e.getMessage());
    }
    return meters;
  }

  private static Map<String, List<String>> values(byte[] body) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    object(body)
        .forEach(
            (name, value) -> {
              List<String> texts = new ArrayList<>();
              for (Object each : value instanceof List<?> list ? list : one(value)) {
                texts.add(text(name, each));
              }
              values.put(name, texts);
            });
    return values;
  }

  /** Null is as good as absent. */
  private static List<Object> one(Object value) {
    return value == null ? List.of() : List.of(value);
  }

  private static String text(String name, Object value) {
    if ((value instanceof String text && !text.isEmpty()) || value instanceof Long) {
      return value.toString();
    }
    throw ApiException.invalidInput(name, value, "a text that is not empty is expected");
  }

  private static Map<String, Object> object(byte[] body) {
    try (JsonParser parser = JsonTree.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw ApiException.badRequest("The request body is not a JSON object.");
      }
      Map<String, Object> object = JsonTree.readMap(parser);
      if (parser.nextToken() != null) {
        throw ApiException.badRequest("Something follows the JSON object in the request body.");
      }
      return object;
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest("The request body is not JSON: " + e.getOriginalMessage());
    } catch (IOException | IllegalArgumentException e) {
      throw ApiException.badRequest("The request body is not JSON: " + e.getMessage());
    }
  }
}
