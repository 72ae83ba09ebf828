package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A collector is asked until all is known, by messages that fit between nodes. */
class JournalWordsTest {
  /** What a frame holds, less what stands around a message. */
  private static final int FRAME = 126 * 1024;

  private static final int SERIES = 9_000;

  private final Map<UUID, Metadata> inMemory = new HashMap<>();
  private final Map<UUID, Metadata> inRows = new HashMap<>();
  private final List<Set<UUID>> readFromRows = new ArrayList<>();
  private int questions;

  private final JournalWords words =
      new JournalWords(
          this::tell,
          ids -> {
            readFromRows.add(Set.copyOf(ids));
            Map<UUID, Metadata> found = new HashMap<>(inRows);
            found.keySet().retainAll(ids);
            return found;
          });

  @Test
  void manyAndLargeOnesAreToldInParts() {
    for (int i = 0; i < 20; i++) {
      add(inMemory, Metadata.of(Map.of("a", i + "x".repeat(65_000))));
      add(inRows, Metadata.of(Map.of("b", i)));
    }
    Set<UUID> ids = Set.copyOf(union(inMemory, inRows).keySet());
    Set<Integer> numbers = IntStream.range(0, SERIES).boxed().collect(Collectors.toSet());

    JournalWords.Words all = words.of(numbers, ids);

    assertThat(all.metadata()).isEqualTo(union(inMemory, inRows));
    assertThat(all.series().keySet()).isEqualTo(numbers);
    all.series().forEach((number, known) -> assertThat(known.series()).isEqualTo(series(number)));
    assertThat(readFromRows).containsExactly(inRows.keySet());
    assertThat(questions).isGreaterThan(20);

    // What was told is not asked for again.
    int before = questions;
    assertThat(words.of(numbers, ids)).isEqualTo(all);
    assertThat(questions).isEqualTo(before);
    assertThat(readFromRows).hasSize(1);
  }

  @Test
  void theLongestSeriesFit() {
    Series longest =
        new Series(
            "s", "m", MeterType.GAUGE, "", "r".repeat(1_024), null, null, Series.NO_DIMENSIONS);
    Collector.Described described =
        Description.of(
            new Collector.Describe(
                IntStream.range(0, 4_000).boxed().collect(Collectors.toSet()), Set.of(), null),
            number -> longest,
            id -> null);

    assertThat(described.isCut()).isTrue();
    assertThat(described.series()).hasSizeGreaterThan(20);
    assertThat(written(described)).hasSizeLessThan(FRAME);
  }

  private CompletionStage<Collector.Described> tell(Set<Integer> numbers, Set<UUID> ids) {
    questions++;
    Collector.Describe question = new Collector.Describe(numbers, ids, null);
    ByteWriter asked = new ByteWriter(128);
    Description.write(question, asked);
    assertThat(asked.toByteArray()).hasSizeLessThan(FRAME);
    assertThat(Description.readQuestion(null, new ByteReader(asked.toByteArray())))
        .isEqualTo(question);
    byte[] answer = written(Description.of(question, JournalWordsTest::series, inMemory::get));
    assertThat(answer).hasSizeLessThan(FRAME);
    return CompletableFuture.completedStage(Description.readAnswer(new ByteReader(answer)));
  }

  private static byte[] written(Collector.Described described) {
    ByteWriter out = new ByteWriter(128);
    Description.write(described, out);
    return out.toByteArray();
  }

  private static Series series(int number) {
    return new Series("s", "m" + number, MeterType.GAUGE, "", "r", "p", null, Series.NO_DIMENSIONS);
  }

  private static void add(Map<UUID, Metadata> all, Metadata text) {
    all.put(text.id(), text);
  }

  private static Map<UUID, Metadata> union(Map<UUID, Metadata> a, Map<UUID, Metadata> b) {
    Map<UUID, Metadata> both = new HashMap<>(a);
    both.putAll(b);
    return both;
  }
}
