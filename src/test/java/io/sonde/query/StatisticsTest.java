package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.TimeSplit;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  private static final long MICROS = 1_000_000;

  private static final long HOUR = ChunkDirectory.HOUR;
  private static final Metadata ONE = Metadata.of(Map.of("n", 1L));
  private static final Metadata TWO = Metadata.of(Map.of("n", 2L));

  private record At(Series series, long timestamp, double volume, UUID metadata) {}

  @Test
  void isWhatANaiveModelSays() {
    Random random = Seed.random();
    for (int round = 0; round < 1_000; round++) {
      List<At> samples = samples(random);
      long from = random.nextBoolean() ? Long.MIN_VALUE : time(random, 20);
      long to = random.nextBoolean() ? Long.MAX_VALUE : time(random, 20) + 20 * HOUR;
      boolean isByMetadata = random.nextInt(3) == 0;
      Condition rest =
          isByMetadata ? Condition.equal(new Field.MetadataKey("n"), 1L) : Condition.And.TRUE;
      SampleFilter filter = new SampleFilter(Map.of(), from, to, rest);
      long period =
          switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> 3_600L * (1 + random.nextInt(4));
            default -> 1 + random.nextInt(20_000);
          };
      List<SeriesField> groupBy =
          random.nextBoolean() ? List.of() : List.of(SeriesField.PROJECT_ID);
      Map<Series, List<At>> bySeries = new HashMap<>();
      samples.forEach(
          at -> bySeries.computeIfAbsent(at.series(), key -> new ArrayList<>()).add(at));
      samples.removeIf(
          at ->
              at.timestamp() < from
                  || at.timestamp() >= to
                  || (isByMetadata && !at.metadata().equals(ONE.id())));
      List<StatisticsRow> rows = rows(bySeries, filter, period, groupBy, random);
      assertRows(rows, samples, from, period, groupBy);
    }
  }

  @Test
  void moreRowsThanFitIntoMemoryAreRefused() {
    SampleFilter filter = new SampleFilter(Map.of(), 0, Long.MAX_VALUE, Condition.And.TRUE);
    Statistics statistics = new Statistics(filter, StatisticsQuestion.of(1));
    Block block = new Block();
    for (int i = 0; i < Statistics.MOST_ROWS; i++) {
      block.add(i * MICROS, 1, 0, ONE.id(), 0);
    }
    Series series = samples(new Random(1)).get(0).series();
    statistics.chunk(
        series, null, ChunkCodec.encode(block.freeze()).payload(), StatisticsTest::noTexts);
    statistics.chunk(
        series, null, ChunkCodec.encode(block.freeze()).payload(), StatisticsTest::noTexts);
    assertThat(statistics.rows(Map.of())).hasSize(Statistics.MOST_ROWS);
    block.add(Statistics.MOST_ROWS * MICROS, 1, 0, ONE.id(), 0);
    assertThatThrownBy(
            () ->
                statistics.chunk(
                    series,
                    null,
                    ChunkCodec.encode(block.freeze()).payload(),
                    StatisticsTest::noTexts))
        .isInstanceOf(TooLargeException.class)
        .hasMessage("The answer takes more than 250000 rows, one for each group and period.");
  }

  @Test
  void conditionsOnMetadataAreDecidedByValue() {
    Metadata text =
        Metadata.of(
            Map.of("a", Map.of("b", Arrays.asList(1L, "x")), "t", true, "d", 2.0, "n", "5"));
    assertThat(matches(text, "a.b[0]", 1L)).isTrue();
    assertThat(matches(text, "a.b[0]", 1.0)).isTrue();
    assertThat(matches(text, "a.b[1]", "x")).isTrue();
    assertThat(matches(text, "t", true)).isTrue();
    assertThat(matches(text, "t", "true")).isFalse();
    assertThat(matches(text, "d", 2L)).isTrue();
    assertThat(matches(text, "n", 5L)).isFalse();
    assertThat(matches(text, "a", "x")).isFalse();
    assertThat(matches(text, "missing", "x")).isFalse();
    assertThat(matches(text, "label", "value")).as("a dimension").isTrue();
    Metadata long64k = Metadata.of(Map.of("k".repeat(60_000), 1L));
    assertThat(matches(long64k, "k".repeat(60_000), 1L)).isTrue();
  }

  private static boolean matches(Metadata text, String key, Object value) {
    SampleFilter filter =
        new SampleFilter(
            Map.of(),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Condition.equal(new Field.MetadataKey(key), value));
    Block block = new Block();
    block.add(1, 1, 0, text.id(), 1);
    Series series =
        new Series(
            "s",
            "m",
            MeterType.GAUGE,
            "",
            "r",
            null,
            null,
            Series.dimensions(Map.of("label", "value")));
    return new Matcher(filter).matches(series, block.freeze(), 0, Map.of(text.id(), text));
  }

  private static void assertRows(
      List<StatisticsRow> rows,
      List<At> samples,
      long from,
      long period,
      List<SeriesField> groupBy) {
    long first = samples.stream().mapToLong(At::timestamp).min().orElse(0);
    long start = from == Long.MIN_VALUE ? first : from;
    Map<List<Object>, List<At>> groups = new HashMap<>();
    for (At at : samples) {
      long place = period == 0 ? 0 : (at.timestamp() - start) / (period * MICROS);
      String project = groupBy.isEmpty() ? "none" : at.series().projectId();
      groups
          .computeIfAbsent(
              Arrays.asList(place, at.series().unit(), project), k -> new ArrayList<>())
          .add(at);
    }
    assertThat(rows).hasSize(groups.size());
    for (StatisticsRow row : rows) {
      long place = period == 0 ? 0 : (row.periodStart() - start) / (period * MICROS);
      String project = groupBy.isEmpty() ? "none" : row.group().get("project_id");
      List<At> group = groups.get(Arrays.asList(place, row.unit(), project));
      assertThat(row.count()).isEqualTo(group.size());
      double sum =
          group.stream()
              .map(at -> new BigDecimal(at.volume()))
              .reduce(BigDecimal.ZERO, BigDecimal::add)
              .doubleValue();
      assertThat(row.sum() + 0.0).isEqualTo(sum);
      assertThat(row.min()).isEqualTo(group.stream().mapToDouble(At::volume).min().getAsDouble());
      assertThat(row.max()).isEqualTo(group.stream().mapToDouble(At::volume).max().getAsDouble());
      assertThat(row.first()).isEqualTo(group.stream().mapToLong(At::timestamp).min().getAsLong());
      assertThat(row.last()).isEqualTo(group.stream().mapToLong(At::timestamp).max().getAsLong());
    }
  }

  private static List<At> samples(Random random) {
    List<At> samples = new ArrayList<>();
    for (int i = random.nextInt(200); i >= 0; i--) {
      Series series =
          new Series(
              "s",
              "m",
              MeterType.GAUGE,
              random.nextInt(4) == 0 ? "kB" : "B",
              "r" + random.nextInt(3),
              random.nextInt(3) == 0 ? null : "p" + random.nextInt(2),
              null,
              Series.NO_DIMENSIONS);
      samples.add(
          new At(
              series,
              random.nextLong(40 * HOUR),
              Math.scalb(random.nextGaussian(), random.nextInt(100) - 50),
              random.nextBoolean() ? ONE.id() : TWO.id()));
    }
    return samples;
  }

  /** A time within so many hours, often a whole one. */
  private static long time(Random random, int hours) {
    return random.nextBoolean()
        ? random.nextInt(hours) * HOUR
        : random.nextLong(hours * HOUR / MICROS) * MICROS + random.nextInt(3);
  }

  private static List<StatisticsRow> rows(
      Map<Series, List<At>> samples,
      SampleFilter filter,
      long period,
      List<SeriesField> groupBy,
      Random random) {
    Map<UUID, Metadata> texts = Map.of(ONE.id(), ONE, TWO.id(), TWO);
    if (period > 0 && filter.from() == Long.MIN_VALUE) {
      Statistics all = new Statistics(filter, StatisticsQuestion.of(0));
      feed(all, samples, filter.isPlain(), filter.time(0), random);
      long first = all.first(texts);
      return first == Long.MAX_VALUE
          ? List.of()
          : rows(samples, filter.startingAt(first), period, groupBy, random);
    }
    Statistics statistics =
        new Statistics(filter, StatisticsQuestion.of(period, groupBy.toArray(SeriesField[]::new)));
    feed(statistics, samples, filter.isPlain(), filter.time(period), random);
    return statistics.rows(texts);
  }

  /**
   * In chunks that overlap, some as collectors send their open blocks, some as rows: without
   * payload where the directory serves.
   */
  private static void feed(
      Statistics statistics,
      Map<Series, List<At>> samples,
      boolean isPlain,
      TimeSplit time,
      Random random) {
    samples.forEach(
        (series, all) -> {
          Map<Integer, Block> blocks = new HashMap<>();
          all.forEach(
              at ->
                  blocks
                      .computeIfAbsent(random.nextInt(4), key -> new Block())
                      .add(at.timestamp(), at.volume(), 0, at.metadata(), 0));
          for (Block block : blocks.values()) {
            Chunk chunk = ChunkCodec.encode(block.freeze());
            boolean isServed = time.isServedByHours(chunk.from(), chunk.to());
            if (random.nextInt(4) == 0) {
              statistics.chunk(series, null, chunk.payload(), StatisticsTest::noTexts);
            } else if (isPlain && isServed) {
              statistics.chunk(series, chunk.directory(), null, StatisticsTest::noTexts);
            } else {
              statistics.chunk(series, chunk.directory(), chunk.payload(), StatisticsTest::noTexts);
            }
          }
        });
  }

  private static Map<UUID, Metadata> noTexts(Set<UUID> ids) {
    return Map.of();
  }
}
