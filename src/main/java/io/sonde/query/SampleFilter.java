package io.sonde.query;

import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.query.Condition.Compare;
import io.sonde.query.Condition.Operator;
import io.sonde.series.TimeSplit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which samples are asked for: all parts hold together. What a database narrows by stands apart
 * from the rest, which {@link Evaluator} decides.
 *
 * @param equal fields of the series and the value that each must have; a null value asks for a
 *     series that has none
 * @param from earliest timestamp, inclusive, microseconds; {@link Long#MIN_VALUE} where there is no
 *     bound
 * @param to timestamps are before this one, microseconds; {@link Long#MAX_VALUE} where there is no
 *     bound
 * @param rest what must hold besides
 * @param start where periods begin, microseconds: the lower bound as it was asked for, which {@code
 *     from} may be just behind
 */
public record SampleFilter(
    Map<SeriesField, String> equal, long from, long to, Condition rest, long start) {

  private static final long SECOND = 1_000_000;

  /** A filter whose periods begin at its lower bound. */
  public SampleFilter(Map<SeriesField, String> equal, long from, long to, Condition rest) {
    this(equal, from, to, rest, from);
  }

  /** Everything. */
  public static final SampleFilter ALL =
      new SampleFilter(Map.of(), Long.MIN_VALUE, Long.MAX_VALUE, Condition.And.TRUE);

  /** The samples of which a condition holds. */
  public static SampleFilter of(Condition condition) {
    Map<SeriesField, String> equal = new HashMap<>();
    long from = Long.MIN_VALUE;
    long to = Long.MAX_VALUE;
    List<Condition> rest = new ArrayList<>();
    for (Condition one : condition.conjuncts()) {
      if (one instanceof Compare compare
          && compare.field() == Field.Column.TIMESTAMP
          && compare.operator() != Operator.NE) {
        long value = (Long) compare.value();
        switch (compare.operator()) {
          case GE -> from = Math.max(from, value);
          case GT -> from = Math.max(from, value + 1);
          case LT -> to = Math.min(to, value);
          case LE -> to = Math.min(to, value + 1);
          default -> {
            from = Math.max(from, value);
            to = Math.min(to, value + 1);
          }
        }
      } else if (one instanceof Compare compare
          && compare.field() instanceof Field.OfSeries of
          && compare.operator() == Operator.EQ
          && compare.value() instanceof String text
          && equal.getOrDefault(of.field(), text).equals(text)) {
        equal.put(of.field(), text);
      } else {
        rest.add(one);
      }
    }
    return new SampleFilter(
        Collections.unmodifiableMap(equal), from, to, Condition.all(rest), from);
  }

  /** The part that is about series only. */
  public SeriesFilter series() {
    return new SeriesFilter(equal);
  }

  /** The time, divided into periods of so many seconds; 0 for one that holds all. */
  TimeSplit time(long periodSeconds) {
    return new TimeSplit(from, to, start, periodSeconds * 1_000_000);
  }

  /** The same from another lower bound on. */
  SampleFilter startingAt(long newFrom) {
    return new SampleFilter(equal, newFrom, to, rest);
  }

  /** The same up to a moment, inclusive, at most. */
  SampleFilter until(long moment) {
    long end = moment == Long.MAX_VALUE ? moment : moment + 1;
    return new SampleFilter(equal, from, Math.min(to, end), rest, start);
  }

  /** The same, of one moment only. */
  SampleFilter at(long timestamp) {
    return new SampleFilter(
        equal,
        Math.max(from, timestamp),
        Math.min(to, timestamp + 1),
        rest,
        from == Long.MIN_VALUE ? timestamp : start);
  }

  /** The same of series that have these values, whatever was asked of these fields. */
  public SampleFilter with(Map<SeriesField, String> values) {
    Map<SeriesField, String> both = new HashMap<>(equal);
    both.putAll(values);
    return new SampleFilter(Collections.unmodifiableMap(both), from, to, rest, start);
  }

  /** The same where a condition holds besides. */
  public SampleFilter and(Condition condition) {
    return new SampleFilter(
        equal,
        from,
        to,
        Condition.all(new Condition.And(List.of(rest, condition)).conjuncts()),
        start);
  }

  /** The same as it stood at the end of a second, since 1970: of what was recorded by then. */
  public SampleFilter asOf(long second) {
    return second == Long.MAX_VALUE
        ? this
        : and(new Compare(Field.Column.RECORDED_AT, Operator.LE, second * SECOND));
  }

  /** The same of what was recorded after the end of a second, since 1970. */
  public SampleFilter recordedAfter(long second) {
    return and(new Compare(Field.Column.RECORDED_AT, Operator.GT, second * SECOND));
  }

  /** The latest second of recording that is asked for; {@link Long#MAX_VALUE} without a bound. */
  long recordedUntil() {
    long until = Long.MAX_VALUE;
    for (Condition one : rest.conjuncts()) {
      if (isRecordedUntil(one)) {
        long bound = (Long) ((Compare) one).value();
        until = Math.min(until, Math.floorDiv(bound, SECOND));
      }
    }
    return until;
  }

  private static boolean isRecordedUntil(Condition condition) {
    return condition instanceof Compare compare
        && compare.field() == Field.Column.RECORDED_AT
        && compare.operator() == Operator.LE;
  }

  /** The id of the one sample that is asked for, or null. */
  String id() {
    for (Condition one : rest.conjuncts()) {
      if (one instanceof Compare compare
          && compare.field() == Field.Column.MESSAGE_ID
          && compare.operator() == Operator.EQ
          && compare.value() instanceof String id) {
        return id;
      }
    }
    return null;
  }

  /**
   * Whether a series, the time and {@link #recordedUntil} decide, so that what hours sum up to
   * serves.
   */
  boolean isPlain() {
    return rest.conjuncts().stream()
        .allMatch(one -> isRecordedUntil(one) || (!one.looksAtMetadata() && !one.looksAtColumns()));
  }

  /** Whether the filter looks at time at all. */
  public boolean isBounded() {
    return from != Long.MIN_VALUE || to != Long.MAX_VALUE;
  }
}
