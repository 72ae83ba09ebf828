package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Series;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Meters on the wire. */
final class MeterJson {
  private MeterJson() {}

  /** The meter of one resource. */
  static void write(Series series, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeDefinition(series, out);
    SampleJson.writeOwners(series, out);
    out.writeStringField("meter_id", meterId(series.resourceId(), series.meter()));
    out.writeEndObject();
  }

  /** The meter as such, of no resource in particular. */
  static void writeUnique(Series series, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeDefinition(series, out);
    out.writeNullField("resource_id");
    out.writeNullField("project_id");
    out.writeNullField("user_id");
    out.writeNullField("source");
    out.writeStringField("meter_id", meterId("None", series.meter()));
    out.writeEndObject();
  }

  private static void writeDefinition(Series series, JsonGenerator out) throws IOException {
    out.writeStringField("name", series.meter());
    out.writeStringField("type", series.type().wireName());
    out.writeStringField("unit", series.unit());
  }

  /** Resource and name with a plus between them, in base64. */
  private static String meterId(String resource, String meter) {
    byte[] text = (resource + "+" + meter).getBytes(StandardCharsets.UTF_8);
    return Base64.getEncoder().encodeToString(text);
  }
}
