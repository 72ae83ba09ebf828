package io.sonde.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.xerial.snappy.Snappy;

/** Writes protobuf by hand: WriteRequests as they should be, and as they should not. */
public final class RemoteWriteMessage {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A series with one sample. */
  public RemoteWriteMessage series(long millis, double value, String... namesAndValues) {
    return series(labels(namesAndValues).sample(millis, value));
  }

  /** A series of labels and samples. */
  public RemoteWriteMessage series(RemoteWriteMessage timeSeries) {
    return bytes(1, timeSeries.toBytes());
  }

  /** Labels of a series, which samples may follow. */
  public static RemoteWriteMessage labels(String... namesAndValues) {
    RemoteWriteMessage series = new RemoteWriteMessage();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      series.label(namesAndValues[i], namesAndValues[i + 1]);
    }
    return series;
  }

  RemoteWriteMessage label(String name, String value) {
    return bytes(1, new RemoteWriteMessage().text(1, name).text(2, value).toBytes());
  }

  /** A sample of a series. */
  public RemoteWriteMessage sample(long millis, double value) {
    return bytes(
        2,
        new RemoteWriteMessage()
            .fixed64(1, Double.doubleToRawLongBits(value))
            .varint(2, millis)
            .toBytes());
  }

  RemoteWriteMessage bytes(int field, byte[] bytes) {
    number((long) field << 3 | BYTES);
    number(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  RemoteWriteMessage text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  RemoteWriteMessage varint(int field, long value) {
    number((long) field << 3 | VARINT);
    return number(value);
  }

  RemoteWriteMessage fixed64(int field, long bits) {
    number((long) field << 3 | FIXED64);
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
    return this;
  }

  RemoteWriteMessage number(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  /** As it goes over the wire. */
  public byte[] compressed() {
    return compressed(toBytes());
  }

  static byte[] compressed(byte[] message) {
    try {
      return Snappy.compress(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
