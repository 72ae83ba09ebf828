package io.sonde.publish;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** A notification of priority SAMPLE in the envelope 2.0 of oslo.messaging. */
final class OsloNotification {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private OsloNotification() {}

  /**
   * The body of the message.
   *
   * @param eventType what happened, as consumers filter it
   * @param payload a bare list, as Ceilometer's collector expects it
   */
  static byte[] json(String eventType, List<Map<String, Object>> payload, Instant now) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("message_id", UUID.randomUUID().toString());
    message.put("publisher_id", "telemetry.publisher." + HostName.OWN);
    message.put("event_type", eventType);
    message.put("priority", "SAMPLE");
    message.put("payload", payload);
    message.put("timestamp", TIME.format(now));
    message.put("_unique_id", UUID.randomUUID().toString().replace("-", ""));
    return MeteringMessage.json(
        Map.of("oslo.version", "2.0", "oslo.message", MeteringMessage.text(message)));
  }
}
