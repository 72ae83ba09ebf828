package io.sonde.publish;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a protobuf message by its specification, on its own: the values of each field. */
final class ProtobufFields {
  private final Map<Integer, List<Object>> values = new LinkedHashMap<>();

  private ProtobufFields() {}

  static ProtobufFields of(byte[] message) {
    ProtobufFields fields = new ProtobufFields();
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) tag & 7) {
            case 0 -> varint(in);
            case 1 -> in.getLong();
            case 2 -> {
              byte[] bytes = new byte[(int) varint(in)];
              in.get(bytes);
              yield bytes;
            }
            default -> throw new AssertionError("wire type of " + tag);
          };
      fields.values.computeIfAbsent((int) (tag >>> 3), f -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  /** The messages that a field holds. */
  List<ProtobufFields> messages(int field) {
    return values.getOrDefault(field, List.of()).stream().map(bytes -> of((byte[]) bytes)).toList();
  }

  /** The only message that a field holds. */
  ProtobufFields message(int field) {
    List<ProtobufFields> all = messages(field);
    if (all.size() != 1) {
      throw new AssertionError(all.size() + " messages in field " + field + " of " + values);
    }
    return all.get(0);
  }

  boolean has(int field) {
    return values.containsKey(field);
  }

  String text(int field) {
    return new String((byte[]) only(field), StandardCharsets.UTF_8);
  }

  long number(int field) {
    return (Long) only(field);
  }

  double decimal(int field) {
    return Double.longBitsToDouble(number(field));
  }

  private Object only(int field) {
    List<Object> all = values.getOrDefault(field, List.of());
    if (all.size() != 1) {
      throw new AssertionError(all.size() + " values in field " + field + " of " + values);
    }
    return all.get(0);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
