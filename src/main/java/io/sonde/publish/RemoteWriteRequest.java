package io.sonde.publish;

import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Samples as the message of Prometheus' remote write 1.0. Names get {@code _} for what Prometheus
 * does not allow in them; times are cut to milliseconds.
 *
 * @see <a href="https://prometheus.io/docs/specs/prw/remote_write_spec/">the specification</a>
 */
final class RemoteWriteRequest {
  private static final Pattern NOT_IN_METRICS = Pattern.compile("[^a-zA-Z0-9_:]");
  private static final Pattern NOT_IN_LABELS = Pattern.compile("[^a-zA-Z0-9_]");
  private static final int TIME_SERIES = 1;
  private static final int LABELS = 1;
  private static final int SAMPLES = 2;
  private static final int NAME = 1;
  private static final int VALUE_OF_LABEL = 2;
  private static final int VALUE = 1;
  private static final int TIMESTAMP = 2;

  private RemoteWriteRequest() {}

  /** The message; samples of a series stand in the order of their times. */
  static Protobuf of(List<Outgoing> samples) {
    Map<Series, List<Sample>> bySeries = new LinkedHashMap<>();
    for (Outgoing outgoing : samples) {
      Sample sample = outgoing.sample();
      bySeries.computeIfAbsent(sample.series(), series -> new ArrayList<>()).add(sample);
    }
    Protobuf request = new Protobuf();
    for (Map.Entry<Series, List<Sample>> one : bySeries.entrySet()) {
      Protobuf series = new Protobuf();
      labels(one.getKey())
          .forEach(
              (name, value) ->
                  series.message(
                      LABELS, new Protobuf().text(NAME, name).text(VALUE_OF_LABEL, value)));
      one.getValue().sort(Comparator.comparingLong(Sample::timestamp));
      for (Sample sample : one.getValue()) {
        series.message(
            SAMPLES,
            new Protobuf()
                .number(VALUE, sample.volume())
                .varint(TIMESTAMP, Math.floorDiv(sample.timestamp(), 1_000L)));
      }
      request.message(TIME_SERIES, series);
    }
    return request;
  }

  /** The labels of a series in order of their names; what is empty has none. */
  static Map<String, String> labels(Series series) {
    TreeMap<String, String> labels = new TreeMap<>();
    labels.put("__name__", metricName(series.meter()));
    put("resource_id", series.resourceId(), labels);
    put("project_id", series.projectId(), labels);
    put("user_id", series.userId(), labels);
    put("source", series.source(), labels);
    put("unit", series.unit(), labels);
    put("type", series.type().wireName(), labels);
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      String name = labelName(dimension.getKey());
      // A label of that name says something else already.
      while (labels.containsKey(name) || isOwn(name)) {
        name = name + "_";
      }
      put(name, dimension.getValue(), labels);
    }
    return labels;
  }

  private static void put(String name, String value, Map<String, String> labels) {
    if (value != null && !value.isEmpty()) {
      labels.put(name, value);
    }
  }

  /** Taken even where a series has no such label: a name must not change its meaning. */
  private static boolean isOwn(String name) {
    return switch (name) {
      case "resource_id", "project_id", "user_id", "source", "unit", "type" -> true;
      default -> false;
    };
  }

  private static String metricName(String meter) {
    String name = NOT_IN_METRICS.matcher(meter).replaceAll("_");
    return name.isEmpty() || Character.isDigit(name.charAt(0)) ? "_" + name : name;
  }

  /** Names that begin with two underscores are Prometheus' own. */
  private static String labelName(String dimension) {
    String name = NOT_IN_LABELS.matcher(dimension).replaceAll("_").replaceFirst("^_+", "_");
    return name.isEmpty() || Character.isDigit(name.charAt(0)) ? "_" + name : name;
  }
}
