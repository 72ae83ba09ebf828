package io.sonde.series;

/** Whether a stored chunk can be read, and says of itself what its samples are. */
public final class ChunkCheck {
  private ChunkCheck() {}

  /** What must be and is not. */
  public record Flaw(String expected, String found) {}

  /** The first flaw of a chunk; null where there is none. */
  public static Flaw flaw(Chunk chunk) {
    Columns columns;
    try {
      columns = ChunkCodec.decode(chunk.payload());
    } catch (CorruptDataException e) {
      return new Flaw("samples that can be read", e.getMessage());
    }
    ChunkDirectory directory;
    try {
      directory = ChunkDirectory.decode(chunk.directory());
    } catch (CorruptDataException e) {
      return new Flaw("a directory that can be read", e.getMessage());
    }
    Flaw ofRow = ofRow(chunk, columns);
    return ofRow != null ? ofRow : ofDirectory(directory, columns);
  }

  private static Flaw ofRow(Chunk chunk, Columns columns) {
    int size = columns.size;
    for (int i = 1; i < size; i++) {
      if (columns.timestamps[i] <= columns.timestamps[i - 1]
          && (columns.timestamps[i] < columns.timestamps[i - 1]
              || columns.key(i) <= columns.key(i - 1))) {
        return new Flaw("samples in order", "sample " + i + " before sample " + (i - 1));
      }
    }
    long first = columns.timestamps[0];
    long last = columns.timestamps[size - 1];
    if (size != chunk.samples()) {
      return new Flaw(size + " samples", chunk.samples() + " by the row");
    }
    if (first != chunk.from() || last != chunk.to()) {
      return new Flaw(
          "samples from " + chunk.from() + " to " + chunk.to() + " us", first + " to " + last);
    }
    long recorded = ChunkCodec.lastRecorded(columns, 0, size);
    if (chunk.recorded() != 0 && chunk.recorded() != recorded) {
      return new Flaw("samples recorded until " + chunk.recorded(), "until " + recorded);
    }
    if (Math.floorDiv(first, SeriesDay.MICROS) != Math.floorDiv(last, SeriesDay.MICROS)) {
      return new Flaw("samples of one day", "from " + first + " to " + last + " us");
    }
    return null;
  }

  private static Flaw ofDirectory(ChunkDirectory directory, Columns columns) {
    double[] negated = new double[columns.size];
    for (int i = 0; i < negated.length; i++) {
      negated[i] = -columns.volumes[i];
    }
    int from = 0;
    for (int hour = 0; hour < directory.hours(); hour++) {
      // A directory that is coherent by itself may still be of other samples.
      int to = from + directory.count(hour);
      if (to > columns.size) {
        return new Flaw(columns.size + " samples", "more by the directory");
      }
      String difference = difference(directory, hour, columns, from, to, negated);
      if (difference != null) {
        return new Flaw(
            "an hour from " + directory.hour(hour) + " us on as its samples are",
            "another " + difference + " by the directory");
      }
      from = to;
    }
    return from == columns.size ? null : new Flaw(columns.size + " samples", from + " in hours");
  }

  private static String difference(
      ChunkDirectory directory, int hour, Columns columns, int from, int to, double[] negated) {
    long first = columns.timestamps[from];
    long last = columns.timestamps[to - 1];
    if (directory.first(hour) != first
        || directory.last(hour) != last
        || Math.floorDiv(first, ChunkDirectory.HOUR) * ChunkDirectory.HOUR != directory.hour(hour)
        || Math.floorDiv(last, ChunkDirectory.HOUR) * ChunkDirectory.HOUR != directory.hour(hour)) {
      return "time";
    }
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      least = Math.min(least, columns.volumes[i]);
      greatest = Math.max(greatest, columns.volumes[i]);
    }
    if (Double.compare(least, directory.min(hour)) != 0) {
      return "least volume";
    }
    if (Double.compare(greatest, directory.max(hour)) != 0) {
      return "greatest volume";
    }
    ExactSum rest = new ExactSum();
    directory.addSum(hour, rest);
    rest.add(negated, from, to);
    return rest.value() == 0 ? null : "sum";
  }
}
