package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.util.Set;

/**
 * Samples that others have made and send in notifications, in either of the shapes of Ceilometer's
 * publishers. Signatures are not looked at, as Ceilometer does not on this way.
 */
final class SentSamples {
  private static final Set<String> TYPES = Set.of("telemetry.polling", "telemetry.api", "metering");

  private SentSamples() {}

  /** Whether notifications of the type bring samples. */
  static boolean areIn(String eventType) {
    return TYPES.contains(eventType);
  }

  /**
   * Takes the samples; one that is none is left out with a remark.
   *
   * @throws NotificationException when there is no list of them
   */
  static void convert(Conversion conversion) {
    JsonNode payload = conversion.notification().payload();
    JsonNode list = payload.isArray() ? payload : payload.path("samples");
    if (!list.isArray()) {
      throw NotificationException.of(
          "payload.samples", list.isMissingNode() ? null : Values.shown(list), "a list of samples");
    }
    for (int i = 0; i < list.size(); i++) {
      String origin = "samples[" + i + "]";
      try {
        conversion.add(origin, sample(list.get(i), i, conversion));
      } catch (IllegalArgumentException e) {
        conversion.remark(origin + ": " + e.getMessage());
      }
    }
  }

  private static Sample sample(JsonNode message, int index, Conversion conversion) {
    String type = text(message, "counter_type", "type");
    MeterType known = MeterType.ofWireName(type);
    if (known == null) {
      throw new IllegalArgumentException("gauge, delta or cumulative is expected, found " + type);
    }
    JsonNode volume = either(message, "counter_volume", "volume");
    Double number = Values.number(volume);
    if (number == null) {
      throw new IllegalArgumentException(
          "counter_volume: a finite number is expected, found " + Values.shown(volume));
    }
    String source = Values.text(message.path("source"));
    Series series =
        new Series(
            source == null ? conversion.source() : source,
            text(message, "counter_name", "name"),
            known,
            either(message, "counter_unit", "unit").asText(""),
            text(message, "resource_id", "resource_id"),
            Values.text(message.path("project_id")),
            Values.text(message.path("user_id")),
            Series.NO_DIMENSIONS);
    String id = Values.text(either(message, "message_id", "id"));
    JsonNode timestamp = message.path("timestamp");
    return new Sample(
        series,
        Values.isAbsent(timestamp)
            ? conversion.notification().timestamp()
            : Timestamps.parse(timestamp.asText().strip()),
        number,
        SampleKey.ofMessageId(
            id == null ? conversion.notification().messageId() + " samples " + index : id),
        Metadata.of(conversion.redaction().plainMap(message.path("resource_metadata"))));
  }

  private static JsonNode either(JsonNode message, String one, String other) {
    JsonNode value = message.path(one);
    return Values.isAbsent(value) ? message.path(other) : value;
  }

  private static String text(JsonNode message, String one, String other) {
    JsonNode value = either(message, one, other);
    String text = Values.text(value);
    if (text == null) {
      throw new IllegalArgumentException(
          one
              + ": "
              + (Values.isAbsent(value)
                  ? "missing"
                  : "a text is expected, found " + Values.shown(value)));
    }
    return text;
  }
}
