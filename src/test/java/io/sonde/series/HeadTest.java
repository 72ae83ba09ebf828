package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadTest {
  private static final long RECORDED = 1_767_225_600L;

  private final Head head = new Head();

  @Test
  void whatAFlushHoldsCountsItsMetadata() {
    Head head = new Head();
    head.define(Metadata.of(Map.of("text", "x".repeat(50_000))));
    assertThat(head.freeze(1, 0).bytes()).isBetween(50_000L, 51_000L);
  }

  @Test
  void freezeTakesOutWhatIsSealedAndWhatIsIdle() {
    head.sealAt(3);
    define("a", "b", "c");
    Metadata metadata = Metadata.of(Map.of("k", 1L));
    head.define(metadata);
    append(0, 1, 2, 3, 4);
    append(1, 1);
    Generation generation = head.freeze(1, 0);
    assertThat(generation.leaving()).containsOnlyKeys(0);
    assertThat(generation.leaving().get(0)).singleElement().matches(one -> one.samples() == 3);
    assertThat(generation.kept()).extracting(Generation.Kept::number).containsExactly(0, 1);
    assertThat(generation.flushedTo()).containsExactly(3, Head.NOTHING, Head.NOTHING);
    assertThat(generation.born()).hasSize(3);
    assertThat(generation.metadata()).containsKey(metadata.id());
    assertThat(head.samples()).isEqualTo(2);
    assertThat(head.entry(0).flushedTo()).isEqualTo(3);
    assertThat(head.entry(0).newest()).isEqualTo(4);
    assertThat(head.entry(1).flushedTo()).isEqualTo(Head.NOTHING);
    assertThat(head.born()).isEmpty();
    assertThat(head.newMetadata()).isEmpty();
    append(0, 0);
    append(1, 2);
    assertThat(generation.kept().get(1).columns().size()).isEqualTo(1);
    Generation idle = head.freeze(2, RECORDED);
    assertThat(idle.leaving()).containsOnlyKeys(0, 1);
    assertThat(idle.kept()).isEmpty();
    append(0, 2);
    assertThat(head.freeze(3, RECORDED).flushedTo()[0])
        .as("a late one lowers nothing")
        .isEqualTo(4);
  }

  @Test
  void aDayThatIsOverIsWornWhenItHasSeveralRows() {
    head.sealAt(1);
    define("a");
    for (long time : new long[] {5, 6, SeriesDay.MICROS}) {
      assertThat(head.worn()).isEmpty();
      append(0, time);
      head.freeze(time, 0);
    }
    assertThat(head.worn()).containsOnlyKeys(new SeriesDay(0, 0));
  }

  @Test
  void aDayThatGrowsIsWornWhenItHasManyRows() {
    head.sealAt(1);
    define("a");
    for (int row = 1; row <= SeriesDay.MANY_ROWS; row++) {
      assertThat(head.worn()).isEmpty();
      append(0, row);
      head.freeze(row, 0);
    }
    assertThat(head.worn()).containsOnlyKeys(new SeriesDay(0, 0));
  }

  @Test
  void aMergeThatSawLessMendsNothing() {
    head.sealAt(1);
    define("a");
    append(0, 2 * SeriesDay.MICROS);
    head.freeze(1, 0);
    append(0, 7);
    head.freeze(2, 0);
    Map<SeriesDay, Long> seen = Map.copyOf(head.worn());
    assertThat(seen).containsOnlyKeys(new SeriesDay(0, 0));
    append(0, 8);
    head.freeze(3, 0);
    head.mend(seen);
    assertThat(head.worn()).containsOnlyKeys(new SeriesDay(0, 0));
    head.mend(Map.copyOf(head.worn()));
    assertThat(head.worn()).isEmpty();
  }

  @Test
  void restoresWhatASnapshotSays() {
    define("a", "b");
    append(1, 7);
    Columns columns = head.freeze(1, 0).kept().get(0).columns();
    Head restored = new Head();
    restored.restore(3, 1);
    restored.restore(5, 0);
    restored.restore(1, columns);
    restored.describe(0, series("a"));
    restored.describe(1, series("b"));
    assertThat(restored.entry(series("a")).flushedTo()).isEqualTo(3);
    assertThat(restored.entry(series("a")).newest()).isEqualTo(3);
    assertThat(restored.entry(series("b")).newest()).isEqualTo(7);
    assertThat(restored.entry(1).open().find(7, 0)).isZero();
    assertThat(restored.samples()).isEqualTo(1);
    assertThat(restored.nextNumber()).isEqualTo(2);
    assertThat(restored.born()).isEmpty();
    assertThat(restored.entry(series("c"))).isNull();
  }

  @Test
  void findsEachOfManySeries() {
    for (int i = 0; i < 5_000; i++) {
      head.define(i, series("r" + i));
    }
    for (int i = 0; i < 5_000; i++) {
      assertThat(head.entry(series("r" + i)).number()).isEqualTo(i);
    }
    assertThat(head.entry(series("r5000"))).isNull();
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
      head.append(number, timestamp, 1, 0, Metadata.EMPTY.id(), RECORDED);
    }
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "", resource, null, null, Series.NO_DIMENSIONS);
  }
}
