package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics over chunk rows and heads are those of the samples themselves. */
class StatisticsIT {
  private static final long MICROS = 1_000_000;
  private static final long HOUR = 3_600 * MICROS;

  @TempDir static Path folder;

  /** What a row is about: the period's start, the project or null, and the unit. */
  private record Key(long start, String project, String unit) {}

  @Test
  void areThoseOfTheSamplesWhereverTheyLie() throws Exception {
    Random random = Seed.random();
    // Yesterday becomes chunk rows at once, today stays in the head until there is enough of it.
    long end = Instant.now().getEpochSecond() * MICROS;
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      askWhileFlushing(postgres.newDatabase(), random, end);
    }
  }

  private static void askWhileFlushing(DatabaseSettings settings, Random random, long end)
      throws Exception {
    try (TestNode node =
        TestNode.start(
            settings,
            "sonde.collector.flush-interval=0s",
            "sonde.collector.chunk-samples=60",
            "sonde.collector.keep-flushed=1s")) {
      Map<Long, Sample> all = new TreeMap<>();
      for (int round = 0; round < 12; round++) {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
          Sample sample = sample(random, end - random.nextLong(40 * HOUR));
          if (all.putIfAbsent(sample.timestamp(), sample) == null) {
            batch.add(sample);
          }
        }
        TestNode.get(node.collectors.add("store", SampleBatch.of(batch)));
        for (int question = 0; question < 15; question++) {
          ask(node, all.values(), random, end - 40 * HOUR);
        }
        long flushes = round;
        Wait.until(
            Duration.ofSeconds(20),
            "a flush",
            () -> TestPostgres.number(settings, "SELECT max(generation) FROM collector") > flushes);
      }
    }
  }

  private static void ask(TestNode node, Iterable<Sample> all, Random random, long begin)
      throws Exception {
    long from = random.nextInt(4) == 0 ? Long.MIN_VALUE : time(random, begin);
    long to = random.nextInt(4) == 0 ? Long.MAX_VALUE : time(random, begin + 20 * HOUR);
    Map<SeriesField, String> equal = new HashMap<>();
    if (random.nextBoolean()) {
      equal.put(SeriesField.METER, "m" + random.nextInt(3));
    }
    if (random.nextInt(3) == 0) {
      equal.put(SeriesField.RESOURCE_ID, "r" + random.nextInt(10));
    }
    boolean isByHost = random.nextInt(4) == 0;
    Condition rest =
        isByHost ? Condition.equal(new Field.MetadataKey("host"), "h1") : Condition.And.TRUE;
    long period =
        random.nextInt(3) == 0 ? 0 : random.nextBoolean() ? 7_200 : 1 + random.nextInt(50_000);
    boolean isGrouped = random.nextBoolean();
    SampleFilter filter = new SampleFilter(equal, from, to, rest);
    List<Sample> matching = new ArrayList<>();
    for (Sample sample : all) {
      if (filter.series().matches(sample.series())
          && sample.timestamp() >= from
          && sample.timestamp() < to
          && (!isByHost || sample.metadata().json().contains("h1"))) {
        matching.add(sample);
      }
    }
    long start =
        from != Long.MIN_VALUE
            ? from
            : matching.stream().mapToLong(Sample::timestamp).min().orElse(0);
    Map<Key, List<Sample>> groups = new HashMap<>();
    for (Sample sample : matching) {
      long length = period * MICROS;
      long of =
          period == 0 ? 0 : start + Math.floorDiv(sample.timestamp() - start, length) * length;
      String project = isGrouped ? sample.series().projectId() : null;
      groups
          .computeIfAbsent(new Key(of, project, sample.series().unit()), key -> new ArrayList<>())
          .add(sample);
    }
    List<StatisticsRow> rows =
        TestNode.get(
            node.queries.statistics(
                filter,
                isGrouped
                    ? StatisticsQuestion.of(period, SeriesField.PROJECT_ID)
                    : StatisticsQuestion.of(period)));
    assertThat(rows).as("%s, period %s", filter, period).hasSize(groups.size());
    for (StatisticsRow row : rows) {
      List<Sample> group =
          groups.get(
              new Key(
                  period == 0 ? 0 : row.periodStart(), row.group().get("project_id"), row.unit()));
      assertThat(group).as("%s in %s, period %s", row, filter, period).isNotNull();
      assertThat(row.count()).as("%s, period %s", filter, period).isEqualTo(group.size());
      assertThat(row.sum()).isEqualTo(sum(group));
      assertThat(row.min())
          .isEqualTo(group.stream().mapToDouble(Sample::volume).min().getAsDouble());
      assertThat(row.max())
          .isEqualTo(group.stream().mapToDouble(Sample::volume).max().getAsDouble());
      assertThat(row.first())
          .isEqualTo(group.stream().mapToLong(Sample::timestamp).min().getAsLong());
      assertThat(row.last())
          .isEqualTo(group.stream().mapToLong(Sample::timestamp).max().getAsLong());
    }
  }

  private static double sum(List<Sample> samples) {
    return samples.stream()
        .map(sample -> new BigDecimal(sample.volume()))
        .reduce(BigDecimal.ZERO, BigDecimal::add)
        .doubleValue();
  }

  /** A time within 20 hours, often a whole hour. */
  private static long time(Random random, long begin) {
    long time = begin + random.nextLong(20 * HOUR);
    return random.nextBoolean() ? time : Math.floorDiv(time, HOUR) * HOUR;
  }

  private static Sample sample(Random random, long timestamp) {
    int resource = random.nextInt(10);
    Series series =
        new Series(
            "s",
            "m" + random.nextInt(3),
            MeterType.GAUGE,
            random.nextInt(5) == 0 ? "kB" : "B",
            "r" + resource,
            resource == 0 ? null : "p" + resource % 3,
            null,
            Series.NO_DIMENSIONS);
    return new Sample(
        series,
        timestamp,
        Math.scalb(random.nextGaussian(), random.nextInt(80) - 40),
        SampleKey.NONE,
        Metadata.of(Map.of("host", "h" + random.nextInt(2))));
  }
}
