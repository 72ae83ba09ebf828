package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.Block;
import io.sonde.series.ChunkCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final Series SERIES =
      new Series("s", "m", MeterType.GAUGE, "", "r", null, null, Series.NO_DIMENSIONS);
  private static final Metadata ONE = Metadata.of(Map.of("n", 1L));
  private static final Metadata TWO = Metadata.of(Map.of("n", 2L));
  private static final SampleFilter OF_ONE =
      SampleFilter.of(Condition.equal(new Field.MetadataKey("n"), 1L));

  private final Map<UUID, Metadata> asked = new HashMap<>();

  @Test
  void moreSamplesThanFitIntoMemoryAreRefused() {
    Selection all = selection(SampleFilter.ALL, Integer.MAX_VALUE);
    all.chunk(SERIES, null, chunk(0, Selection.MOST_SAMPLES, ONE), this::texts);
    assertThatThrownBy(() -> all.chunk(SERIES, null, chunk(-1, 1, ONE), this::texts))
        .isInstanceOf(TooLargeException.class)
        .hasMessage("The answer has more than 250000 samples.");

    Selection few = selection(SampleFilter.ALL, 2);
    few.chunk(SERIES, null, chunk(0, Selection.MOST_SAMPLES, ONE), this::texts);
    assertThat(few.chunk(SERIES, null, chunk(-1, 1, ONE), this::texts)).as("is read on").isFalse();
    assertThat(timestamps(few)).containsExactly(Selection.MOST_SAMPLES - 1L, 249_998L);
  }

  @Test
  void conditionsOnMetadataEndTheReadingToo() {
    Selection two = selection(OF_ONE, 2);
    assertThat(two.chunk(SERIES, null, chunk(90, 20, TWO), this::texts)).isTrue();
    assertThat(two.chunk(SERIES, null, chunk(50, 20, ONE), this::texts)).isTrue();
    assertThat(two.chunk(SERIES, null, chunk(20, 20, ONE), this::texts)).isFalse();
    assertThat(asked).containsOnlyKeys(ONE.id(), TWO.id());
    assertThat(timestamps(two)).containsExactly(69L, 68L);
  }

  @Test
  void whatCollectorsSendIsDecidedWhenItsTextsAreThere() {
    Selection all = selection(OF_ONE, 100);
    all.metadata(ONE);
    all.metadata(TWO);
    all.collected(SERIES, null, chunk(0, 1_000, ONE));
    all.collected(SERIES, null, chunk(2_000, 1_000, TWO));
    all.settle().toCompletableFuture().join();
    assertThat(timestamps(all)).hasSize(100).startsWith(999L, 998L);
    assertThat(asked).isEmpty();
  }

  @Test
  void collectorsAnswerWhileEachOthersPartsAreDecided() throws Exception {
    int parts = 2_000;
    Selection all = selection(OF_ONE, 100_000);
    Object reading = new Object();
    List<Thread> collectors = new ArrayList<>();
    for (int c = 0; c < 2; c++) {
      long first = c * 1_000_000L;
      Thread collector =
          new Thread(
              () -> {
                for (int part = 0; part < parts; part++) {
                  synchronized (reading) {
                    all.collected(SERIES, null, chunk(first + 10L * part, 10, ONE));
                  }
                  all.settle().toCompletableFuture().join();
                }
              });
      collector.start();
      collectors.add(collector);
    }
    for (Thread collector : collectors) {
      collector.join();
    }
    assertThat(timestamps(all)).hasSize(2 * 10 * parts).doesNotHaveDuplicates();
  }

  private static Selection selection(SampleFilter filter, int limit) {
    Selection selection =
        new Selection(
            filter, List.of(Order.NEWEST), null, limit, new MetadataTexts(null, Runnable::run));
    // What is shown in the end.
    selection.metadata(ONE);
    return selection;
  }

  private Map<UUID, Metadata> texts(Set<UUID> ids) {
    Map<UUID, Metadata> found = new HashMap<>(Map.of(ONE.id(), ONE, TWO.id(), TWO));
    found.keySet().retainAll(ids);
    asked.putAll(found);
    return found;
  }

  /** So many samples, a microsecond apart. */
  private static byte[] chunk(long first, int samples, Metadata metadata) {
    Block block = new Block();
    for (int i = 0; i < samples; i++) {
      block.add(first + i, 1, 0, metadata.id(), 0);
    }
    return ChunkCodec.encode(block.freeze()).payload();
  }

  private static List<Long> timestamps(Selection selection) {
    List<StoredSample> end = selection.end().toCompletableFuture().join();
    return end.stream().map(stored -> stored.sample().timestamp()).toList();
  }
}
