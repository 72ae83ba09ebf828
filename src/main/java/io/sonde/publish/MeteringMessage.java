package io.sonde.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples in the shapes in which Ceilometer's publishers send them, as trees of JDK values whose
 * {@code resource_metadata} is a {@link Metadata}, and their JSON. A whole volume is a whole
 * number, so that Python's consumers read an {@code int} and signatures hold. Times are ISO 8601
 * with {@code Z}. Where the series has dimensions, they go along as {@code dimensions}.
 */
final class MeteringMessage {
  static final JsonFactory JSON = new JsonFactory();

  // Up to here every whole number is a double of its own.
  private static final double MAX_WHOLE = 1L << 53;

  private MeteringMessage() {}

  /** The message that notifier, udp, tcp and kafka carry, without its signature. */
  static Map<String, Object> of(Outgoing outgoing) {
    Map<String, Object> message = counter(outgoing);
    message.put("resource_metadata", outgoing.sample().metadata());
    message.put("monotonic_time", null);
    putDimensions(outgoing, message);
    return message;
  }

  /** The other shape, which Ceilometer's http and file publishers send: that of its sample. */
  static Map<String, Object> asDict(Outgoing outgoing) {
    Sample sample = outgoing.sample();
    Series series = sample.series();
    Map<String, Object> dict = new LinkedHashMap<>(32);
    dict.put("id", outgoing.id());
    dict.put("name", series.meter());
    dict.put("type", series.type().wireName());
    dict.put("unit", series.unit());
    dict.put("volume", volume(sample.volume()));
    dict.put("user_id", series.userId());
    dict.put("project_id", series.projectId());
    dict.put("resource_id", series.resourceId());
    dict.put("timestamp", isoMicros(sample.timestamp()));
    dict.put("resource_metadata", sample.metadata());
    dict.put("source", series.source());
    dict.put("monotonic_time", null);
    putDimensions(outgoing, dict);
    return dict;
  }

  private static Map<String, Object> counter(Outgoing outgoing) {
    Sample sample = outgoing.sample();
    Series series = sample.series();
    Map<String, Object> message = new LinkedHashMap<>(32);
    message.put("message_id", outgoing.id());
    message.put("source", series.source());
    message.put("counter_name", series.meter());
    message.put("counter_type", series.type().wireName());
    message.put("counter_unit", series.unit());
    message.put("counter_volume", volume(sample.volume()));
    message.put("resource_id", series.resourceId());
    message.put("project_id", series.projectId());
    message.put("user_id", series.userId());
    message.put("timestamp", isoMicros(sample.timestamp()));
    return message;
  }

  private static void putDimensions(Outgoing outgoing, Map<String, Object> message) {
    Map<String, String> dimensions = outgoing.sample().series().dimensions();
    if (!dimensions.isEmpty()) {
      message.put("dimensions", dimensions);
    }
  }

  /** A volume as a Long where it is whole, else a Double. */
  static Object volume(double volume) {
    boolean isWhole = volume == Math.rint(volume) && Math.abs(volume) <= MAX_WHOLE;
    return isWhole ? (Object) (long) volume : (Object) volume;
  }

  /** A moment in microseconds since 1970 as ISO 8601 in UTC. */
  static String isoMicros(long micros) {
    return Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L)
        .toString();
  }

  /** A tree as JSON in UTF-8. */
  static byte[] json(Object tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(tree, json);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can be written", e);
    }
    return out.toByteArray();
  }

  /** A tree as JSON. */
  static String text(Object tree) {
    return new String(json(tree), StandardCharsets.UTF_8);
  }

  /** Writes a tree as JSON. */
  static void write(Object tree, JsonGenerator json) throws IOException {
    if (tree instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName((String) entry.getKey());
        write(entry.getValue(), json);
      }
      json.writeEndObject();
    } else if (tree instanceof List<?> list) {
      json.writeStartArray();
      for (Object entry : list) {
        write(entry, json);
      }
      json.writeEndArray();
    } else if (tree instanceof String text) {
      json.writeString(text);
    } else if (tree == null) {
      json.writeNull();
    } else if (tree instanceof Metadata metadata) {
      json.writeRawValue(metadata.json());
    } else if (tree instanceof Long number) {
      json.writeNumber(number);
    } else if (tree instanceof Double number) {
      json.writeNumber(number);
    } else if (tree instanceof Boolean truth) {
      json.writeBoolean(truth);
    } else if (tree instanceof BigInteger number) {
      json.writeNumber(number);
    } else if (tree instanceof BigDecimal number) {
      json.writeNumber(number);
    } else {
      throw new IllegalArgumentException("no JSON value: " + tree.getClass());
    }
  }
}
