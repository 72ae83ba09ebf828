package io.sonde.collector;

import io.sonde.series.ByteReader;
import io.sonde.series.FormatVersion;

/**
 * What an event begins with, read without the rest of it, and so without its checksum: to find
 * events, not to believe them. An event in a segment names no series here.
 *
 * @param recordedAt seconds since 1970
 * @param firstNewNumber the number of the first series that it is the first to name
 * @param newSeries how many it names
 */
public record EventHead(
    int collector, long sequence, long recordedAt, int firstNewNumber, int newSeries) {
  /** Bytes of an event that hold its head, however large its numbers are. */
  public static final int BYTES = 1 + 10 + 10 + 10 + EventBlock.NO_PREDECESSOR.length + 10 + 10;

  /** Reads the first {@link #BYTES} bytes of an event, or all of a shorter one. */
  public static EventHead of(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    boolean isInSegment = EventBlock.isInSegment(bytes);
    FormatVersion.read(in, EventBlock.version(bytes), "event");
    int collector = in.readNumber();
    long sequence = in.readVarint();
    long recordedAt = in.readVarint();
    in.readRaw(EventBlock.NO_PREDECESSOR.length);
    if (isInSegment) {
      return new EventHead(collector, sequence, recordedAt, 0, 0);
    }
    return new EventHead(collector, sequence, recordedAt, in.readNumber(), (int) in.readVarint());
  }

  /** Whether it is the first to name the series of this number. */
  public boolean names(int number) {
    return number >= firstNewNumber && number < firstNewNumber + newSeries;
  }
}
