package io.sonde.libvirt;

import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Figures of one domain under the names that libvirt's bulk call gives them: {@code cpu.time},
 * {@code block.0.rd.bytes}. What is not known has no name. Not for use by several threads.
 */
final class DomainStats {
  private static final int SHUTOFF = 5;

  private static final int PAUSED = 3;
  private static final int PAUSED_FOR_MIGRATION = 2;
  private static final int PAUSED_FOR_POSTCOPY = 12;
  private static final int SHUTOFF_BY_MIGRATION = 3;

  /** virTypedParameter: a name, the type of the value, and a union of eight bytes. */
  private static final int PARAMETER_BYTES = 96;

  private static final int NAME_BYTES = 80;
  private static final int TYPE_AT = 80;
  private static final int VALUE_AT = 88;

  private final Map<String, Object> values = new HashMap<>();

  /**
   * Reads an array of virTypedParameter.
   *
   * @param parameters where it begins; may be null when it is empty
   */
  static DomainStats of(Pointer parameters, int count) {
    DomainStats stats = new DomainStats();
    if (count > 0) {
      ByteBuffer bytes =
          parameters
              .getByteBuffer(0, (long) count * PARAMETER_BYTES)
              .order(ByteOrder.nativeOrder());
      for (int at = 0; at < bytes.limit(); at += PARAMETER_BYTES) {
        Object value = value(bytes, at);
        if (value != null) {
          stats.values.put(name(bytes, at), value);
        }
      }
    }
    return stats;
  }

  private static String name(ByteBuffer bytes, int at) {
    byte[] name = new byte[NAME_BYTES];
    int length = 0;
    while (length < NAME_BYTES && bytes.get(at + length) != 0) {
      name[length] = bytes.get(at + length);
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  private static Object value(ByteBuffer bytes, int at) {
    int place = at + VALUE_AT;
    return switch (bytes.getInt(at + TYPE_AT)) {
      case 1 -> (long) bytes.getInt(place);
      case 2 -> Integer.toUnsignedLong(bytes.getInt(place));
      case 3 -> bytes.getLong(place);
      case 4 -> unsigned(bytes.getLong(place));
      case 5 -> bytes.getDouble(place);
      case 6 -> (long) bytes.get(place);
      case 7 -> text(bytes.getLong(place));
      // A type of a later libvirt.
      default -> null;
    };
  }

  private static String text(long address) {
    return address == 0 ? null : new Pointer(address).getString(0, StandardCharsets.UTF_8.name());
  }

  /** A number that C has without a sign. */
  static Number unsigned(long bits) {
    return bits >= 0 ? (Number) bits : (Number) ((bits >>> 1) * 2.0);
  }

  /** Adds a figure unless it is known already. */
  void add(String name, Object value) {
    values.putIfAbsent(name, value);
  }

  /** Adds a figure of a call that says -1 of what it does not know. */
  void addKnown(String name, long value) {
    if (value >= 0) {
      add(name, value);
    }
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** Null where it is not known. */
  Number number(String name) {
    return values.get(name) instanceof Number number ? number : null;
  }

  /** Null where it is not known. */
  String text(String name) {
    return values.get(name) instanceof String text ? text : null;
  }

  /**
   * The prefixes of a group's members that have a name, such as {@code block.0.}; numbers may be
   * missing in between.
   */
  List<String> members(String group) {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < integer(group + ".count", 0); i++) {
      String prefix = group + "." + i + ".";
      if (text(prefix + "name") != null) {
        members.add(prefix);
      }
    }
    return members;
  }

  /** A whole number, or what stands for it where it is not known. */
  int integer(String name, int unknown) {
    Number number = number(name);
    return number == null ? unknown : number.intValue();
  }

  boolean isStopped() {
    return integer("state.state", 0) == SHUTOFF;
  }

  /**
   * While a domain moves it is on two hosts, and may stay defined on the one that it left: then it
   * does not count here.
   */
  boolean isElsewhere() {
    int reason = integer("state.reason", 0);
    return switch (integer("state.state", 0)) {
      case PAUSED -> reason == PAUSED_FOR_MIGRATION || reason == PAUSED_FOR_POSTCOPY;
      case SHUTOFF -> reason == SHUTOFF_BY_MIGRATION;
      default -> false;
    };
  }
}
