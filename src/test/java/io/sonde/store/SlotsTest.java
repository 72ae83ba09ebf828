package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class SlotsTest {
  @Test
  void resourcesSpreadEvenly() {
    assertSpread(i -> "instance-" + i);
    assertSpread(i -> new UUID(0x4711L * i, i * 31L).toString());
    assertSpread(i -> "host" + i % 100 + ":disk" + i / 100);
  }

  @Test
  void theSlotOfAResourceNeverChanges() {
    assertThat(Slots.slotOf("")).isZero();
    assertThat(Slots.slotOf("a")).isEqualTo(slot(97));
    assertThat(Slots.slotOf("vm-1")).isEqualTo(slot("vm-1".hashCode()));
    int[] collectorOfSlot = new int[Slots.COUNT];
    collectorOfSlot[Slots.slotOf("vm-1")] = 5;
    assertThat(new Slots(collectorOfSlot).collectorOf("vm-1")).isEqualTo(5);
    assertThat(new Slots(collectorOfSlot).collectors()).isEqualTo(6);
  }

  @Test
  void newCollectorsTakeAFairShareAndNoSlotMovesThatNeedNot() {
    Random random = Seed.random();
    Slots slots = new Slots(new int[Slots.COUNT]);
    for (int more = 2; more < Slots.COUNT; more += 1 + random.nextInt(1 + more / 2)) {
      Slots grown = slots.grown(more);
      assertThat(grown.collectors()).isEqualTo(more);
      int[] owned = new int[more];
      int taken = 0;
      for (int slot = 0; slot < Slots.COUNT; slot++) {
        int now = grown.owners()[slot];
        owned[now]++;
        if (now >= slots.collectors()) {
          taken++;
        } else {
          assertThat(now).isEqualTo(slots.owners()[slot]);
        }
      }
      assertThat(slots.movedTo(grown)).isEqualTo(taken);
      for (int count : owned) {
        assertThat(count).isBetween(Slots.COUNT / more, (Slots.COUNT + more - 1) / more);
      }
      slots = grown;
    }
    Slots last = slots;
    assertThatThrownBy(() -> last.grown(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> last.grown(1025)).isInstanceOf(IllegalArgumentException.class);
    assertThat(last.grown(Slots.COUNT).owners()).doesNotHaveDuplicates();
  }

  private static int slot(int hash) {
    int mixed = hash * 0x9e3779b9;
    return (mixed ^ (mixed >>> 16)) & 1023;
  }

  private static void assertSpread(IntFunction<String> name) {
    int[] counts = new int[32];
    for (int i = 0; i < 32_000; i++) {
      counts[Slots.slotOf(name.apply(i)) % 32]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(700, 1_300);
    }
  }
}
