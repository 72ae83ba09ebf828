package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadTest {
  private final Head head = new Head();

  @Test
  void freezeTakesOutWhatIsRipe() {
    define("a", "b", "c");
    Metadata metadata = Metadata.of(Map.of("k", 1L));
    head.define(metadata);
    append(0, 1, 2, 3);
    append(1, 1);
    Generation generation = head.freeze(1, block -> block.size() > 1);
    assertThat(generation.leaving()).containsOnlyKeys(0);
    assertThat(generation.kept()).containsOnlyKeys(1);
    assertThat(generation.born()).hasSize(3);
    assertThat(generation.metadata()).containsKey(metadata.id());
    assertThat(head.samples()).isEqualTo(1);
    assertThat(head.entry(0).flushedTo()).isEqualTo(3);
    assertThat(head.entry(1).flushedTo()).isEqualTo(Head.NOTHING);
    assertThat(head.born()).isEmpty();
    assertThat(head.newMetadata()).isEmpty();
    append(0, 0);
    append(1, 2);
    assertThat(generation.leaving().get(0).size()).isEqualTo(3);
    assertThat(generation.kept().get(1).columns().size()).isEqualTo(1);
    assertThat(head.freeze(2, block -> true).leaving()).containsOnlyKeys(0, 1);
    assertThat(head.entry(0).flushedTo()).as("a late one lowers nothing").isEqualTo(3);
  }

  @Test
  void restoresWhatASnapshotSays() {
    define("a", "b");
    append(1, 7);
    Columns columns = head.freeze(1, block -> false).kept().get(1).columns();
    Head restored = new Head();
    restored.restore(2);
    restored.restore(1, 5, columns);
    restored.describe(0, series("a"));
    restored.describe(1, series("b"));
    assertThat(restored.entry(series("a")).flushedTo()).isEqualTo(Head.UNKNOWN);
    assertThat(restored.entry(series("b")).flushedTo()).isEqualTo(5);
    assertThat(restored.entry(1).block().find(7, 0)).isZero();
    assertThat(restored.samples()).isEqualTo(1);
    assertThat(restored.nextNumber()).isEqualTo(2);
    assertThat(restored.born()).isEmpty();
  }

  @Test
  void learnsOnceAndNeverForgetsWhatLeft() {
    Head restored = new Head();
    restored.restore(1);
    restored.describe(0, series("a"));
    restored.append(0, 9, 1, 0, Metadata.EMPTY.id(), 0);
    restored.freeze(1, block -> true);
    assertThat(restored.entry(0).flushedTo()).isEqualTo(Head.UNKNOWN);
    restored.entry(0).learnFlushedTo(4);
    assertThat(restored.entry(0).flushedTo()).isEqualTo(9);
    restored.entry(0).learnFlushedTo(2);
    assertThat(restored.entry(0).flushedTo()).isEqualTo(9);
  }

  @Test
  void numbersFollowOneAnother() {
    assertThatThrownBy(() -> head.define(1, series("a"))).isInstanceOf(CorruptDataException.class);
  }

  private void define(String... resources) {
    for (String resource : resources) {
      head.define(head.nextNumber(), series(resource));
    }
  }

  private void append(int number, long... timestamps) {
    for (long timestamp : timestamps) {
      head.append(number, timestamp, 1, 0, Metadata.EMPTY.id(), 0);
    }
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "", resource, null, null, Series.NO_DIMENSIONS);
  }
}
