package io.sonde.http;

import akka.http.javadsl.model.StatusCodes;
import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongFunction;

/**
 * Reads one WriteRequest of remote write 1.0 straight from its bytes into the arrays of a batch.
 * Series that cannot be stored and samples of impossible times are left out and counted; what is no
 * protobuf refuses the whole.
 *
 * @see <a href="https://prometheus.io/docs/specs/prw/remote_write_spec/">the specification</a>
 */
final class RemoteWriteReader {
  private static final int TIME_SERIES = ProtobufCursor.tagOfBytes(1);
  private static final int RESERVED_FIELD = 2;
  // Says nothing of samples.
  private static final int METADATA = ProtobufCursor.tagOfBytes(3);
  private static final int LAST_FIELD = 3;

  private static final int LABEL = ProtobufCursor.tagOfBytes(1);
  private static final int SAMPLE = ProtobufCursor.tagOfBytes(2);
  private static final int EXEMPLAR = ProtobufCursor.tagOfBytes(3);
  private static final int HISTOGRAM = ProtobufCursor.tagOfBytes(4);
  private static final int LAST_FIELD_OF_SERIES = 4;

  private static final int VALUE = ProtobufCursor.tagOfFixed64(1);
  private static final int TIMESTAMP = ProtobufCursor.tagOfVarint(2);
  private static final int LAST_FIELD_OF_SAMPLE = 2;

  private static final long EXPONENT = 0x7ff0_0000_0000_0000L;
  private static final long SIGN = 1L << 63;
  // The one NaN of many by which Prometheus says that a series has ended.
  private static final long STALE = 0x7ff0_0000_0000_0002L;
  private static final long MIN_MILLIS = Timestamps.MIN / 1000;
  private static final long MAX_MILLIS = Timestamps.MAX / 1000;
  private static final int LIKELY_BYTES_A_SAMPLE = 120;

  private final byte[] message;
  private final ProtobufCursor cursor;
  private final RemoteWriteCache cache;
  private final RemoteWriteCache.Walk walk;
  private final RemoteWriteMapping mapping;
  private final Caller caller;
  private final boolean isUnrestricted;
  private final LongFunction<String> refusal;

  private int size;
  private int[] seriesRef;
  private long[] timestamps;
  private double[] volumes;

  private int seriesCount;
  private Series[] series;

  private int index = -1;
  private int stale;
  private int notNumbers;
  private int infinite;
  private int histograms;
  private int refusedLabels;
  private int refusedTimes;
  private int unknownSeries;
  private String firstRefusal;
  // Times between two that are taken are taken.
  private long earliestTaken = Long.MAX_VALUE;
  private long latestTaken = Long.MIN_VALUE;

  /**
   * A reader of the first {@code length} bytes of an array.
   *
   * @param caller fills what series leave out, and keeps them to its project
   * @param refusal why a sample of this timestamp, in microseconds, is not taken; null when it is
   */
  RemoteWriteReader(
      byte[] message,
      int length,
      RemoteWriteCache cache,
      RemoteWriteMapping mapping,
      Caller caller,
      LongFunction<String> refusal) {
    this.message = message;
    this.cursor = new ProtobufCursor(message, 0, length, "the uncompressed message");
    this.cache = cache;
    this.walk = cache.walk();
    this.mapping = mapping;
    this.caller = caller;
    this.isUnrestricted = caller.equals(Caller.UNRESTRICTED);
    this.refusal = refusal;
    int expected = Math.min(length / LIKELY_BYTES_A_SAMPLE + 16, SampleParser.MAX_SAMPLES);
    this.seriesRef = new int[expected];
    this.timestamps = new long[expected];
    this.volumes = new double[expected];
    this.series = new Series[expected];
  }

  RemoteWritten read() {
    while (cursor.hasNext()) {
      int tag = cursor.tag();
      if (tag == TIME_SERIES) {
        index++;
        int outer = cursor.enter();
        readSeries();
        cursor.leave(outer);
      } else if (tag == METADATA) {
        cursor.leave(cursor.enter());
      } else {
        cursor.skip(tag, tag >>> 3 == RESERVED_FIELD ? 0 : LAST_FIELD);
      }
    }
    SampleBatch batch =
        size == 0
            ? SampleBatch.EMPTY
            : new SampleBatch(
                Arrays.copyOf(series, seriesCount),
                new Metadata[] {Metadata.EMPTY},
                size,
                seriesRef,
                timestamps,
                volumes,
                // Series and time identify a sample (SampleKey.NONE is 0); all have the same
                // metadata.
                new long[size],
                new int[size]);
    return new RemoteWritten(
        batch,
        stale,
        notNumbers,
        infinite,
        histograms,
        refusedLabels,
        refusedTimes,
        unknownSeries,
        firstRefusal);
  }

  /** Labels stand in front of the samples, together, unless a sender is odd. */
  private void readSeries() {
    int from = cursor.at();
    cursor.skipRun(LABEL);
    int to = cursor.at();
    ByteArrayOutputStream scattered = null;
    int firstSample = size;
    while (cursor.hasNext()) {
      int start = cursor.at();
      int tag = cursor.tag();
      if (tag == SAMPLE) {
        int outer = cursor.enter();
        readSample();
        cursor.leave(outer);
      } else if (tag == EXEMPLAR) {
        cursor.leave(cursor.enter());
      } else if (tag == HISTOGRAM) {
        histograms++;
        cursor.leave(cursor.enter());
      } else if (tag == LABEL) {
        cursor.leave(cursor.enter());
        if (scattered == null) {
          scattered = new ByteArrayOutputStream();
          scattered.write(message, from, to - from);
        }
        scattered.write(message, start, cursor.at() - start);
      } else {
        cursor.skip(tag, LAST_FIELD_OF_SERIES);
      }
    }
    if (size == firstSample) {
      return;
    }
    Series found;
    try {
      found =
          scattered == null
              ? find(message, from, to, "the uncompressed message")
              : find(
                  scattered.toByteArray(),
                  0,
                  scattered.size(),
                  "the labels of timeseries[" + index + "]");
    } catch (IllegalArgumentException e) {
      refuse(e.getMessage());
      refusedLabels += size - firstSample;
      size = firstSample;
      return;
    }
    Arrays.fill(seriesRef, firstSample, size, enter(found));
  }

  private void readSample() {
    long bits = 0;
    long millis = 0;
    while (cursor.hasNext()) {
      int tag = cursor.tag();
      if (tag == VALUE) {
        bits = cursor.fixed64();
      } else if (tag == TIMESTAMP) {
        millis = cursor.varint();
      } else {
        cursor.skip(tag, LAST_FIELD_OF_SAMPLE);
      }
    }
    if ((bits & EXPONENT) == EXPONENT) {
      skip(bits);
    } else if (isTaken(millis)) {
      add(millis * 1000, Double.longBitsToDouble(bits));
    }
  }

  private void skip(long bits) {
    if (bits == STALE) {
      stale++;
    } else if ((bits & ~SIGN) == EXPONENT) {
      infinite++;
    } else {
      notNumbers++;
    }
  }

  private boolean isTaken(long millis) {
    if (millis >= earliestTaken && millis <= latestTaken) {
      return true;
    }
    String why =
        millis < MIN_MILLIS || millis > MAX_MILLIS
            ? "timestamp " + millis + " is outside the years 1 to 9999"
            : refusal.apply(millis * 1000);
    if (why != null) {
      refuse(why);
      refusedTimes++;
      return false;
    }
    earliestTaken = Math.min(earliestTaken, millis);
    latestTaken = Math.max(latestTaken, millis);
    return true;
  }

  private void add(long timestamp, double volume) {
    if (size == SampleParser.MAX_SAMPLES) {
      throw new ApiException(
          StatusCodes.CONTENT_TOO_LARGE,
          "A push holds at most " + SampleParser.MAX_SAMPLES + " samples: send several.");
    }
    if (size == timestamps.length) {
      int capacity = 2 * size;
      seriesRef = Arrays.copyOf(seriesRef, capacity);
      timestamps = Arrays.copyOf(timestamps, capacity);
      volumes = Arrays.copyOf(volumes, capacity);
    }
    timestamps[size] = timestamp;
    volumes[size] = volume;
    size++;
  }

  private Series find(byte[] bytes, int from, int to, String what) {
    Series known = walk.find(bytes, from, to);
    if (known == null) {
      unknownSeries++;
      Series made = mapping.series(new ProtobufCursor(bytes, from, to, what));
      known = cache.add(bytes, from, to, made);
    }
    return isUnrestricted ? known : ofCaller(known);
  }

  private Series ofCaller(Series known) {
    String project = known.projectId() == null ? caller.projectId() : known.projectId();
    String user = known.userId() == null ? caller.userId() : known.userId();
    if (caller.onlyProject() != null && !caller.onlyProject().equals(project)) {
      throw new IllegalArgumentException("can not post samples to other projects");
    }
    return Objects.equals(project, known.projectId()) && Objects.equals(user, known.userId())
        ? known
        : new Series(
            known.source(),
            known.meter(),
            known.type(),
            known.unit(),
            known.resourceId(),
            project,
            user,
            known.dimensions());
  }

  /** A place in the batch's dictionary; a series that a sender names twice has two. */
  private int enter(Series one) {
    if (seriesCount == series.length) {
      series = Arrays.copyOf(series, 2 * seriesCount);
    }
    series[seriesCount] = one;
    return seriesCount++;
  }

  private void refuse(String why) {
    if (firstRefusal == null) {
      firstRefusal = "timeseries[" + index + "]: " + why;
    }
  }
}
