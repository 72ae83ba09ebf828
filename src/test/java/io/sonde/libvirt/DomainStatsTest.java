package io.sonde.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import org.junit.jupiter.api.Test;

class DomainStatsTest {
  /** The size of virTypedParameter. */
  private static final int SIZE = 96;

  @Test
  void everyTypeIsReadAsInC() {
    try (Memory parameters = new Memory(9 * SIZE);
        Memory text = new Memory(8)) {
      parameters.clear();
      text.setString(0, "vda");
      parameter(parameters, 0, "int", 1).setInt(88, -7);
      parameter(parameters, 1, "uint", 2).setInt(88, -1);
      parameter(parameters, 2, "llong", 3).setLong(88, -8);
      parameter(parameters, 3, "ullong", 4).setLong(88, -2048);
      parameter(parameters, 4, "double", 5).setDouble(88, 0.5);
      parameter(parameters, 5, "boolean", 6).setByte(88, (byte) 1);
      parameter(parameters, 6, "text", 7).setPointer(88, text);
      parameter(parameters, 7, "null", 7);
      parameter(parameters, 8, "x".repeat(80), 1).setInt(88, 9);
      DomainStats stats = DomainStats.of(parameters, 9);
      assertThat(stats.number("int")).isEqualTo(-7L);
      assertThat(stats.number("uint")).isEqualTo(4_294_967_295L);
      assertThat(stats.number("llong")).isEqualTo(-8L);
      assertThat(stats.number("ullong")).isEqualTo(0x1p64 - 2048);
      assertThat(stats.number("double")).isEqualTo(0.5);
      assertThat(stats.number("boolean")).isEqualTo(1L);
      assertThat(stats.text("text")).isEqualTo("vda");
      assertThat(stats.number("text")).isNull();
      assertThat(stats.has("null")).isFalse();
      assertThat(stats.number("x".repeat(80))).isEqualTo(9L);
    }
  }

  @Test
  void aTypeOfALaterLibvirtIsLeftOut() {
    try (Memory parameters = new Memory(SIZE)) {
      parameters.clear();
      parameter(parameters, 0, "new", 8).setLong(88, 1);
      assertThat(DomainStats.of(parameters, 1).has("new")).isFalse();
    }
    assertThat(DomainStats.of(Pointer.NULL, 0).has("new")).isFalse();
  }

  @Test
  void membersMayBeMissingInBetween() {
    DomainStats stats = new DomainStats();
    stats.add("net.count", 3L);
    stats.add("net.0.name", "tap0");
    stats.add("net.2.name", "tap2");
    assertThat(stats.members("net")).containsExactly("net.0.", "net.2.");
    assertThat(stats.members("block")).isEmpty();
  }

  @Test
  void whatIsKnownStaysAndMinusOneIsUnknown() {
    DomainStats stats = new DomainStats();
    stats.addKnown("a", -1);
    stats.addKnown("b", 1);
    stats.addKnown("b", 2);
    assertThat(stats.has("a")).isFalse();
    assertThat(stats.number("b")).isEqualTo(1L);
  }

  private static Pointer parameter(Memory parameters, int index, String name, int type) {
    Pointer parameter = parameters.share((long) index * SIZE);
    for (int i = 0; i < name.length(); i++) {
      parameter.setByte(i, (byte) name.charAt(i));
    }
    parameter.setInt(80, type);
    return parameter;
  }
}
