package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** Samples and questions that meet each other often. */
final class RandomQueries {
  private static final long MICROS = 1_000_000;
  private static final long HOUR = 3_600 * MICROS;
  private static final long SPAN = 40 * HOUR;

  private static final List<MeterType> TYPES = List.of(MeterType.values());
  private static final List<Condition.Operator> OPERATORS = List.of(Condition.Operator.values());
  private static final List<SeriesField> FIELDS =
      List.of(
          SeriesField.RESOURCE_ID, SeriesField.PROJECT_ID, SeriesField.USER_ID, SeriesField.SOURCE);

  private static final List<Field> ORDERED =
      List.of(
          Field.METER,
          Field.RESOURCE_ID,
          Field.PROJECT_ID,
          Field.USER_ID,
          Field.SOURCE,
          Field.Column.TYPE,
          Field.Column.UNIT,
          Field.Column.VOLUME,
          Field.Column.TIMESTAMP,
          Field.Column.RECORDED_AT,
          Field.Column.MESSAGE_ID);

  private static final List<String> KEYS =
      List.of(
          "n", "flag", "name", "nested.a", "nested.b[0]", "nested.b[1]", "host", "nested", "no");

  private static final List<String> PATTERNS =
      List.of("r[0-3]", "^m", "1$", "p.|q", "vm-[0-9]*5", "", "^(vm|h)", "[^0-9]", "(a|b)?-?7");

  private final Random random;
  private final long begin;

  RandomQueries(Random random, long end) {
    this.random = random;
    this.begin = end - SPAN;
  }

  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (random.nextInt(10) == 0) {
      return tree;
    }
    tree.put("n", scalar());
    if (random.nextBoolean()) {
      tree.put("flag", random.nextBoolean());
    }
    tree.put("name", "vm-" + random.nextInt(20));
    if (random.nextInt(3) > 0) {
      Map<String, Object> nested = new LinkedHashMap<>();
      nested.put("a", scalar());
      nested.put("b", new ArrayList<>(List.of("x" + random.nextInt(2), random.nextInt(3) + 0L)));
      tree.put("nested", nested);
    }
    if (random.nextInt(3) == 0) {
      tree.put("host", random.nextBoolean() ? "h" + random.nextInt(3) : null);
    }
    return tree;
  }

  Sample sample(Map<String, Object> tree) {
    int resource = random.nextInt(8);
    int meter = random.nextInt(3);
    boolean hasLabel = random.nextInt(4) == 0;
    Series series =
        new Series(
            random.nextInt(6) == 0 ? "s1" : "s0",
            "m" + meter,
            TYPES.get(meter),
            random.nextInt(5) == 0 ? "kB" : "B",
            "r" + resource,
            resource == 0 ? null : "p" + resource % 3,
            resource % 4 == 1 ? null : "u" + resource % 2,
            hasLabel
                ? Series.dimensions(Map.of("host", "h" + random.nextInt(3)))
                : Series.NO_DIMENSIONS);
    return new Sample(
        series,
        time(),
        volume(),
        random.nextBoolean() ? SampleKey.NONE : SampleKey.random(),
        Metadata.of(tree));
  }

  private double volume() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(5) - 2;
      case 1 -> random.nextInt(1_000) / 100.0;
      case 2 -> random.nextGaussian();
      default -> Math.scalb(random.nextGaussian(), random.nextInt(80) - 40);
    };
  }

  /** Often a whole hour, or one of few moments. */
  long time() {
    long time = begin + random.nextLong(SPAN);
    return switch (random.nextInt(4)) {
      case 0 -> Math.floorDiv(time, HOUR) * HOUR;
      case 1 -> begin + random.nextInt(40) * HOUR + 7 * MICROS;
      default -> time;
    };
  }

  private Object scalar() {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextInt(4) + 0L;
      case 1 -> random.nextInt(8) / 2.0;
      case 2 -> String.valueOf(random.nextInt(4));
      case 3 -> random.nextBoolean();
      default -> (1L << 53) + random.nextInt(3);
    };
  }

  /** Much as the simple queries ask, or all that there may be. */
  SampleFilter filter(List<NaiveModel.Entry> all) {
    if (random.nextInt(3) == 0) {
      Map<SeriesField, String> equal = new HashMap<>();
      if (random.nextBoolean()) {
        equal.put(SeriesField.METER, "m" + random.nextInt(3));
      }
      if (random.nextInt(3) == 0) {
        equal.put(SeriesField.PROJECT_ID, random.nextInt(3) == 0 ? null : "p" + random.nextInt(3));
      }
      Condition rest = random.nextInt(3) == 0 ? metadata() : Condition.And.TRUE;
      return new SampleFilter(
          Collections.unmodifiableMap(equal),
          random.nextBoolean() ? Long.MIN_VALUE : time(),
          random.nextBoolean() ? Long.MAX_VALUE : time(),
          rest);
    }
    List<Condition> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      parts.add(random.nextInt(3) == 0 ? condition(all, 0) : leaf(all));
    }
    return SampleFilter.of(Condition.all(parts));
  }

  /** A second at which some sample was recorded, or one beside it; mostly none. */
  long asOf(List<NaiveModel.Entry> all) {
    return random.nextInt(3) > 0
        ? Long.MAX_VALUE
        : all.get(random.nextInt(all.size())).recordedAt() - random.nextInt(2);
  }

  /** The same without bounds on time. */
  SampleFilter unbounded(List<NaiveModel.Entry> all) {
    SampleFilter filter = filter(all);
    return new SampleFilter(filter.equal(), Long.MIN_VALUE, Long.MAX_VALUE, filter.rest());
  }

  private Condition condition(List<NaiveModel.Entry> all, int depth) {
    if (depth > 3 || random.nextInt(3) == 0) {
      return leaf(all);
    }
    if (random.nextInt(4) == 0) {
      return new Condition.Not(condition(all, depth + 1));
    }
    List<Condition> parts = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i >= 0; i--) {
      parts.add(condition(all, depth + 1));
    }
    return random.nextBoolean() ? new Condition.And(parts) : new Condition.Or(parts);
  }

  private Condition leaf(List<NaiveModel.Entry> all) {
    NaiveModel.Entry some = all.get(random.nextInt(all.size()));
    return switch (random.nextInt(9)) {
      case 0, 1, 2 -> ofValue(ORDERED.get(random.nextInt(5)), some);
      case 3 -> ofValue(ORDERED.get(5 + random.nextInt(2)), some);
      case 4 -> ofValue(ORDERED.get(7 + random.nextInt(3)), some);
      case 5 -> new Condition.Compare(Field.Column.TIMESTAMP, operator(), time());
      case 6 ->
          random.nextInt(4) > 0
              ? metadata()
              : Condition.equal(
                  Field.Column.MESSAGE_ID, random.nextInt(5) == 0 ? "nothing" : some.id());
      default -> metadata();
    };
  }

  private Condition ofValue(Field field, NaiveModel.Entry some) {
    Object value = NaiveModel.value(field, some);
    if (value == null) {
      value = "p1";
    }
    if (value instanceof String && random.nextInt(5) == 0) {
      return new Condition.Matches(field, pattern());
    }
    return random.nextInt(5) == 0
        ? new Condition.In(
            field, new HashSet<>(List.of(value, value instanceof String ? "m2" : 0L)))
        : new Condition.Compare(
            field, random.nextBoolean() ? Condition.Operator.EQ : operator(), value);
  }

  private Condition metadata() {
    Field field = new Field.MetadataKey(KEYS.get(random.nextInt(KEYS.size())));
    return switch (random.nextInt(6)) {
      case 0 -> new Condition.Matches(field, pattern());
      case 1 -> new Condition.In(field, Set.of("vm-" + random.nextInt(20), "h1", 1L, 2.5));
      case 2 -> Condition.equal(field, "vm-" + random.nextInt(20));
      case 3 -> Condition.equal(field, "h" + random.nextInt(3));
      default -> new Condition.Compare(field, operator(), scalar());
    };
  }

  private TextPattern pattern() {
    return TextPattern.of(PATTERNS.get(random.nextInt(PATTERNS.size())));
  }

  private Condition.Operator operator() {
    return OPERATORS.get(random.nextInt(OPERATORS.size()));
  }

  List<Order> orders() {
    List<Order> orders = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      orders.add(new Order(ORDERED.get(random.nextInt(ORDERED.size())), random.nextBoolean()));
    }
    return orders;
  }

  int limit() {
    return random.nextInt(3) == 0 ? 10_000 : 1 + random.nextInt(30);
  }

  StatisticsQuestion question(BiFunction<Metadata, String, String> shown) {
    Set<SeriesField> distinct = EnumSet.noneOf(SeriesField.class);
    for (int i = random.nextInt(3); i > 0; i--) {
      distinct.add(FIELDS.get(random.nextInt(FIELDS.size())));
    }
    long period =
        switch (random.nextInt(3)) {
          case 0 -> 0;
          case 1 -> 3_600L * (1 + random.nextInt(4));
          default -> 1 + random.nextInt(50_000);
        };
    return new StatisticsQuestion(period, groupBy(), random.nextInt(3) == 0, distinct, shown);
  }

  /** Usage by day, hour or in all, of a meter. */
  UsageQuestion usage(BiFunction<Metadata, String, String> shown) {
    long start = time();
    List<Long> bounds = new ArrayList<>(List.of(start, start + 1 + random.nextLong(SPAN)));
    if (random.nextInt(3) > 0) {
      // Periods of unequal lengths are a calendar's too.
      for (int i = 1 + random.nextInt(12); i > 0; i--) {
        bounds.add(time());
      }
    }
    Map<SeriesField, String> equal = new HashMap<>();
    equal.put(SeriesField.METER, "m" + random.nextInt(3));
    if (random.nextInt(4) == 0) {
      equal.put(SeriesField.RESOURCE_ID, "r" + random.nextInt(8));
    }
    if (random.nextInt(4) == 0) {
      equal.put(SeriesField.PROJECT_ID, random.nextInt(3) == 0 ? null : "p" + random.nextInt(3));
    }
    return new UsageQuestion(
        new SeriesFilter(equal),
        bounds.stream().distinct().sorted().toList(),
        groupBy(),
        (1 + random.nextInt(5)) * HOUR / 2,
        shown);
  }

  private SortedMap<String, Field> groupBy() {
    SortedMap<String, Field> groupBy = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      if (random.nextInt(3) == 0) {
        String key = KEYS.get(random.nextInt(KEYS.size()));
        groupBy.put("metadata." + key, new Field.MetadataKey(key));
      } else {
        SeriesField field = FIELDS.get(random.nextInt(FIELDS.size()));
        groupBy.put(field.wireName(), new Field.OfSeries(field));
      }
    }
    return groupBy;
  }
}
