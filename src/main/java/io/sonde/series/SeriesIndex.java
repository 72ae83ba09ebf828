package io.sonde.series;

import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds the numbers of a collector's series by resource and by meter, so that a question about one
 * of them does not look at all. Used by one thread.
 */
public final class SeriesIndex {
  private static final class Numbers {
    private int[] numbers = new int[4];
    private int size;

    private void add(int number) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, size * 2);
      }
      numbers[size++] = number;
    }
  }

  private static final Numbers NONE = new Numbers();

  private final Map<String, Numbers> byResource = new HashMap<>();
  private final Map<String, Numbers> byMeter = new HashMap<>();
  private final Numbers all = new Numbers();

  /** A series appears under its number, once. */
  public void add(int number, Series series) {
    byResource.computeIfAbsent(series.resourceId(), id -> new Numbers()).add(number);
    byMeter.computeIfAbsent(series.meter(), name -> new Numbers()).add(number);
    all.add(number);
  }

  /**
   * The numbers of all series that a filter may match, each once, and of others that it does not:
   * ask it about each.
   */
  public IntStream candidates(SeriesFilter filter) {
    Numbers fewest = fewer(all, byResource, filter.equal().get(SeriesField.RESOURCE_ID));
    fewest = fewer(fewest, byMeter, filter.equal().get(SeriesField.METER));
    return Arrays.stream(fewest.numbers, 0, fewest.size);
  }

  private static Numbers fewer(Numbers known, Map<String, Numbers> index, String wanted) {
    if (wanted == null) {
      return known;
    }
    Numbers found = index.getOrDefault(wanted, NONE);
    return found.size < known.size ? found : known;
  }
}
