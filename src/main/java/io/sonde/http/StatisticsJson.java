package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.http.StatisticsParameters.Aggregate;
import io.sonde.model.Timestamps;
import io.sonde.query.StatisticsRow;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** Statistics on the wire. */
final class StatisticsJson {
  private static final List<Aggregate> STANDARD =
      Stream.of("count", "min", "max", "avg", "sum")
          .map(function -> new Aggregate(function, null))
          .toList();

  private final ParsedQuery query;
  private final List<Aggregate> aggregates;

  /**
   * Answers to a question.
   *
   * @param aggregates what is to be shown; where there are any they stand in an object of their own
   *     too, and there alone where they are no standard ones
   */
  StatisticsJson(ParsedQuery query, List<Aggregate> aggregates) {
    this.query = query;
    this.aggregates = aggregates;
  }

  void write(StatisticsRow row, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("unit", row.unit());
    out.writeFieldName("groupby");
    if (row.group().isEmpty()) {
      out.writeNull();
    } else {
      SampleJson.writeMap(row.group(), out);
    }
    out.writeNumberField("period", row.periodSeconds());
    out.writeStringField("period_start", Timestamps.format(row.periodStart()));
    out.writeStringField("period_end", Timestamps.format(row.periodEnd()));
    writeDuration(row, out);
    for (Aggregate standard : STANDARD) {
      if (aggregates.isEmpty() || aggregates.contains(standard)) {
        write(standard, row, out);
      }
    }
    if (!aggregates.isEmpty()) {
      out.writeObjectFieldStart("aggregate");
      for (Aggregate aggregate : aggregates) {
        write(aggregate, row, out);
      }
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void write(Aggregate aggregate, StatisticsRow row, JsonGenerator out)
      throws IOException {
    out.writeFieldName(aggregate.name());
    switch (aggregate.function()) {
      case "count" -> out.writeNumber(row.count());
      case "min" -> out.writeNumber(row.min());
      case "max" -> out.writeNumber(row.max());
      case "avg" -> out.writeNumber(row.avg());
      case "sum" -> out.writeNumber(row.sum());
      case "stddev" -> out.writeNumber(row.deviation());
      default -> out.writeNumber(row.cardinalities().get(aggregate.counted()));
    }
  }

  /**
   * From the first to the last sample, cut to the bounds asked for without the search offset. All
   * three are null where only the offset caught the samples, though the aggregates hold them.
   */
  private void writeDuration(StatisticsRow row, JsonGenerator out) throws IOException {
    long first = Math.max(row.first(), query.start());
    long last = Math.min(row.last(), query.end());
    if (first > last) {
      out.writeNullField("duration");
      out.writeNullField("duration_start");
      out.writeNullField("duration_end");
    } else {
      out.writeNumberField("duration", (last - first) / 1e6);
      out.writeStringField("duration_start", Timestamps.format(first));
      out.writeStringField("duration_end", Timestamps.format(last));
    }
  }
}
