package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class ChunkDirectoryTest {
  private static final long START = 1_767_225_600_000_000L;

  @Test
  void isWhatTheSamplesAddUpTo() {
    Random random = Seed.random();
    for (int round = 0; round < 500; round++) {
      Columns columns = ChunkCodecTest.randomColumns(random, 1 + random.nextInt(200));
      int from = random.nextInt(columns.size());
      int to = from + 1 + random.nextInt(columns.size() - from);
      Chunk chunk = ChunkCodec.encode(columns, from, to);
      assertMatches(ChunkDirectory.decode(chunk.directory()), columns, from, to);
    }
  }

  @Test
  void sumsBeyondALong() {
    Random random = Seed.random();
    assertMatches(columns(4_000, i -> 0x1p53 - 1 - random.nextInt(9)));
    assertMatches(columns(4_000, i -> 9e14 + random.nextInt(9) / 8.0));
  }

  @Test
  void everyDamageIsFound() {
    Random random = Seed.random();
    for (int round = 0; round < 20; round++) {
      byte[] bytes = directory(ChunkCodecTest.randomColumns(random, 1 + random.nextInt(40)));
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        assertCorrupt(damaged);
      }
      for (int length = 0; length < bytes.length; length++) {
        assertCorrupt(Arrays.copyOf(bytes, length));
      }
      assertCorrupt(Arrays.copyOf(bytes, bytes.length + 1));
    }
  }

  /** Bytes that no writer of ours made, whose checksum is right: refused, or read as something. */
  @Test
  void nonsenseWithARightChecksumIsRefusedInOrder() {
    Random random = Seed.random();
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = directory(ChunkCodecTest.randomColumns(random, 1 + random.nextInt(20)));
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
      }
      ChunkCodecTest.sign(bytes);
      try {
        ChunkDirectory directory = ChunkDirectory.decode(bytes);
        VolumeSummary summary = new VolumeSummary();
        for (int i = 0; i < directory.hours(); i++) {
          summary.add(directory, i);
        }
        summary.sum();
      } catch (CorruptDataException expected) {
        // as it should be
      }
    }
  }

  @Test
  void absurdCountsTakeNoMemory() {
    for (long count : new long[] {0, -1, ChunkDirectory.MAX_HOURS + 1L, Integer.MAX_VALUE}) {
      for (int regular : new int[] {0, 0x40}) {
        ByteWriter out = new ByteWriter(64);
        out.writeByte(1).writeByte(regular).writeVarint(count);
        // A step of an hour; then lines, whatever they are taken for.
        out.writeByte(0x10).writeSigned(0).writeSigned(ChunkDirectory.HOUR);
        for (int i = 0; i < 6; i++) {
          out.writeByte(0).writeSigned(1);
        }
        byte[] bytes = out.writeInt(0).toByteArray();
        ChunkCodecTest.sign(bytes);
        assertCorrupt(bytes);
      }
    }
    Block block = new Block();
    for (int i = 0; i <= ChunkDirectory.MAX_HOURS; i++) {
      block.add(i * ChunkDirectory.HOUR, 1, 0, new UUID(0, 0), 0);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> ChunkCodec.encode(block.freeze()));
    assertThat(ChunkCodec.decode(ChunkCodec.payload(block.freeze(), 0, block.size())).size())
        .isEqualTo(block.size());
  }

  /** What version 1 has written must be readable for ever. */
  @Test
  void goldenBytes() {
    assertGolden("01405ad080b78b1c0210000b000c100b12bd8fc9a4", columns(90, i -> i % 7));
    assertGolden(
        "01515ad080b78b1c0210c801d301000c100b126110162313d277d1",
        columns(90, i -> (100 + i % 7) / 10.0));
    assertGolden("01c15ad080b78b1c02100201fbc1b9d4", columns(90, i -> 0.1));
    assertGolden(
        "016f3dd080b78b1c0210aad5aad5aad5aad57facd5aad5aad5ea7810d6aad5aad5aad5cd800180808080808040043d2cc80000000000409bf8000000000002404e2aaaaaaaaaab69168197",
        columns(61, i -> 1 / 3.0 + i));
    Block gap = new Block();
    for (int i = 0; i < 90; i++) {
      gap.add(START + (i < 50 ? i : i + 200) * 60_000_000L, i % 7, 0, new UUID(0, 0), 0);
    }
    assertGolden("01000210a0f63b08106413d00014c01610000b000c100506c5f5f93b", gap.freeze());
  }

  private static void assertGolden(String expected, Columns columns) {
    assertThat(HexFormat.of().formatHex(directory(columns))).isEqualTo(expected);
    assertMatches(
        ChunkDirectory.decode(HexFormat.of().parseHex(expected)), columns, 0, columns.size);
  }

  private static void assertMatches(Columns columns) {
    assertMatches(ChunkDirectory.decode(directory(columns)), columns, 0, columns.size);
  }

  private static void assertMatches(ChunkDirectory directory, Columns columns, int from, int to) {
    int start = from;
    for (int h = 0; h < directory.hours(); h++) {
      long hour = Math.floorDiv(columns.timestamp(start), ChunkDirectory.HOUR);
      assertThat(directory.hour(h)).isEqualTo(hour * ChunkDirectory.HOUR);
      int end = start;
      BigDecimal sum = BigDecimal.ZERO;
      while (end < to && Math.floorDiv(columns.timestamp(end), ChunkDirectory.HOUR) == hour) {
        sum = sum.add(new BigDecimal(columns.volume(end++)));
      }
      assertThat(directory.count(h)).isEqualTo(end - start);
      assertThat(directory.first(h)).isEqualTo(columns.timestamp(start));
      assertThat(directory.last(h)).isEqualTo(columns.timestamp(end - 1));
      double[] volumes = Arrays.copyOfRange(columns.volumes, start, end);
      assertThat(Double.doubleToRawLongBits(directory.min(h)))
          .isEqualTo(Double.doubleToRawLongBits(Arrays.stream(volumes).min().getAsDouble()));
      assertThat(Double.doubleToRawLongBits(directory.max(h)))
          .isEqualTo(Double.doubleToRawLongBits(Arrays.stream(volumes).max().getAsDouble()));
      ExactSum exact = new ExactSum();
      directory.addSum(h, exact);
      assertThat(exact.value()).isEqualTo(sum.doubleValue());
      // To the last bit: nothing is left when all volumes are taken away again.
      for (double volume : volumes) {
        exact.add(-volume);
      }
      assertThat(exact.value()).isZero();
      start = end;
    }
    assertThat(start).isEqualTo(to);
  }

  private static byte[] directory(Columns columns) {
    return ChunkCodec.encode(columns).directory();
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> ChunkDirectory.decode(bytes)).isInstanceOf(CorruptDataException.class);
  }

  private static Columns columns(int size, IntToDoubleFunction volume) {
    Block block = new Block();
    for (int i = 0; i < size; i++) {
      block.add(START + i * 60_000_000L, volume.applyAsDouble(i), 0, new UUID(0, 0), 0);
    }
    return block.freeze();
  }
}
