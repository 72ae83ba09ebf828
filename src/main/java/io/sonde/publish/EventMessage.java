package io.sonde.publish;

import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Events in the shape in which Ceilometer's publishers send them, as trees of JDK values: traits
 * are lists of name, number of the type, and value. Times are ISO 8601 in UTC without a zone, as
 * the original's consumers expect.
 */
final class EventMessage {
  private EventMessage() {}

  /** The message without its signature. */
  static Map<String, Object> of(Event event) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("message_id", event.messageId());
    message.put("event_type", event.eventType());
    message.put("generated", naive(event.generated()));
    List<Object> traits = new ArrayList<>();
    for (Trait trait : event.traits()) {
      Object value =
          trait.type() == TraitType.DATETIME ? naive((Long) trait.value()) : trait.value();
      traits.add(List.of(trait.name(), (long) trait.type().code(), value));
    }
    message.put("traits", traits);
    message.put("raw", MetadataValues.of(event.raw()));
    return message;
  }

  /** The message with its signature; an empty one where nothing is signed. */
  static Map<String, Object> signed(Event event, MessageSignature signature) {
    Map<String, Object> message = of(event);
    message.put(MessageSignature.KEY, signature.of(message));
    return message;
  }

  private static String naive(long micros) {
    String zoned = MeteringMessage.isoMicros(micros);
    return zoned.substring(0, zoned.length() - 1);
  }
}
