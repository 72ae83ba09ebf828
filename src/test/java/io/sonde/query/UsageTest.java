package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.SeriesFilter;
import io.sonde.series.Block;
import io.sonde.series.ChunkCodec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Usage is what its definition says, to the last digit, wherever chunks are cut. */
class UsageTest {
  private static final int ROUNDS = 3_000;
  private static final List<MeterType> TYPES = List.of(MeterType.values());
  private static final long HOUR = 3_600_000_000L;
  private static final long START = 1_767_225_600_000_000L;
  private static final Metadata[] FLAVORS = {
    Metadata.of(Map.of("flavor", "small")), Metadata.of(Map.of("flavor", "large")), Metadata.EMPTY
  };

  private record Point(String resource, String project, long time, double volume, int flavor) {}

  /** What a row is about. */
  private record Key(int period, String project, String flavor) {}

  private static final class Expected {
    private BigDecimal quantity = BigDecimal.ZERO;
    private final Set<String> resources = new HashSet<>();
    private long samples;
    private long covered;
    private long gaps;
    private long gapTime;
    private long longestGap;
    private long resets;
  }

  @Test
  void isWhatItsDefinitionSays() {
    Random random = Seed.random();
    for (int round = 0; round < ROUNDS; round++) {
      MeterType type = TYPES.get(random.nextInt(3));
      List<Point> points = points(random, type);
      UsageQuestion question = question(random);
      Map<Key, Expected> expected = model(points, type, question);

      List<UsageRow> rows = measured(points, type, question);

      assertThat(rows).hasSize(expected.size());
      for (UsageRow row : rows) {
        int period = question.bounds().indexOf(row.periodStart());
        Expected one =
            expected.get(new Key(period, row.group().get("project"), row.group().get("flavor")));
        assertThat(one).as("%s", row).isNotNull();
        double sum = one.quantity.doubleValue();
        assertThat(row.quantity())
            .as("%s", row)
            .isEqualTo(type == MeterType.GAUGE ? sum / HOUR : sum);
        assertThat(
                List.of(
                    row.resources(),
                    row.samples(),
                    row.covered(),
                    row.gaps(),
                    row.gapTime(),
                    row.longestGap(),
                    row.resets()))
            .as("%s", row)
            .containsExactly(
                (long) one.resources.size(),
                one.samples,
                one.covered,
                one.gaps,
                one.gapTime,
                one.longestGap,
                one.resets);
      }
    }
  }

  @Test
  void periodsOfACounterAddUpToItsGrowth() {
    Random random = Seed.random();
    List<Point> points = new ArrayList<>();
    double volume = 0;
    for (int i = 0; i < 2_000; i++) {
      volume += random.nextInt(1_000);
      points.add(new Point("r", "p", START + i * HOUR / 7, volume, 0));
    }
    long end = START + 2_000 * HOUR / 7;
    List<Long> bounds = new ArrayList<>();
    for (long at = START; at < end; at += 5 * HOUR) {
      bounds.add(at);
    }
    bounds.add(end);
    UsageQuestion question =
        new UsageQuestion(
            new SeriesFilter(Map.of()), bounds, new TreeMap<>(), HOUR, (text, key) -> null);

    List<UsageRow> rows = measured(points, MeterType.CUMULATIVE, question);

    assertThat(rows.stream().mapToDouble(UsageRow::quantity).sum())
        .isEqualTo(volume - points.get(0).volume());
  }

  @Test
  void aGaugeHoldsUntilItsResourceEndsAndNoLonger() {
    // Measured every ten minutes; it ends at 12:34, is measured once more by a pollster that has
    // not
    // heard of it, and begins again at 14:00.
    long minute = HOUR / 60;
    List<Point> points = new ArrayList<>();
    for (int at : List.of(0, 10, 20, 30, 40, 130, 140)) {
      points.add(new Point("r", "p", START + at * minute, 6, 0));
    }
    points.add(new Point("other", "p", START, 6, 0));
    UsageQuestion question =
        new UsageQuestion(
            new SeriesFilter(Map.of()),
            List.of(START, START + 3 * HOUR),
            new TreeMap<>(),
            HOUR,
            (text, key) -> null);
    Existence twice =
        new Existence(
            List.of(
                interval(START - HOUR, START + 34 * minute),
                interval(START + 2 * HOUR, START + 170 * minute)));

    UsageRow row = measured(points, MeterType.GAUGE, question, Map.of("r", twice)).get(0);

    // 34 minutes, and from 130 to its second end at 170.
    assertThat(row.covered()).isEqualTo((34 + 40) * minute);
    assertThat(row.quantity()).isEqualTo(6 * 74 / 60.0);
    assertThat(row.gaps()).isZero();

    Existence longAgo = new Existence(List.of(interval(START - 2 * HOUR, START - HOUR)));
    row = measured(points, MeterType.GAUGE, question, Map.of("r", longAgo)).get(0);
    assertThat(row.covered()).isZero();
    row = measured(points, MeterType.GAUGE, question).get(0);
    assertThat(row.covered()).as("nothing was told").isEqualTo((40 + 10) * minute);
    assertThat(row.gaps()).isEqualTo(1);
  }

  private static Interval interval(long begin, long end) {
    return new Interval(begin, end, null, new TreeMap<>(), "b", "e", List.of());
  }

  @Test
  void aLabelOfTheSeriesComesBeforeItsMetadata() {
    Metadata metadata = Metadata.of(Map.of("zone", "z2"));
    SortedMap<String, Field> groupBy = new TreeMap<>();
    groupBy.put("resource_metadata.zone", new Field.MetadataKey("zone"));
    UsageQuestion question =
        new UsageQuestion(
            new SeriesFilter(Map.of()),
            List.of(START, START + HOUR),
            groupBy,
            HOUR,
            (text, key) -> "z2");
    Usage usage = new Usage(question);
    Block block = new Block();
    block.add(START, 1, SampleKey.NONE, metadata.id(), 1);
    byte[] chunk = ChunkCodec.encode(block.freeze()).payload();
    for (var labels : List.of(Series.dimensions(Map.of("zone", "z1")), Series.NO_DIMENSIONS)) {
      usage.chunk(
          new Series("s", "m", MeterType.GAUGE, "", "r", "p1", null, labels),
          null,
          chunk,
          ids -> Map.of());
    }

    assertThat(usage.metadataIds()).containsExactly(metadata.id());
    assertThat(usage.rows(Map.of(metadata.id(), metadata), Map.of()))
        .extracting(row -> row.group().get("resource_metadata.zone"))
        .containsExactly("z1", "z2");
  }

  /** Straight from the definition: every pair of neighbours, every period. */
  private static Map<Key, Expected> model(
      List<Point> points, MeterType type, UsageQuestion question) {
    Map<Key, Expected> rows = new HashMap<>();
    Map<String, List<Point>> chains = new TreeMap<>();
    points.forEach(one -> chains.computeIfAbsent(one.resource(), r -> new ArrayList<>()).add(one));
    long gap = question.longestGap();
    long back = type == MeterType.CUMULATIVE ? Math.max(gap, Usage.LOOK_BACK) : gap;
    for (List<Point> chain : chains.values()) {
      chain.sort(Comparator.comparingLong(Point::time));
      chain.removeIf(
          one -> one.time() < question.start() - back || one.time() >= question.end() + gap);
      for (int i = 0; i < chain.size(); i++) {
        Point to = chain.get(i);
        for (int p = 0; p + 1 < question.bounds().size(); p++) {
          long begin = question.bounds().get(p);
          long end = question.bounds().get(p + 1);
          if (to.time() >= begin && to.time() < end) {
            Expected row = row(rows, p, to, question);
            row.samples++;
            if (type == MeterType.DELTA) {
              row.quantity = row.quantity.add(new BigDecimal(to.volume()));
            } else if (type == MeterType.CUMULATIVE && i > 0) {
              double before = chain.get(i - 1).volume();
              boolean isReset = to.volume() < before;
              row.resets += isReset ? 1 : 0;
              row.quantity =
                  row.quantity
                      .add(new BigDecimal(to.volume()))
                      .subtract(new BigDecimal(isReset ? 0 : before));
            }
          }
          if (i == 0) {
            continue;
          }
          Point from = chain.get(i - 1);
          long time = Math.min(end, to.time()) - Math.max(begin, from.time());
          if (time <= 0) {
            continue;
          }
          Expected row = row(rows, p, type == MeterType.GAUGE ? from : to, question);
          if (to.time() - from.time() > gap) {
            row.gaps += from.time() >= begin || p == 0 ? 1 : 0;
            row.gapTime += time;
            row.longestGap = Math.max(row.longestGap, time);
          } else {
            row.covered += time;
            if (type == MeterType.GAUGE) {
              row.quantity =
                  row.quantity.add(
                      new BigDecimal(from.volume()).multiply(BigDecimal.valueOf(time)));
            }
          }
        }
      }
    }
    return rows;
  }

  private static Expected row(
      Map<Key, Expected> rows, int period, Point point, UsageQuestion question) {
    boolean isGrouped = !question.groupBy().isEmpty();
    Key key =
        new Key(
            period,
            isGrouped ? point.project() : null,
            isGrouped ? flavor(FLAVORS[point.flavor()]) : null);
    Expected row = rows.computeIfAbsent(key, absent -> new Expected());
    row.resources.add(point.resource());
    return row;
  }

  /** What the chunks say, handed over in any order and cut anywhere. */
  private static List<UsageRow> measured(
      List<Point> points, MeterType type, UsageQuestion question) {
    return measured(points, type, question, Map.of());
  }

  private static List<UsageRow> measured(
      List<Point> points,
      MeterType type,
      UsageQuestion question,
      Map<String, Existence> existences) {
    Map<Series, List<Point>> bySeries = new LinkedHashMap<>();
    for (Point one : points) {
      bySeries.computeIfAbsent(series(one, type), s -> new ArrayList<>()).add(one);
    }
    Usage usage = new Usage(question);
    long gap = question.longestGap();
    hand(usage, bySeries, question.start() - gap, question.end() + gap);
    if (gap < Usage.LOOK_BACK && usage.lacksPredecessors()) {
      usage = usage.copy();
      hand(usage, bySeries, question.start() - Usage.LOOK_BACK, question.start() - gap);
    }
    Map<UUID, Metadata> metadata = new HashMap<>();
    for (Metadata one : FLAVORS) {
      metadata.put(one.id(), one);
    }
    assertThat(metadata.keySet()).containsAll(usage.metadataIds());
    return usage.rows(metadata, existences);
  }

  private static void hand(Usage usage, Map<Series, List<Point>> bySeries, long from, long to) {
    Random cuts = new Random(bySeries.hashCode());
    bySeries.forEach(
        (series, points) -> {
          Block block = new Block();
          List<byte[]> chunks = new ArrayList<>();
          for (Point one : points) {
            block.add(
                one.time(), one.volume(), SampleKey.NONE, FLAVORS[one.flavor()].id(), START / 1000);
            if (cuts.nextInt(8) == 0) {
              chunks.add(ChunkCodec.encode(block.freeze()).payload());
              block = new Block();
            }
          }
          if (block.size() > 0) {
            chunks.add(ChunkCodec.encode(block.freeze()).payload());
          }
          for (byte[] chunk : chunks) {
            var columns = ChunkCodec.decode(chunk);
            // What a reading finds: chunks that reach into the time, with all that they hold.
            if (columns.timestamp(columns.size() - 1) >= from && columns.timestamp(0) < to) {
              usage.chunk(series, null, chunk, ids -> Map.of());
            }
          }
        });
  }

  private static Series series(Point one, MeterType type) {
    return new Series(
        "s", "m", type, "GiB", one.resource(), one.project(), "u", Series.NO_DIMENSIONS);
  }

  private static List<Point> points(Random random, MeterType type) {
    List<Point> points = new ArrayList<>();
    for (int r = random.nextInt(3); r >= 0; r--) {
      TreeSet<Long> times = new TreeSet<>();
      long time = START - random.nextInt(400) * HOUR;
      for (int n = random.nextInt(60); n > 0; n--) {
        time += 1 + (long) (random.nextDouble() * HOUR * (random.nextInt(8) == 0 ? 60 : 2));
        times.add(random.nextBoolean() ? time : time / HOUR * HOUR);
      }
      double volume = random.nextInt(100);
      String project = "p1";
      int flavor = 0;
      for (long one : times) {
        volume =
            type == MeterType.CUMULATIVE && random.nextInt(10) > 0
                ? volume + random.nextInt(1_000) / 8.0
                : random.nextInt(1_000) / 10.0;
        project = random.nextInt(12) == 0 ? "p" + random.nextInt(3) : project;
        flavor = random.nextInt(12) == 0 ? random.nextInt(3) : flavor;
        points.add(new Point("r" + r, project, one, volume, flavor));
      }
    }
    return points;
  }

  private static UsageQuestion question(Random random) {
    TreeSet<Long> bounds = new TreeSet<>();
    for (int n = 2 + random.nextInt(5); n > 0; n--) {
      bounds.add(START + random.nextInt(300) * HOUR + random.nextInt(2) * 1_234_567L);
    }
    bounds.add(START + 301 * HOUR);
    SortedMap<String, Field> groupBy = new TreeMap<>();
    if (random.nextBoolean()) {
      groupBy.put("project", Field.PROJECT_ID);
      groupBy.put("flavor", new Field.MetadataKey("flavor"));
    }
    return new UsageQuestion(
        new SeriesFilter(Map.of()),
        List.copyOf(bounds),
        groupBy,
        random.nextInt(6) == 0 ? 200 * HOUR : HOUR + random.nextInt(3) * HOUR,
        (text, key) -> flavor(text));
  }

  private static String flavor(Metadata metadata) {
    String json = metadata.json();
    return json.contains("small") ? "small" : json.contains("large") ? "large" : null;
  }
}
