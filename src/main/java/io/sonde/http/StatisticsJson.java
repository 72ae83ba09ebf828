package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.query.StatisticsRow;
import java.io.IOException;

/** Statistics on the wire. */
final class StatisticsJson {
  private final ParsedQuery query;

  StatisticsJson(ParsedQuery query) {
    this.query = query;
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
    out.writeNumberField("count", row.count());
    out.writeNumberField("min", row.min());
    out.writeNumberField("max", row.max());
    out.writeNumberField("avg", row.avg());
    out.writeNumberField("sum", row.sum());
    out.writeEndObject();
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
