package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Timestamps;
import io.sonde.query.UsageRow;
import java.io.IOException;

/** Usage on the wire; times are seconds. */
final class UsageJson {
  private final String meter;

  UsageJson(String meter) {
    this.meter = meter;
  }

  void write(UsageRow row, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("meter", meter);
    out.writeStringField("type", row.type().wireName());
    out.writeNumberField("quantity", row.quantity());
    out.writeStringField("unit", row.quantityUnit());
    out.writeFieldName("groupby");
    if (row.group().isEmpty()) {
      out.writeNull();
    } else {
      SampleJson.writeMap(row.group(), out);
    }
    out.writeStringField("period_start", Timestamps.format(row.periodStart()));
    out.writeStringField("period_end", Timestamps.format(row.periodEnd()));
    out.writeNumberField("resources", row.resources());
    out.writeNumberField("samples", row.samples());
    writeTime("first_sample", row.samples() > 0, row.first(), out);
    writeTime("last_sample", row.samples() > 0, row.last(), out);
    out.writeNumberField("covered", row.covered() / 1e6);
    out.writeNumberField("gaps", row.gaps());
    out.writeNumberField("gap_time", row.gapTime() / 1e6);
    out.writeNumberField("longest_gap", row.longestGap() / 1e6);
    out.writeNumberField("resets", row.resets());
    out.writeEndObject();
  }

  private static void writeTime(String name, boolean isThere, long micros, JsonGenerator out)
      throws IOException {
    if (isThere) {
      out.writeStringField(name, Timestamps.format(micros));
    } else {
      out.writeNullField(name);
    }
  }
}
