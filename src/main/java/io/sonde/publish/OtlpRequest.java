package io.sonde.publish;

import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Samples as the ExportMetricsServiceRequest of OTLP 1: one resource for each of Ceilometer's, with
 * what names it as attributes; gauges as Gauge, cumulative meters as monotonic Sum of temporality
 * CUMULATIVE, deltas as Sum of DELTA.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">the specification</a>
 */
final class OtlpRequest {
  private static final int RESOURCE_METRICS = 1;
  private static final int RESOURCE = 1;
  private static final int SCOPE_METRICS = 2;
  private static final int SCOPE = 1;
  private static final int METRICS = 2;

  private static final int NAME = 1;
  private static final int UNIT = 3;
  private static final int GAUGE = 5;
  private static final int SUM = 7;
  private static final int DATA_POINTS = 1;
  private static final int TEMPORALITY = 2;
  private static final int IS_MONOTONIC = 3;
  private static final int DELTA = 1;
  private static final int CUMULATIVE = 2;

  private static final int TIME = 3;
  private static final int VALUE = 4;
  private static final int ATTRIBUTES_OF_POINT = 7;

  private static final int ATTRIBUTES = 1;
  private static final int KEY = 1;
  private static final int VALUE_OF_KEY = 2;
  private static final int STRING = 1;

  private OtlpRequest() {}

  /** What OTLP calls a resource. */
  private record Owner(String resourceId, String projectId, String userId, String source) {
    static Owner of(Series series) {
      return new Owner(series.resourceId(), series.projectId(), series.userId(), series.source());
    }
  }

  /** The message; points of a series stand in the order of the samples. */
  static Protobuf of(List<Outgoing> samples) {
    Map<Owner, Map<Series, List<Sample>>> byOwner = new LinkedHashMap<>();
    for (Outgoing outgoing : samples) {
      Sample sample = outgoing.sample();
      byOwner
          .computeIfAbsent(Owner.of(sample.series()), owner -> new LinkedHashMap<>())
          .computeIfAbsent(sample.series(), series -> new ArrayList<>())
          .add(sample);
    }
    Protobuf request = new Protobuf();
    byOwner.forEach(
        (owner, bySeries) -> {
          Protobuf scope = new Protobuf().message(SCOPE, new Protobuf().text(NAME, "sonde"));
          bySeries.forEach((series, points) -> scope.message(METRICS, metric(series, points)));
          request.message(
              RESOURCE_METRICS,
              new Protobuf().message(RESOURCE, resource(owner)).message(SCOPE_METRICS, scope));
        });
    return request;
  }

  private static Protobuf resource(Owner owner) {
    Protobuf resource = new Protobuf();
    attribute("resource_id", owner.resourceId(), ATTRIBUTES, resource);
    attribute("project_id", owner.projectId(), ATTRIBUTES, resource);
    attribute("user_id", owner.userId(), ATTRIBUTES, resource);
    attribute("source", owner.source(), ATTRIBUTES, resource);
    return resource;
  }

  private static void attribute(String key, String value, int field, Protobuf message) {
    if (!Objects.requireNonNullElse(value, "").isEmpty()) {
      message.message(
          field,
          new Protobuf().text(KEY, key).message(VALUE_OF_KEY, new Protobuf().text(STRING, value)));
    }
  }

  private static Protobuf metric(Series series, List<Sample> samples) {
    Protobuf data = new Protobuf();
    for (Sample sample : samples) {
      data.message(DATA_POINTS, point(sample));
    }
    Protobuf metric = new Protobuf().text(NAME, series.meter()).text(UNIT, series.unit());
    return switch (series.type()) {
      case GAUGE -> metric.message(GAUGE, data);
      case DELTA -> metric.message(SUM, data.varint(TEMPORALITY, DELTA));
      case CUMULATIVE ->
          metric.message(SUM, data.varint(TEMPORALITY, CUMULATIVE).varint(IS_MONOTONIC, 1));
    };
  }

  /** When a counter began, or what time a delta is of, no sample says: no start is given. */
  private static Protobuf point(Sample sample) {
    Protobuf point =
        new Protobuf()
            .fixed64(TIME, Math.multiplyExact(sample.timestamp(), 1_000L))
            .number(VALUE, sample.volume());
    sample
        .series()
        .dimensions()
        .forEach((name, value) -> attribute(name, value, ATTRIBUTES_OF_POINT, point));
    return point;
  }
}
