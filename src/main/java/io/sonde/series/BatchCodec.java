package io.sonde.series;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Monotonic;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A {@link SampleBatch} as bytes, for the way between nodes and for the outbox of a pipeline stage.
 * Layout: version byte; series (count, then each); metadata (count, then the texts); number of
 * samples; then for each sample its series place, timestamp (difference to the previous one),
 * volume (eight bytes), metadata place (difference), and, after a byte that says whether any sample
 * has one, the keys. Version 2 is for batches of which is known when they were read: the clock and
 * its nanoseconds (eight bytes each) follow the version.
 */
public final class BatchCodec {
  private static final int VERSION = 1;
  private static final int WITH_MOMENT = 2;

  private BatchCodec() {}

  public static byte[] encode(SampleBatch batch) {
    ByteWriter out = new ByteWriter(64 + batch.size() * 16 + batch.seriesCount() * 96);
    write(batch, out);
    return out.toByteArray();
  }

  public static void write(SampleBatch batch, ByteWriter out) {
    Monotonic moment = batch.monotonic();
    if (moment == null) {
      out.writeByte(VERSION);
    } else {
      out.writeByte(WITH_MOMENT).writeLong(moment.clock()).writeLong(moment.nanos());
    }
    out.writeVarint(batch.seriesCount());
    for (int i = 0; i < batch.seriesCount(); i++) {
      writeSeries(batch.seriesAt(i), out);
    }
    out.writeVarint(batch.metadataCount());
    for (int i = 0; i < batch.metadataCount(); i++) {
      out.writeString(batch.metadataAt(i).json());
    }
    out.writeVarint(batch.size());
    long previousTime = 0;
    int previousMetadata = 0;
    boolean anyKey = false;
    for (int i = 0; i < batch.size(); i++) {
      out.writeVarint(batch.seriesRef(i));
      out.writeSigned(batch.timestamp(i) - previousTime);
      out.writeDouble(batch.volume(i));
      out.writeSigned(batch.metadataRef(i) - previousMetadata);
      previousTime = batch.timestamp(i);
      previousMetadata = batch.metadataRef(i);
      anyKey |= batch.key(i) != SampleKey.NONE;
    }
    out.writeByte(anyKey ? 1 : 0);
    for (int i = 0; anyKey && i < batch.size(); i++) {
      out.writeLong(batch.key(i));
    }
  }

  /**
   * The batch of these bytes.
   *
   * @throws CorruptDataException when they are none
   */
  public static SampleBatch decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    SampleBatch batch = read(in);
    if (in.remaining() > 0) {
      throw new CorruptDataException(in.remaining() + " bytes after the end of a batch");
    }
    return batch;
  }

  /** The batch that begins here. */
  public static SampleBatch read(ByteReader in) {
    return read(in, BatchCodec::readSeries, BatchCodec::readMetadata);
  }

  /** The same, made of what is known already where that is possible. */
  public static SampleBatch read(ByteReader in, BatchCaches known) {
    return read(in, known::series, known::metadata);
  }

  private static SampleBatch read(
      ByteReader in,
      Function<ByteReader, Series> seriesReader,
      Function<ByteReader, Metadata> metadataReader) {
    int version = in.readByte();
    if (version != VERSION && version != WITH_MOMENT) {
      throw new CorruptDataException("batch of unknown version " + version);
    }
    Monotonic moment = version == WITH_MOMENT ? new Monotonic(in.readLong(), in.readLong()) : null;
    Series[] series = new Series[in.readCount()];
    for (int i = 0; i < series.length; i++) {
      series[i] = seriesReader.apply(in);
    }
    Metadata[] metadata = new Metadata[in.readCount()];
    for (int i = 0; i < metadata.length; i++) {
      metadata[i] = metadataReader.apply(in);
    }
    int size = in.readCount();
    int[] seriesRef = new int[size];
    long[] timestamps = new long[size];
    double[] volumes = new double[size];
    long[] keys = new long[size];
    int[] metadataRef = new int[size];
    long previousTime = 0;
    int previousMetadata = 0;
    for (int i = 0; i < size; i++) {
      seriesRef[i] = place(in.readVarint(), series.length);
      timestamps[i] = previousTime += in.readSigned();
      volumes[i] = in.readDouble();
      metadataRef[i] =
          previousMetadata = place(previousMetadata + in.readSigned(), metadata.length);
    }
    if (in.readByte() == 1) {
      for (int i = 0; i < size; i++) {
        keys[i] = in.readLong();
      }
    }
    return new SampleBatch(
            series, metadata, size, seriesRef, timestamps, volumes, keys, metadataRef)
        .readAt(moment);
  }

  /** A series by itself. */
  public static void writeSeries(Series series, ByteWriter out) {
    out.writeString(series.source())
        .writeString(series.meter())
        .writeByte(series.type().code())
        .writeString(series.unit())
        .writeString(series.resourceId())
        .writeString(series.projectId())
        .writeString(series.userId())
        .writeVarint(series.dimensions().size());
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      out.writeString(dimension.getKey()).writeString(dimension.getValue());
    }
  }

  /** What {@link #writeSeries} wrote. */
  public static Series readSeries(ByteReader in) {
    String source = in.readText();
    String meter = in.readText();
    int code = in.readByte();
    MeterType type = MeterType.ofCode(code);
    if (type == null) {
      throw new CorruptDataException("unknown meter type " + code);
    }
    String unit = in.readText();
    String resourceId = in.readText();
    String projectId = in.readString();
    String userId = in.readString();
    int dimensionCount = in.readCount();
    SortedMap<String, String> dimensions =
        dimensionCount == 0 ? Series.NO_DIMENSIONS : new TreeMap<>();
    for (int i = 0; i < dimensionCount; i++) {
      dimensions.put(in.readText(), in.readText());
    }
    try {
      return new Series(source, meter, type, unit, resourceId, projectId, userId, dimensions);
    } catch (IllegalArgumentException e) {
      throw new CorruptDataException("no series: " + e.getMessage());
    }
  }

  /** Passes over what {@link #writeSeries} wrote. */
  static void skipSeries(ByteReader in) {
    in.skipString();
    in.skipString();
    in.readByte();
    for (int i = 0; i < 4; i++) {
      in.skipString();
    }
    for (int left = 2 * in.readCount(); left > 0; left--) {
      in.skipString();
    }
  }

  static Metadata readMetadata(ByteReader in) {
    return Metadata.ofCanonicalJson(in.readText());
  }

  private static int place(long value, int length) {
    if (value < 0 || value >= length) {
      throw new CorruptDataException("place " + value + " in a dictionary of " + length);
    }
    return (int) value;
  }
}
