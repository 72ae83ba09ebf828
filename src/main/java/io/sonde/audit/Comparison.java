package io.sonde.audit;

import io.sonde.collector.Retention;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.Columns;
import io.sonde.series.CorruptDataException;
import io.sonde.series.ExactSum;
import io.sonde.series.VolumeSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Compares what the journal says with the live rows of a collector, day by day of each series:
 * every sample with all its fields, and what the directories of the rows sum up to. For one thread.
 */
final class Comparison {
  private final Map<Integer, Series> series;
  private final Replay.Part part;
  private final Retention retention;
  private final Consumer<Difference> differences;
  private final LongConsumer compared;
  private long dropped;

  /**
   * A comparison.
   *
   * @param series by number, as the journal names them
   * @param compared is told of so many samples more
   */
  Comparison(
      Map<Integer, Series> series,
      Replay.Part part,
      Retention retention,
      Consumer<Difference> differences,
      LongConsumer compared) {
    this.series = series;
    this.part = part;
    this.retention = retention;
    this.differences = differences;
    this.compared = compared;
  }

  /** Samples that the live side has dropped because of their age. */
  long dropped() {
    return dropped;
  }

  /** Compares all that there is. */
  void run(DayReader journal, DayReader live) {
    DayReader.Day expected = journal.next();
    DayReader.Day found = live.next();
    while (expected != null || found != null) {
      int order =
          expected == null
              ? 1
              : found == null ? -1 : DayReader.ORDER.compare(expected.day(), found.day());
      compare(order <= 0 ? expected : null, order >= 0 ? found : null);
      expected = order <= 0 ? journal.next() : expected;
      found = order >= 0 ? live.next() : found;
    }
  }

  private void compare(DayReader.Day expected, DayReader.Day found) {
    int number = (expected != null ? expected : found).day().number();
    Series one = series.get(number);
    if (one == null) {
      differences.accept(
          new Difference(
              "series number " + number, "no rows, as no event names it", rows(found.chunks())));
      return;
    }
    if (part.has(one)) {
      compare(one, chunks(expected), chunks(found));
    }
  }

  private static List<Chunk> chunks(DayReader.Day day) {
    return day == null ? List.of() : day.chunks();
  }

  private static String rows(List<Chunk> chunks) {
    return "rows of " + chunks.stream().mapToInt(Chunk::samples).sum() + " samples";
  }

  private static List<Columns> decode(List<Chunk> chunks) {
    return chunks.stream().map(chunk -> ChunkCodec.decode(chunk.payload())).toList();
  }

  private void compare(Series one, List<Chunk> expected, List<Chunk> found) {
    compared.accept(expected.stream().mapToLong(Chunk::samples).sum());
    List<Columns> columns = new ArrayList<>();
    for (Chunk chunk : found) {
      try {
        Columns samples = ChunkCodec.decode(chunk.payload());
        columns.add(samples);
        compareTotals(one, chunk, samples);
      } catch (CorruptDataException e) {
        differences.accept(
            Difference.at(
                one,
                chunk.from(),
                "a row until " + Timestamps.format(chunk.to()) + " that can be read",
                e.getMessage()));
        return;
      }
    }
    if (!haveSamePayloads(expected, found)) {
      compareSamples(one, new DaySamples(decode(expected)), new DaySamples(columns));
    }
  }

  /** The same bytes are the same samples. Days that are over are one row, so most have them. */
  private static boolean haveSamePayloads(List<Chunk> expected, List<Chunk> found) {
    if (expected.size() != found.size()) {
      return false;
    }
    for (int i = 0; i < found.size(); i++) {
      if (!Arrays.equals(expected.get(i).payload(), found.get(i).payload())) {
        return false;
      }
    }
    return true;
  }

  private void compareSamples(Series one, DaySamples due, DaySamples found) {
    long cutoff = retention.cutoff(one.meter());
    int i = 0;
    int j = 0;
    while (i < due.size() || j < found.size()) {
      int order = i == due.size() ? 1 : j == found.size() ? -1 : DaySamples.order(due, i, found, j);
      long timestamp = order <= 0 ? due.timestamp(i) : found.timestamp(j);
      if (!part.has(timestamp)) {
        // Rows reach over the ends of the part.
      } else if (order < 0 && timestamp < cutoff) {
        dropped++;
      } else if (order < 0) {
        differences.accept(Difference.at(one, timestamp, due.describe(i), "nothing"));
      } else if (order > 0) {
        differences.accept(Difference.at(one, timestamp, "nothing", found.describe(j)));
      } else if (!DaySamples.areEqual(due, i, found, j)) {
        differences.accept(Difference.at(one, timestamp, due.describe(i), found.describe(j)));
      }
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
  }

  /**
   * Statistics over whole hours are made of directories alone, and rows are found by their ends.
   */
  private void compareTotals(Series one, Chunk chunk, Columns samples) {
    String ends = ends(chunk.from(), chunk.to(), chunk.samples());
    int last = samples.size() - 1;
    String due = ends(samples.timestamp(0), samples.timestamp(last), samples.size());
    if (!ends.equals(due)) {
      differences.accept(Difference.at(one, chunk.from(), "a row " + due, "a row " + ends));
    }
    ChunkDirectory directory = ChunkDirectory.decode(chunk.directory());
    int from = 0;
    int hour = 0;
    while (from < samples.size()) {
      long begin = Math.floorDiv(samples.timestamp(from), ChunkDirectory.HOUR);
      int to = from + 1;
      while (to < samples.size()
          && Math.floorDiv(samples.timestamp(to), ChunkDirectory.HOUR) == begin) {
        to++;
      }
      boolean isThere =
          hour < directory.hours() && directory.hour(hour) == begin * ChunkDirectory.HOUR;
      if (!isThere || !isEqual(directory, hour, samples, from, to)) {
        VolumeSummary total = new VolumeSummary();
        total.add(samples, from, to);
        VolumeSummary told = new VolumeSummary();
        if (isThere) {
          told.add(directory, hour);
        }
        differences.accept(
            Difference.at(
                one, begin * ChunkDirectory.HOUR, "an hour's " + text(total), text(told)));
      }
      hour += isThere ? 1 : 0;
      from = to;
    }
    if (hour < directory.hours()) {
      differences.accept(
          Difference.at(one, directory.hour(hour), "no total of an hour", "one more total"));
    }
  }

  private static String ends(long from, long to, int samples) {
    return "of %d samples from %s to %s"
        .formatted(samples, Timestamps.format(from), Timestamps.format(to));
  }

  private static String text(VolumeSummary total) {
    return "total of %d samples: sum %s, least %s, greatest %s"
        .formatted(total.count(), total.sum(), total.min(), total.max());
  }

  /** The sums are equal where nothing at all is left of their difference. */
  private static boolean isEqual(
      ChunkDirectory directory, int hour, Columns samples, int from, int to) {
    ExactSum difference = new ExactSum();
    directory.addSum(hour, difference);
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      double volume = samples.volume(i);
      difference.add(-volume);
      min = Math.min(min, volume);
      max = Math.max(max, volume);
    }
    return directory.count(hour) == to - from
        && directory.first(hour) == samples.timestamp(from)
        && directory.last(hour) == samples.timestamp(to - 1)
        && Double.compare(directory.min(hour), min) == 0
        && Double.compare(directory.max(hour), max) == 0
        && difference.value() == 0;
  }
}
