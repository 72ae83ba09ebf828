package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.series.Block;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  private static final long MICROS = 1_000_000;

  private record At(Series series, long timestamp, double volume, UUID metadata) {}

  @Test
  void isWhatANaiveModelSays() {
    Random random = Seed.random();
    for (int round = 0; round < 300; round++) {
      List<At> samples = samples(random);
      Found found = found(samples, random);
      long from = random.nextBoolean() ? Long.MIN_VALUE : random.nextLong(500) * MICROS / 7;
      long to = random.nextBoolean() ? Long.MAX_VALUE : 500 * MICROS + random.nextInt(500_000_000);
      SampleFilter filter = new SampleFilter(Map.of(), from, to, List.of());
      long period = random.nextBoolean() ? 0 : 1 + random.nextInt(300);
      List<SeriesField> groupBy =
          random.nextBoolean() ? List.of() : List.of(SeriesField.PROJECT_ID);
      samples.removeIf(at -> at.timestamp() < from || at.timestamp() >= to);
      List<StatisticsRow> rows =
          Statistics.of(found, filter, new Evaluator(filter, Map.of()), period, groupBy);
      assertRows(rows, samples, from, period, groupBy);
    }
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
            Map.of(), Long.MIN_VALUE, Long.MAX_VALUE, List.of(new MetadataCondition(key, value)));
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
    return new Evaluator(filter, Map.of(text.id(), text))
        .matches(new Found.Piece(series, block.freeze()), 0);
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
              random.nextInt(1_000) * MICROS + i,
              Math.scalb(random.nextGaussian(), random.nextInt(100) - 50),
              new UUID(1, 2)));
    }
    return samples;
  }

  /** In pieces that overlap, as chunk rows and heads do. */
  private static Found found(List<At> samples, Random random) {
    Map<List<Object>, Block> blocks = new HashMap<>();
    for (At at : samples) {
      blocks
          .computeIfAbsent(List.of(at.series(), random.nextInt(3)), key -> new Block())
          .add(at.timestamp(), at.volume(), 0, at.metadata(), 0);
    }
    Found found = new Found();
    blocks.forEach((key, block) -> found.add((Series) key.get(0), block.freeze()));
    return found;
  }
}
