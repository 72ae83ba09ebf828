package io.sonde.series;

/** Count, least, greatest and exact sum of volumes, gathered in any order and parts. */
public final class VolumeSummary {
  private final ExactSum sum = new ExactSum();
  private long count;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /** Adds one volume. */
  public void add(double volume) {
    count++;
    min = Math.min(min, volume);
    max = Math.max(max, volume);
    sum.add(volume);
  }

  /** Adds the volumes of the samples from place {@code from} to before place {@code to}. */
  public void add(Columns columns, int from, int to) {
    add(columns.volumes, from, to);
  }

  /** Adds the volumes of hour i. */
  public void add(ChunkDirectory directory, int i) {
    count += directory.count(i);
    min = Math.min(min, directory.min(i));
    max = Math.max(max, directory.max(i));
    directory.addSum(i, sum);
  }

  void add(double[] volumes, int from, int to) {
    double least = min;
    double greatest = max;
    for (int i = from; i < to; i++) {
      double volume = volumes[i];
      least = volume < least ? volume : least;
      greatest = volume > greatest ? volume : greatest;
    }
    if (least == 0 || greatest == 0) {
      // Of the two zeros the negative one is the lesser, which comparisons do not see.
      for (int i = from; i < to; i++) {
        least = Math.min(least, volumes[i]);
        greatest = Math.max(greatest, volumes[i]);
      }
    }
    min = least;
    max = greatest;
    count += Math.max(0, to - from);
    sum.add(volumes, from, to);
  }

  public long count() {
    return count;
  }

  /** The least volume; infinite where there is none. */
  public double min() {
    return min;
  }

  /** The greatest volume; negative infinite where there is none. */
  public double max() {
    return max;
  }

  /** The double nearest to the exact sum. */
  public double sum() {
    return sum.value();
  }

  /** See {@link ExactSum#mean}. */
  public double mean() {
    return sum.mean(count);
  }
}
