package io.sonde.collector;

import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.TimeSplit;
import java.util.EnumMap;
import java.util.Map;

/**
 * Asks a collector for all that was not in chunk rows at a generation.
 *
 * @param filter which series
 * @param time the bounds of what is asked for, and its periods where summaries are
 * @param wants what is asked for
 * @param generation the collector's generation in the reader's view of the database
 * @param sequence the highest sequence number of the collector's journal in that view
 */
public record ReadRequest(
    SeriesFilter filter, TimeSplit time, Wants wants, long generation, long sequence) {

  /** What a reader wants of the matching series. */
  public enum Wants {
    /** The series that no row of the series table holds. */
    SERIES,
    /** What the samples of each hour sum up to, and the samples where hours do not serve. */
    SUMMARIES,
    /** The samples, and the metadata that they refer to and that no row may hold. */
    SAMPLES_AND_METADATA
  }

  void write(ByteWriter out) {
    out.writeVarint(filter.equal().size());
    filter.equal().forEach((field, value) -> out.writeString(field.wireName()).writeString(value));
    out.writeLong(time.from()).writeLong(time.to()).writeLong(time.start());
    out.writeVarint(time.length()).writeString(wants.name());
    out.writeVarint(generation).writeVarint(sequence);
  }

  static ReadRequest read(ByteReader in) {
    Map<SeriesField, String> equal = new EnumMap<>(SeriesField.class);
    for (int left = in.readCount(); left > 0; left--) {
      equal.put(SeriesField.ofWireName(in.readString()), in.readString());
    }
    return new ReadRequest(
        new SeriesFilter(equal),
        new TimeSplit(in.readLong(), in.readLong(), in.readLong(), in.readVarint()),
        Wants.valueOf(in.readString()),
        in.readVarint(),
        in.readVarint());
  }
}
