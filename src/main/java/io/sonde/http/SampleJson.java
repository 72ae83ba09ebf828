package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.query.StoredSample;
import java.io.IOException;
import java.util.Map;

/**
 * Samples on the wire, in the two shapes of Ceilometer's API. An object serves one answer: it
 * remembers the metadata that it flattened.
 */
final class SampleJson {
  private static final long SECOND = 1_000_000;

  private final FlatMetadata flatMetadata = new FlatMetadata();

  /** The shape of {@code /v2/samples}. */
  void write(StoredSample stored, JsonGenerator out) throws IOException {
    Sample sample = stored.sample();
    Series series = sample.series();
    out.writeStartObject();
    out.writeStringField("id", stored.id());
    out.writeStringField("meter", series.meter());
    out.writeStringField("type", series.type().wireName());
    out.writeStringField("unit", series.unit());
    out.writeNumberField("volume", sample.volume());
    writeOwners(series, out);
    out.writeStringField("timestamp", Timestamps.format(sample.timestamp()));
    out.writeStringField("recorded_at", Timestamps.format(stored.recordedAt() * SECOND));
    out.writeFieldName("metadata");
    writeMap(flatMetadata.of(sample.metadata(), series.dimensions()), out);
    out.writeEndObject();
  }

  /** The older shape, of {@code /v2/meters/NAME}. */
  void writeOld(StoredSample stored, JsonGenerator out) throws IOException {
    Sample sample = stored.sample();
    Series series = sample.series();
    out.writeStartObject();
    writeOldFields(series, sample.volume(), sample.timestamp(), out);
    out.writeStringField("recorded_at", Timestamps.format(stored.recordedAt() * SECOND));
    out.writeFieldName("resource_metadata");
    writeMap(flatMetadata.of(sample.metadata(), series.dimensions()), out);
    out.writeStringField("message_id", stored.id());
    out.writeEndObject();
  }

  /**
   * Pushed samples as they were taken, in the older shape. There is no {@code recorded_at}, as in
   * the original, and the metadata is shown as it was sent.
   */
  static void writeEcho(PushedSamples pushed, JsonGenerator out) throws IOException {
    SampleBatch batch = pushed.batch();
    out.writeStartArray();
    for (int i = 0; i < batch.size(); i++) {
      Series series = batch.series(i);
      out.writeStartObject();
      writeOldFields(series, batch.volume(i), batch.timestamp(i), out);
      out.writeFieldName("resource_metadata");
      out.writeRawValue(pushed.sentMetadata().get(i).json());
      out.writeStringField("message_id", SampleId.of(series, batch.timestamp(i), batch.key(i)));
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void writeOldFields(
      Series series, double volume, long timestamp, JsonGenerator out) throws IOException {
    out.writeStringField("counter_name", series.meter());
    out.writeStringField("counter_type", series.type().wireName());
    out.writeStringField("counter_unit", series.unit());
    out.writeNumberField("counter_volume", volume);
    writeOwners(series, out);
    out.writeStringField("timestamp", Timestamps.format(timestamp));
  }

  /** The four fields by which a series belongs to somebody. */
  static void writeOwners(Series series, JsonGenerator out) throws IOException {
    out.writeStringField("resource_id", series.resourceId());
    out.writeStringField("project_id", series.projectId());
    out.writeStringField("user_id", series.userId());
    out.writeStringField("source", series.source());
  }

  /** An object of texts. */
  static void writeMap(Map<String, String> map, JsonGenerator out) throws IOException {
    out.writeStartObject();
    for (Map.Entry<String, String> entry : map.entrySet()) {
      out.writeStringField(entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
  }
}
