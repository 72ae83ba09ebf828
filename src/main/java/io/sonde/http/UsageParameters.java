package io.sonde.http;

import static io.sonde.http.ApiException.invalidInput;

import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.model.Timestamps;
import io.sonde.query.UsageQuestion;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** Reads what is asked of usage. */
final class UsageParameters {
  static final Set<String> NAMES =
      Set.of(
          "meter",
          "start",
          "end",
          "per",
          "tz",
          "gap",
          "groupby",
          "resource_id",
          "project_id",
          "user_id",
          "source",
          "limit",
          Marker.ARGUMENT,
          AsOf.ARGUMENT,
          Explanation.ARGUMENT);

  private static final List<SeriesField> FIELDS =
      List.of(
          SeriesField.RESOURCE_ID, SeriesField.PROJECT_ID, SeriesField.USER_ID, SeriesField.SOURCE);
  private static final long DEFAULT_GAP_SECONDS = 3600;
  private static final long LONGEST_GAP_SECONDS = 366 * 24 * 3600;
  private static final int MOST_PERIODS = 100_000;
  private static final Pattern OFFSET = Pattern.compile(".*([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)");

  private UsageParameters() {}

  /** The question, narrowed to what the caller may see. */
  static UsageQuestion parse(Arguments arguments, Caller caller) {
    ZoneId zone = zone(arguments);
    long start = start(arguments, zone);
    long end = end(arguments, start, zone);
    long gap = gap(arguments);
    return new UsageQuestion(
        filter(arguments, caller),
        bounds(start, end, arguments.one("per"), zone),
        StatisticsParameters.groupBy(arguments),
        gap * 1_000_000,
        new FlatMetadata()::at);
  }

  /** Seconds between two samples up to which what lies between them is known. */
  static long gap(Arguments arguments) {
    long gap = arguments.number("gap", DEFAULT_GAP_SECONDS);
    if (gap < 1 || gap > LONGEST_GAP_SECONDS) {
      throw invalidInput("gap", gap, "1 to " + LONGEST_GAP_SECONDS + " seconds are expected");
    }
    return gap;
  }

  private static SeriesFilter filter(Arguments arguments, Caller caller) {
    Map<SeriesField, String> equal = new EnumMap<>(SeriesField.class);
    equal.put(SeriesField.METER, mandatory(arguments, "meter"));
    for (SeriesField field : FIELDS) {
      String value = arguments.one(field.wireName());
      boolean mayBeNone = field == SeriesField.PROJECT_ID || field == SeriesField.USER_ID;
      if (value != null) {
        equal.put(field, mayBeNone && value.equals("None") ? null : value);
      }
    }
    if (equal.containsKey(SeriesField.PROJECT_ID)) {
      caller.mayAsk(equal.get(SeriesField.PROJECT_ID));
    } else if (caller.onlyProject() != null) {
      equal.put(SeriesField.PROJECT_ID, caller.onlyProject());
    }
    return new SeriesFilter(equal);
  }

  private static List<Long> bounds(long start, long end, String per, ZoneId zone) {
    List<Long> bounds = new ArrayList<>(List.of(start));
    if (per != null) {
      UnaryOperator<ZonedDateTime> next = next(per);
      ZonedDateTime at = next.apply(instant(start).atZone(zone));
      while (micros(at.toInstant()) < end) {
        if (bounds.size() == MOST_PERIODS) {
          throw invalidInput(
              "per", per, "at most " + MOST_PERIODS + " periods may lie between start and end");
        }
        bounds.add(micros(at.toInstant()));
        at = next.apply(at);
      }
    }
    bounds.add(end);
    return bounds;
  }

  /** Where the next calendar period begins. */
  private static UnaryOperator<ZonedDateTime> next(String per) {
    return switch (per) {
      case "hour" -> at -> at.truncatedTo(ChronoUnit.HOURS).plusHours(1);
      case "day" -> at -> at.toLocalDate().plusDays(1).atStartOfDay(at.getZone());
      case "month" ->
          at -> at.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(at.getZone());
      default -> throw invalidInput("per", per, "hour, day or month is expected");
    };
  }

  /** Where it begins, microseconds. */
  static long start(Arguments arguments, ZoneId zone) {
    return time("start", mandatory(arguments, "start"), zone);
  }

  /** Where it ends, microseconds, after this start. */
  static long end(Arguments arguments, long start, ZoneId zone) {
    long end = time("end", mandatory(arguments, "end"), zone);
    if (end <= start) {
      throw invalidInput("end", arguments.one("end"), "a time after the start is expected");
    }
    return end;
  }

  /** Without an offset it is a time of the zone. */
  private static long time(String name, String text, ZoneId zone) {
    long micros;
    try {
      micros = Timestamps.parse(text);
    } catch (IllegalArgumentException e) {
      throw invalidInput(name, text, e.getMessage());
    }
    if (text.length() > 10 && OFFSET.matcher(text.substring(10)).matches()) {
      return micros;
    }
    LocalDateTime local = LocalDateTime.ofInstant(instant(micros), ZoneOffset.UTC);
    return micros(local.atZone(zone).toInstant());
  }

  /** The zone of times without an offset. */
  static ZoneId zone(Arguments arguments) {
    String text = arguments.one("tz");
    try {
      return text == null ? ZoneOffset.UTC : ZoneId.of(text);
    } catch (DateTimeException e) {
      throw invalidInput("tz", text, "a time zone such as Europe/Berlin or +02:00 is expected");
    }
  }

  private static String mandatory(Arguments arguments, String name) {
    String value = arguments.one(name);
    if (value == null || value.isEmpty()) {
      throw invalidInput(name, value, "Mandatory field missing.");
    }
    return value;
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long micros(Instant instant) {
    // What ChronoUnit reckons passes over nanoseconds, which end in 2262.
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }
}
