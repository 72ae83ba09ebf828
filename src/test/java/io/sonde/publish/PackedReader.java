package io.sonde.publish;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads MessagePack by its specification, on its own. */
final class PackedReader {
  private final ByteBuffer in;

  private PackedReader(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  /** The map that these bytes are, all of them. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> map(byte[] bytes) {
    PackedReader reader = new PackedReader(bytes);
    Map<String, Object> map = (Map<String, Object>) reader.value();
    if (reader.in.hasRemaining()) {
      throw new AssertionError(reader.in.remaining() + " bytes behind the map");
    }
    return map;
  }

  private Object value() {
    int type = in.get() & 0xff;
    if (type < 0x80) {
      return (long) type;
    } else if (type < 0x90) {
      return map(type & 0xf);
    } else if (type < 0xa0) {
      return list(type & 0xf);
    } else if (type < 0xc0) {
      return text(type & 0x1f);
    } else if (type >= 0xe0) {
      return (long) (byte) type;
    }
    return switch (type) {
      case 0xc0 -> null;
      case 0xc2 -> false;
      case 0xc3 -> true;
      case 0xcb -> in.getDouble();
      case 0xcc -> in.get() & 0xffL;
      case 0xcd -> in.getShort() & 0xffffL;
      case 0xce -> in.getInt() & 0xffff_ffffL;
      case 0xcf -> unsigned(in.getLong());
      case 0xd0 -> (long) in.get();
      case 0xd1 -> (long) in.getShort();
      case 0xd2 -> (long) in.getInt();
      case 0xd3 -> in.getLong();
      case 0xd9 -> text(in.get() & 0xff);
      case 0xda -> text(in.getShort() & 0xffff);
      case 0xdb -> text(in.getInt());
      case 0xdc -> list(in.getShort() & 0xffff);
      case 0xdd -> list(in.getInt());
      case 0xde -> map(in.getShort() & 0xffff);
      case 0xdf -> map(in.getInt());
      default -> throw new AssertionError("a type that no message has: " + type);
    };
  }

  private static Object unsigned(long value) {
    return value >= 0 ? (Object) value : new BigInteger(Long.toUnsignedString(value));
  }

  private String text(int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private List<Object> list(int size) {
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(value());
    }
    return list;
  }

  private Map<String, Object> map(int size) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put((String) value(), value());
    }
    return map;
  }
}
