package io.sonde.audit;

import io.sonde.series.Columns;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The samples of one series and day by timestamp and key; also such as are there twice. */
final class DaySamples {
  private final Columns[] columns;
  private final int[] place;

  /** Those of any number of chunks. */
  DaySamples(List<Columns> chunks) {
    List<Columns> sorted = new ArrayList<>(chunks);
    sorted.sort(Comparator.comparingLong(one -> one.timestamp(0)));
    int size = sorted.stream().mapToInt(Columns::size).sum();
    columns = new Columns[size];
    place = new int[size];
    int filled = 0;
    for (Columns chunk : sorted) {
      for (int i = 0; i < chunk.size(); i++, filled++) {
        columns[filled] = chunk;
        place[filled] = i;
      }
    }
    for (int i = 1; i < size; i++) {
      if (order(this, i - 1, this, i) > 0) {
        sort();
        return;
      }
    }
  }

  /** Chunks that lie over each other are rare. */
  private void sort() {
    Integer[] order = new Integer[columns.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(order, (a, b) -> order(this, a, this, b));
    Columns[] from = columns.clone();
    int[] at = place.clone();
    for (int i = 0; i < order.length; i++) {
      columns[i] = from[order[i]];
      place[i] = at[order[i]];
    }
  }

  int size() {
    return columns.length;
  }

  long timestamp(int i) {
    return columns[i].timestamp(place[i]);
  }

  long key(int i) {
    return columns[i].key(place[i]);
  }

  /** By timestamp and key, which tell the samples of a series apart. */
  static int order(DaySamples a, int i, DaySamples b, int j) {
    int order = Long.compare(a.timestamp(i), b.timestamp(j));
    return order != 0 ? order : Long.compare(a.key(i), b.key(j));
  }

  /** Whether all else is equal too, to the last bit. */
  static boolean areEqual(DaySamples a, int i, DaySamples b, int j) {
    Columns one = a.columns[i];
    Columns other = b.columns[j];
    int at = a.place[i];
    int there = b.place[j];
    return Double.doubleToRawLongBits(one.volume(at))
            == Double.doubleToRawLongBits(other.volume(there))
        && one.recorded(at) == other.recorded(there)
        && one.metadata(at).equals(other.metadata(there));
  }

  /** A sample without its time. */
  String describe(int i) {
    return "volume %s, key %016x, metadata %s, recorded in second %d"
        .formatted(
            columns[i].volume(place[i]),
            key(i),
            columns[i].metadata(place[i]),
            columns[i].recorded(place[i]));
  }
}
