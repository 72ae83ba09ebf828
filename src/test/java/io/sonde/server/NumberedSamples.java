package io.sonde.server;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * Samples that are told by a number: it gives each one its series, its second, its message id and
 * its volume. No two share a series and a second, so a stored sample's place tells its number, and
 * its volume must repeat it.
 */
final class NumberedSamples {
  /** The meters that numbers are spread over. */
  static final List<String> METERS =
      List.of("fault.cpu", "fault.memory", "fault.disk.bytes", "fault.network.bytes");

  private static final List<String> TYPES = List.of("gauge", "gauge", "delta", "cumulative");
  private static final int RESOURCE_COUNT = 25;

  /** The resources that numbers are spread over. */
  static final List<String> RESOURCES =
      LongStream.range(0, RESOURCE_COUNT).mapToObj(i -> "fault-resource-" + i).toList();

  private static final int SERIES_COUNT = METERS.size() * RESOURCE_COUNT;
  private static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);

  private NumberedSamples() {}

  /** The meter of a number. */
  static String meter(long number) {
    return METERS.get((int) (number % METERS.size()));
  }

  /** The resource of a number. */
  static String resource(long number) {
    return RESOURCES.get((int) (number / METERS.size() % RESOURCE_COUNT));
  }

  /** The time of a number, in UTC. */
  static LocalDateTime time(long number) {
    return START.plusSeconds(number / SERIES_COUNT);
  }

  /** The number at a place, or -1 where no number lies. */
  static long number(String meter, String resource, LocalDateTime time) {
    int meterIndex = METERS.indexOf(meter);
    int resourceIndex = RESOURCES.indexOf(resource);
    long seconds = START.until(time, ChronoUnit.SECONDS);
    if (meterIndex < 0
        || resourceIndex < 0
        || seconds < 0
        || !START.plusSeconds(seconds).equals(time)) {
      return -1;
    }
    return seconds * SERIES_COUNT + resourceIndex * (long) METERS.size() + meterIndex;
  }

  /** A body for {@code POST /v2/samples}. */
  static String json(long[] numbers) {
    StringBuilder body = new StringBuilder(numbers.length * 400).append('[');
    for (long number : numbers) {
      if (body.length() > 1) {
        body.append(',');
      }
      append(body, number);
    }
    return body.append(']').toString();
  }

  private static void append(StringBuilder body, long number) {
    long resource = number / METERS.size() % RESOURCE_COUNT;
    body.append("{\"counter_name\":\"").append(meter(number));
    body.append("\",\"counter_type\":\"").append(TYPES.get((int) (number % METERS.size())));
    body.append("\",\"counter_unit\":\"B\",\"counter_volume\":").append(number);
    body.append(",\"resource_id\":\"").append(resource(number));
    body.append("\",\"project_id\":\"project-").append(resource % 5);
    body.append("\",\"user_id\":\"user-").append(resource % 7);
    body.append("\",\"source\":\"openstack\",\"timestamp\":\"").append(iso(number));
    // The metadata of a resource changes now and then, in the middle of its series.
    body.append("\",\"resource_metadata\":{\"host\":\"compute-").append(number / 3000);
    body.append("\",\"status\":\"active\"},\"message_id\":\"");
    body.append(String.format(Locale.ROOT, "00000000-0000-4000-8000-%012x", number));
    body.append("\"}");
  }

  private static String iso(long number) {
    // LocalDateTime leaves out seconds that are zero, which is no form that Ceilometer knows.
    String text = time(number).toString();
    return text.length() == 16 ? text + ":00" : text;
  }
}
