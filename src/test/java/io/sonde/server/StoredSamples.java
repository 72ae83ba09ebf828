package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;

/** Reads back over HTTP what a server has of the {@link NumberedSamples}. */
final class StoredSamples {
  private final HttpJson http = new HttpJson();
  private final URI base;

  /** Count, sum and extremes of one meter. */
  record Totals(long count, double sum, double min, double max) {
    static final Totals NONE = new Totals(0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    Totals plus(double volume) {
      return plus(new Totals(1, volume, volume, volume));
    }

    Totals plus(Totals other) {
      return new Totals(
          count + other.count, sum + other.sum, Math.min(min, other.min), Math.max(max, other.max));
    }
  }

  StoredSamples(URI base) {
    this.base = base;
  }

  /**
   * Shows every listed sample to the check.
   *
   * @param expected about how many there are; many more of one series would not be listed
   * @return the totals by meter, as they follow from the listing
   */
  Map<String, Totals> list(HistoryCheck check, long expected) {
    long limit = 2 * expected / NumberedSamples.RESOURCES.size() + 1_000;
    Map<String, Totals> totals = new HashMap<>();
    for (String meter : NumberedSamples.METERS) {
      Totals total = Totals.NONE;
      for (String resource : NumberedSamples.RESOURCES) {
        LocalDateTime newest = LocalDateTime.MAX;
        JsonNode rows = http.get(base, listing(meter, resource, limit));
        assertThat((long) rows.size()).as("listed below the limit").isLessThan(limit);
        for (JsonNode row : rows) {
          LocalDateTime time = LocalDateTime.parse(row.required("timestamp").asText());
          assertThat(time).as("newest first").isBeforeOrEqualTo(newest);
          newest = time;
          double volume = row.required("counter_volume").asDouble();
          check.observe(
              row.required("counter_name").asText(),
              row.required("resource_id").asText(),
              time,
              volume);
          total = total.plus(volume);
        }
      }
      totals.put(meter, total);
    }
    return totals;
  }

  /** The totals by meter, as the server computes them. */
  Map<String, Totals> statistics() {
    Map<String, Totals> totals = new HashMap<>();
    for (String meter : NumberedSamples.METERS) {
      Totals total = Totals.NONE;
      for (JsonNode row : http.get(base, "v2/meters/" + meter + "/statistics")) {
        total =
            total.plus(
                new Totals(
                    row.required("count").asLong(),
                    row.required("sum").asDouble(),
                    row.required("min").asDouble(),
                    row.required("max").asDouble()));
      }
      totals.put(meter, total);
    }
    return totals;
  }

  /** How many samples of a meter a resource has, by statistics. */
  long count(String meter, String resource) {
    String query = "?q.field=resource_id&q.op=eq&q.value=" + HttpJson.encode(resource);
    long count = 0;
    for (JsonNode row : http.get(base, "v2/meters/" + meter + "/statistics" + query)) {
      count += row.required("count").asLong();
    }
    return count;
  }

  /** The listed volumes of a series, newest first. */
  double[] volumes(String meter, String resource) {
    JsonNode rows = http.get(base, listing(meter, resource, 10_000));
    double[] volumes = new double[rows.size()];
    for (int i = 0; i < volumes.length; i++) {
      volumes[i] = rows.get(i).required("counter_volume").asDouble();
    }
    return volumes;
  }

  private static String listing(String meter, String resource, long limit) {
    return ("v2/meters/" + meter + "?q.field=resource_id&q.op=eq&q.value=")
        + (HttpJson.encode(resource) + "&limit=" + limit);
  }
}
