package io.sonde.exporter;

import io.sonde.model.MeterType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the comments of an exposition say of a metric family; either part may be missing.
 *
 * @param type the word after {@code # TYPE}, or null
 * @param unit the word after {@code # UNIT}, or null
 */
record PrometheusFamily(String type, String unit) {
  /** What the samples of one name are. */
  record Meaning(MeterType type, String unit) {}

  private static final PrometheusFamily UNTYPED = new PrometheusFamily(null, null);
  private static final Set<String> TYPES =
      Set.of(
          "counter",
          "gauge",
          "histogram",
          "summary",
          "untyped",
          "unknown",
          "info",
          "stateset",
          "gaugehistogram");
  private static final List<String> SUFFIXES =
      List.of("_total", "_bucket", "_sum", "_count", "_created", "_info", "_gsum", "_gcount");

  /** Prometheus spells base units out and in the plural; Sonde's meters use their symbols. */
  private static final Map<String, String> SYMBOLS =
      Map.ofEntries(
          Map.entry("seconds", "s"),
          Map.entry("milliseconds", "ms"),
          Map.entry("microseconds", "us"),
          Map.entry("nanoseconds", "ns"),
          Map.entry("bytes", "B"),
          Map.entry("ratio", "ratio"),
          Map.entry("percent", "%"),
          Map.entry("celsius", "C"),
          Map.entry("meters", "m"),
          Map.entry("volts", "V"),
          Map.entry("amperes", "A"),
          Map.entry("joules", "J"),
          Map.entry("watts", "W"),
          Map.entry("hertz", "Hz"),
          Map.entry("grams", "g"));

  static boolean isType(String word) {
    return TYPES.contains(word);
  }

  static PrometheusFamily ofType(String type) {
    return new PrometheusFamily(type, null);
  }

  static PrometheusFamily ofUnit(String unit) {
    return new PrometheusFamily(null, unit);
  }

  /** Both together; a later word wins. */
  PrometheusFamily with(PrometheusFamily later) {
    return new PrometheusFamily(
        later.type == null ? type : later.type, later.unit == null ? unit : later.unit);
  }

  /** What samples of this name are, given the families announced before it. */
  static Meaning meaning(String name, Map<String, PrometheusFamily> families) {
    String suffix = suffix(name);
    String base = name.substring(0, name.length() - suffix.length());
    PrometheusFamily family = families.get(name);
    if (family == null && !suffix.isEmpty()) {
      family = families.get(base);
    } else {
      // Announced under its full name: `_sum` and the like are part of it, `_total` is just a
      // habit.
      suffix = suffix.equals("_total") ? suffix : "";
    }
    if (family == null) {
      family = UNTYPED;
    }
    MeterType type = family.typeOf(suffix);
    return new Meaning(type, family.unitOf(suffix.isEmpty() ? name : base, suffix));
  }

  private MeterType typeOf(String suffix) {
    if (type == null || suffix.equals("_created")) {
      return MeterType.GAUGE;
    }
    return switch (type) {
      case "counter" -> MeterType.CUMULATIVE;
      // A summary's own samples are quantiles; a histogram has none.
      case "histogram", "summary" -> suffix.isEmpty() ? MeterType.GAUGE : MeterType.CUMULATIVE;
      default -> MeterType.GAUGE;
    };
  }

  private String unitOf(String base, String suffix) {
    switch (suffix) {
      // These count observations, whatever the observations are measured in.
      case "_bucket", "_count", "_gcount", "_info" -> {
        return "";
      }
      case "_created" -> {
        return "s";
      }
      default -> {
        if (unit != null && !unit.isEmpty()) {
          return SYMBOLS.getOrDefault(unit, unit);
        }
        return SYMBOLS.getOrDefault(base.substring(base.lastIndexOf('_') + 1), "");
      }
    }
  }

  private static String suffix(String name) {
    for (String suffix : SUFFIXES) {
      if (name.length() > suffix.length() && name.endsWith(suffix)) {
        return suffix;
      }
    }
    return "";
  }
}
