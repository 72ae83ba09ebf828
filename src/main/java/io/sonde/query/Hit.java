package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.query.Field.Column;
import io.sonde.series.Columns;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A sample that was found, without the text of its metadata.
 *
 * @param identity of the series, see {@link SampleId#identity}
 */
record Hit(
    Series series,
    long identity,
    long timestamp,
    double volume,
    long key,
    long recorded,
    UUID metadata) {

  private static final Comparator<Hit> BY_ID =
      (a, b) -> {
        int order = Long.compareUnsigned(a.identity, b.identity);
        order = order == 0 ? Long.compareUnsigned(a.timestamp, b.timestamp) : order;
        return order == 0 ? Long.compareUnsigned(a.key, b.key) : order;
      };

  private static final Comparator<Hit> NEWEST_FIRST =
      (a, b) -> Long.compare(b.timestamp, a.timestamp);

  /** By these, then newest first, then by id: no two samples are equal. */
  static Comparator<Hit> by(List<Order> orders) {
    Comparator<Hit> all = null;
    for (Order order : orders) {
      Comparator<Hit> one = by(order.field());
      one = order.isDescending() ? one.reversed() : one;
      all = all == null ? one : all.thenComparing(one);
    }
    all = all == null ? NEWEST_FIRST : all.thenComparing(NEWEST_FIRST);
    return all.thenComparing(BY_ID);
  }

  private static Comparator<Hit> by(Field field) {
    if (field instanceof Field.OfSeries of) {
      return Comparator.comparing(
          hit -> of.field().of(hit.series), Comparator.nullsFirst(Comparator.naturalOrder()));
    }
    return switch ((Column) field) {
      case TYPE -> Comparator.comparing(hit -> hit.series.type().wireName());
      case UNIT -> Comparator.comparing(hit -> hit.series.unit());
      // As conditions compare: the zeros are equal.
      case VOLUME -> Comparator.comparingDouble(hit -> hit.volume + 0.0);
      case TIMESTAMP -> NEWEST_FIRST.reversed();
      case RECORDED_AT -> Comparator.comparingLong(Hit::recorded);
      // What the digits of an id say, in their order.
      case MESSAGE_ID -> BY_ID;
    };
  }

  /** Place i of some columns. */
  static Hit of(Series series, long identity, Columns columns, int i) {
    return new Hit(
        series,
        identity,
        columns.timestamp(i),
        columns.volume(i),
        columns.key(i),
        columns.recorded(i),
        columns.metadata(i));
  }

  /** Of one moment, the sample with the greater id is newer: one and the same wherever they lie. */
  boolean isNewerThan(Hit other) {
    return timestamp != other.timestamp
        ? timestamp > other.timestamp
        : BY_ID.compare(this, other) > 0;
  }

  /** A place in the order of time and id, whether a sample lies there or not. */
  static Hit at(SampleId.Place place) {
    return new Hit(null, place.identity(), place.timestamp(), 0, place.key(), 0, null);
  }

  /** The place of a sample in any order. */
  static Hit at(StoredSample stored) {
    Sample sample = stored.sample();
    return new Hit(
        sample.series(),
        SampleId.identity(sample.series()),
        sample.timestamp(),
        sample.volume(),
        sample.key(),
        stored.recordedAt(),
        null);
  }

  /** The sample with the text of its metadata. */
  StoredSample describe(Map<UUID, Metadata> texts) {
    return new StoredSample(
        SampleId.of(series, timestamp, key),
        new Sample(series, timestamp, volume, key, texts.get(metadata)),
        recorded);
  }
}
