package io.sonde.publish;

import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * Events as bytes, for the queue. Layout: version byte; number of events; of each its id, type,
 * time, {@code raw}, number of traits, and of each trait name, code of the type and value. Texts
 * and numbers are {@link ByteWriter}'s.
 */
final class EventCodec {
  private static final int VERSION = 1;

  private EventCodec() {}

  static byte[] encode(List<Event> events) {
    ByteWriter out = new ByteWriter(16 + events.size() * 256);
    out.writeByte(VERSION).writeVarint(events.size());
    for (Event event : events) {
      out.writeString(event.messageId()).writeString(event.eventType());
      out.writeSigned(event.generated()).writeString(event.raw());
      out.writeVarint(event.traits().size());
      for (Trait trait : event.traits()) {
        write(trait, out);
      }
    }
    return out.toByteArray();
  }

  private static void write(Trait trait, ByteWriter out) {
    out.writeString(trait.name()).writeByte(trait.type().code());
    switch (trait.type()) {
      case TEXT -> out.writeString((String) trait.value());
      case FLOAT -> out.writeDouble((Double) trait.value());
      case INTEGER, DATETIME -> out.writeSigned((Long) trait.value());
    }
  }

  /**
   * The events of these bytes.
   *
   * @throws CorruptDataException when they are none
   */
  static List<Event> decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int appended = FormatVersion.read(in, VERSION, "events");
    List<Event> events = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      String messageId = in.readText();
      String eventType = in.readText();
      long generated = in.readSigned();
      String raw = in.readText();
      List<Trait> traits = new ArrayList<>();
      for (int more = in.readCount(); more > 0; more--) {
        traits.add(readTrait(in));
      }
      events.add(new Event(messageId, eventType, generated, traits, raw));
    }
    FormatVersion.end(in, appended, "events");
    return events;
  }

  private static Trait readTrait(ByteReader in) {
    String name = in.readText();
    int code = in.readByte();
    TraitType type = TraitType.ofCode(code);
    if (type == null) {
      throw new CorruptDataException("a trait of unknown type " + code);
    }
    return new Trait(
        name,
        type,
        switch (type) {
          case TEXT -> in.readText();
          case FLOAT -> in.readDouble();
          case INTEGER, DATETIME -> in.readSigned();
        });
  }
}
