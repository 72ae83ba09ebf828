package io.sonde.collector;

import java.util.ArrayList;
import java.util.List;

/** Samples that cannot be decided from memory: their series' numbers and their timestamps. */
record Doubtful(List<Integer> series, List<Long> timestamps) {
  Doubtful() {
    this(new ArrayList<>(), new ArrayList<>());
  }

  void add(int number, long timestamp) {
    series.add(number);
    timestamps.add(timestamp);
  }

  void addAll(Doubtful other) {
    series.addAll(other.series);
    timestamps.addAll(other.timestamps);
  }

  boolean isEmpty() {
    return series.isEmpty();
  }
}
