package io.sonde.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Event;
import io.sonde.model.Timestamps;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import io.sonde.store.EventStore.TraitName;
import java.io.IOException;

/** Events and traits on the wire. */
final class EventJson {
  private EventJson() {}

  static void write(Event event, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("message_id", event.messageId());
    out.writeStringField("event_type", event.eventType());
    out.writeStringField("generated", Timestamps.format(event.generated()));
    out.writeArrayFieldStart("traits");
    for (Trait trait : event.traits()) {
      writeTrait(trait, out);
    }
    out.writeEndArray();
    out.writeFieldName("raw");
    out.writeRawValue(event.raw());
    out.writeEndObject();
  }

  static void writeTrait(Trait trait, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeName(trait.name(), trait.type(), out);
    out.writeStringField("value", TraitText.of(trait.type(), trait.value()));
    out.writeEndObject();
  }

  static void writeTraitName(TraitName trait, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeName(trait.name(), trait.type(), out);
    out.writeEndObject();
  }

  private static void writeName(String name, TraitType type, JsonGenerator out) throws IOException {
    out.writeStringField("name", name);
    out.writeStringField("type", type.wireName());
  }
}
