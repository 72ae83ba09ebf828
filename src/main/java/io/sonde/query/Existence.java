package io.sonde.query;

import java.util.List;

/** When a resource existed, as far as that was told. */
final class Existence {
  /** Nothing was told: it exists whenever it is measured. */
  static final Existence UNKNOWN = new Existence(List.of());

  private final List<Interval> intervals;

  /** Of a resource with these intervals, in the order of time. */
  Existence(List<Interval> intervals) {
    this.intervals = intervals;
  }

  /**
   * Until when what was measured at a moment may hold: the end of the existence in which it lies;
   * the moment itself where the resource had ended before; {@link Interval#OPEN} where no end is
   * known. Before the first beginning that was told, it is what is measured that counts.
   */
  long until(long moment) {
    long ended = Long.MIN_VALUE;
    for (int i = 0; i < intervals.size(); i++) {
      Interval interval = intervals.get(i);
      if (ended != Long.MIN_VALUE && moment < interval.begin()) {
        return moment;
      }
      boolean goesOn = i + 1 < intervals.size() && intervals.get(i + 1).begin() == interval.end();
      if (goesOn) {
        ended = Long.MIN_VALUE;
        continue;
      }
      if (moment < interval.end()) {
        return interval.end();
      }
      ended = interval.end();
    }
    return ended == Long.MIN_VALUE ? Interval.OPEN : moment;
  }
}
