package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import java.util.Random;
import java.util.UUID;
import java.util.function.DoubleSupplier;
import java.util.function.IntToDoubleFunction;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** What a sample of metering data takes in a chunk, payload and directory. */
class ChunkSizesTest {
  private static final long START = 1_767_225_600_000_000L;
  private static final long MINUTE = 60_000_000;
  private static final int SERIES = 20;

  private final Random random = Seed.random();

  /** The noise alone that {@link #meters} makes has 1.81 bytes a sample. */
  @Test
  void metersOfMachines() {
    assertThat(bytesOfMeters(1_000)).isLessThan(2.02);
    assertThat(bytesOfMeters(240)).isLessThan(2.3);
  }

  @Test
  void whatDoesNotChange() {
    Columns columns = columns(1_000, i -> 4_096, this::steady, Metadata.EMPTY.id());
    assertThat(ChunkCodec.encode(columns).bytes()).isLessThanOrEqualTo(44);
    columns = columns(1_000, i -> 0.25, this::steady, new UUID(1, 2));
    assertThat(ChunkCodec.encode(columns).bytes()).isLessThanOrEqualTo(62);
  }

  @Test
  void aCounterThatFallsToZero() {
    long[] counter = {1L << 50};
    LongSupplier next = () -> counter[0] += random.nextInt(1_000);
    double whole = bytes(1_000, i -> next.getAsLong(), this::steady);
    counter[0] = 1L << 50;
    double fallen =
        bytes(
            1_000,
            i -> {
              counter[0] = i % 250 == 249 ? 0 : counter[0];
              return next.getAsLong();
            },
            this::steady);
    // Some 36 bytes for each of four falls, most of them in the directory.
    assertThat(fallen - whole).isLessThan(0.2);
  }

  @Test
  void timesOffTheBeat() {
    IntToDoubleFunction constant = i -> 1;
    assertThat(bytes(1_000, constant, i -> steady(i) + 1_000L * random.nextInt(-10, 11)))
        .isLessThan(0.9);
    assertThat(bytes(1_000, constant, i -> steady(i) + random.nextInt(-10_000, 10_001)))
        .isLessThan(2.3);
    // A gap every hundred samples.
    assertThat(bytes(1_000, constant, i -> steady(i + i / 100 * 7))).isLessThan(0.3);
    assertThat(
            bytes(1_000, constant, i -> steady(i + i / 100 * 7) + 1_000L * random.nextInt(-10, 11)))
        .isLessThan(1.1);
  }

  @Test
  void seldomChanges() {
    assertThat(bytes(1_000, i -> i / 300 % 2, this::steady)).isLessThan(0.15);
    assertThat(bytes(1_000, i -> 4_096.0 * random.nextInt(256), this::steady)).isLessThan(1.3);
  }

  private long steady(int i) {
    return START + i * MINUTE;
  }

  private interface Clock {
    long at(int i);
  }

  private static double bytes(int size, IntToDoubleFunction volume, Clock clock) {
    Columns columns = columns(size, volume, clock, Metadata.EMPTY.id());
    return ChunkCodec.encode(columns).bytes() / (double) size;
  }

  private static Columns columns(int size, IntToDoubleFunction volume, Clock clock, UUID metadata) {
    Block block = new Block();
    for (int i = 0; i < size; i++) {
      long time = clock.at(i);
      block.add(time, volume.applyAsDouble(i), 0, metadata, Math.floorDiv(time, 1_000_000L) + 1);
    }
    return block.freeze();
  }

  private double bytesOfMeters(int size) {
    long bytes = 0;
    for (int i = 0; i < SERIES; i++) {
      for (DoubleSupplier meter : meters()) {
        Columns columns =
            columns(size, at -> meter.getAsDouble(), this::steady, Metadata.EMPTY.id());
        Chunk chunk = ChunkCodec.encode(columns);
        bytes += chunk.bytes();
      }
    }
    return bytes / (double) SERIES / 10 / size;
  }

  /** Ten meters of a virtual machine: five counters, two gauges of thousandths, three constants. */
  private DoubleSupplier[] meters() {
    return new DoubleSupplier[] {
      counter(60_000_000_000L),
      gauge(2_000, 1, 100_000),
      gauge(1_000, 10, 4_096_000),
      counter(4_000_000),
      counter(8_000_000),
      counter(1_000_000),
      counter(2_000_000),
      () -> 40,
      () -> 1,
      () -> 4_096
    };
  }

  private DoubleSupplier counter(long most) {
    long[] value = {random.nextLong(1_000_000_000_000L)};
    return () -> value[0] += random.nextLong(most);
  }

  private DoubleSupplier gauge(int most, int unit, int limit) {
    int[] value = {limit / 2};
    return () -> {
      int next = value[0] + unit * random.nextInt(-most, most + 1);
      value[0] = Math.max(0, Math.min(limit, next));
      return value[0] / 1000.0;
    };
  }
}
