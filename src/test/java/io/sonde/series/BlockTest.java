package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.sonde.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BlockTest {
  private record At(long timestamp, long key) implements Comparable<At> {
    @Override
    public int compareTo(At other) {
      int order = Long.compare(timestamp, other.timestamp);
      return order != 0 ? order : Long.compare(key, other.key);
    }
  }

  private record Stored(double volume, UUID metadata, long recorded) {}

  private record Frozen(Columns columns, Map<At, Stored> model) {}

  @Test
  void keepsOrderAndWhatWasFrozenNeverChanges() {
    Random random = Seed.random();
    for (int round = 0; round < 300; round++) {
      Block block = new Block();
      TreeMap<At, Stored> model = new TreeMap<>();
      List<Frozen> frozen = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        At at =
            random.nextInt(4) == 0 || model.isEmpty()
                ? new At(random.nextInt(300), random.nextInt(3))
                : new At(model.lastKey().timestamp() + random.nextInt(2), random.nextInt(1 << 20));
        boolean isNew = !model.containsKey(at);
        assertThat(block.find(at.timestamp(), at.key()) < 0).isEqualTo(isNew);
        if (isNew) {
          Stored stored = new Stored(i, new UUID(0, random.nextInt(6)), i);
          model.put(at, stored);
          block.add(at.timestamp(), i, at.key(), stored.metadata(), i);
        }
        if (random.nextInt(20) == 0) {
          frozen.add(new Frozen(block.freeze(), new TreeMap<>(model)));
        }
      }
      frozen.add(new Frozen(block.freeze(), model));
      frozen.forEach(one -> assertThat(contents(one.columns())).isEqualTo(one.model()));
      assertThat(block.last()).isEqualTo(model.lastKey().timestamp());
      assertThat(block.first()).isEqualTo(model.firstKey().timestamp());
      Block restored = Block.of(block.freeze());
      restored.add(1_000_000, 1, 0, new UUID(7, 7), 1);
      assertThat(contents(block.freeze())).isEqualTo(model);
    }
  }

  @Test
  void refusesWhatItHolds() {
    Block block = new Block();
    block.add(5, 1, 2, new UUID(0, 0), 0);
    assertThatIllegalStateException().isThrownBy(() -> block.add(5, 9, 2, new UUID(0, 0), 0));
    assertThat(new Block().last()).isEqualTo(Long.MIN_VALUE);
  }

  private static Map<At, Stored> contents(Columns columns) {
    Map<At, Stored> contents = new TreeMap<>();
    At previous = null;
    for (int i = 0; i < columns.size(); i++) {
      At at = new At(columns.timestamp(i), columns.key(i));
      assertThat(previous == null || previous.compareTo(at) < 0).isTrue();
      assertThat(columns.find(at.timestamp(), at.key())).isEqualTo(i);
      previous = at;
      contents.put(at, new Stored(columns.volume(i), columns.metadata(i), columns.recorded(i)));
    }
    return contents;
  }
}
