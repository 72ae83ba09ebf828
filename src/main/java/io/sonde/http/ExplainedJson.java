package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.audit.Explained;
import io.sonde.audit.Origin;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.query.StoredSample;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;

/** Where a sample comes from, as JSON. */
public final class ExplainedJson {
  private static final HexFormat HEX = HexFormat.of();

  private ExplainedJson() {}

  /** The JSON of a sample that everything may be told of; it stands in the journal. */
  public static String text(Explained explained, Metadata metadata) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonTree.FACTORY.createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      write(stored(explained.origin(), metadata), explained, series -> true, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toString();
  }

  private static StoredSample stored(Origin origin, Metadata metadata) {
    Recorded one = origin.sample();
    return new StoredSample(
        id(origin),
        new Sample(origin.series(), one.timestamp(), one.volume(), one.key(), metadata),
        one.recordedAt());
  }

  private static String id(Origin origin) {
    return SampleId.of(origin.series(), origin.sample().timestamp(), origin.sample().key());
  }

  /**
   * Writes it.
   *
   * @param visible of which series inputs may be shown
   */
  static void write(
      StoredSample sample, Explained explained, Predicate<Series> visible, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeFieldName("sample");
    new SampleJson().write(sample, out);
    out.writeFieldName("journal");
    if (explained.origin() == null) {
      out.writeNull();
    } else {
      writePlace(explained.origin(), out);
    }
    texts("sinks", explained.sinks(), out);
    texts("doors", explained.doors().stream().map(Door::configName).toList(), out);
    out.writeFieldName("pipelines");
    if (explained.pipelines() == null) {
      out.writeNull();
    } else {
      out.writeStartObject();
      out.writeStringField("version", explained.pipelines().hash());
      out.writeStringField(
          "first_used",
          Timestamps.format(
              ChronoUnit.MICROS.between(Instant.EPOCH, explained.pipelines().firstUsed())));
      out.writeEndObject();
    }
    texts("transformers", explained.transformers(), out);
    out.writeArrayFieldStart("inputs");
    for (Origin input : explained.inputs()) {
      if (visible.test(input.series())) {
        writeInput(input, out);
      }
    }
    out.writeEndArray();
    if (!explained.transformers().isEmpty()) {
      out.writeBooleanField("reproduced", explained.isReproduced());
    }
    texts("cannot_tell", explained.unknown(), out);
    out.writeEndObject();
  }

  private static void writePlace(Origin origin, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("collector", origin.collector());
    out.writeNumberField("event", origin.sequence());
    out.writeNumberField("position", origin.position());
    out.writeNumberField("samples", origin.samples());
    out.writeStringField("hash", HEX.formatHex(origin.hash()));
    out.writeStringField("previous_hash", HEX.formatHex(origin.previousHash()));
    out.writeEndObject();
  }

  private static void writeInput(Origin input, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", id(input));
    out.writeStringField("meter", input.series().meter());
    out.writeNumberField("volume", input.sample().volume());
    out.writeStringField("timestamp", Timestamps.format(input.sample().timestamp()));
    out.writeStringField("recorded_at", Timestamps.format(input.sample().recordedAt() * 1_000_000));
    out.writeFieldName("journal");
    writePlace(input, out);
    out.writeEndObject();
  }

  private static void texts(String name, List<String> all, JsonGenerator out) throws IOException {
    out.writeArrayFieldStart(name);
    for (String text : all) {
      out.writeString(text);
    }
    out.writeEndArray();
  }
}
