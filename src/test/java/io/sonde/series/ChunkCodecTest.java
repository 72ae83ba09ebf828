package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntToDoubleFunction;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ChunkCodecTest {
  private static final long START = 1_767_225_600_000_000L;

  @Test
  void whatIsEncodedIsDecoded() {
    Random random = Seed.random();
    for (int round = 0; round < 3_000; round++) {
      Columns columns = randomColumns(random, 1 + random.nextInt(300));
      assertSame(
          columns, 0, columns.size(), ChunkCodec.decode(ChunkCodec.encode(columns).payload()));
      int from = random.nextInt(columns.size());
      int to = from + 1 + random.nextInt(columns.size() - from);
      assertSame(
          columns, from, to, ChunkCodec.decode(ChunkCodec.encode(columns, from, to).payload()));
    }
  }

  @Test
  void everyDamagedBitIsFound() {
    Random random = Seed.random();
    for (int round = 0; round < 20; round++) {
      byte[] bytes = ChunkCodec.encode(randomColumns(random, 1 + random.nextInt(40))).payload();
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
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = ChunkCodec.encode(randomColumns(random, 1 + random.nextInt(20))).payload();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
      }
      sign(bytes);
      try {
        Columns columns = ChunkCodec.decode(bytes);
        for (int i = 0; i < columns.size(); i++) {
          columns.metadata(i);
        }
      } catch (CorruptDataException expected) {
        // as it should be
      }
    }
  }

  @Test
  void absurdCountsTakeNoMemory() {
    for (long count :
        new long[] {0, -1, ChunkCodec.MAX_SAMPLES + 1L, Integer.MAX_VALUE, 1L << 40}) {
      ByteWriter out = new ByteWriter(64);
      out.writeByte(1).writeVarint(count).writeSigned(START);
      out.writeByte(0).writeVarint(count - 1);
      out.writeByte(0).writeDouble(1).writeByte(0);
      out.writeVarint(1).writeUuid(new UUID(1, 2)).writeSigned(0).writeVarint(count);
      out.writeByte(0).writeSigned(7).writeVarint(count).writeInt(0);
      byte[] bytes = out.toByteArray();
      sign(bytes);
      assertCorrupt(bytes);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChunkCodec.encode(columns(1, i -> 1), 1, 1));
  }

  /** What version 1 has written must be readable for ever. */
  @Test
  void goldenBytes() {
    Block block = new Block();
    UUID a = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    block.add(START, 10, 0, a, 1_767_225_601L);
    block.add(START + 60_000_000, 12, 0, a, 1_767_225_661L);
    block.add(START + 120_000_000, 11, 0, a, 1_767_225_721L);
    String integers =
        "0103808082e288d2a306809c9c3900010114040100010102030405060708090a0b0c0d0e0f100003010203f2cde6bf";
    assertThat(HexFormat.of().formatHex(ChunkCodec.encode(block.freeze()).payload()))
        .isEqualTo(integers);
    block.add(START + 120_000_000, 0.5, 7, new UUID(3, 4), 1_767_225_721L);
    String doubles =
        "0104808082e288d2a306809c9c390001ff9b9c390240240000000000004028000000000000402600"
            + "00000000003fe0000000000000010000000000000000000000000000000000000000000000000000"
            + "000000000007020102030405060708090a0b0c0d0e0f1000000000000000030000000000000004000302010102040c9298c2";
    assertThat(HexFormat.of().formatHex(ChunkCodec.encode(block.freeze()).payload()))
        .isEqualTo(doubles);
    assertSame(block.freeze(), 0, 4, ChunkCodec.decode(HexFormat.of().parseHex(doubles)));
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> ChunkCodec.decode(bytes)).isInstanceOf(CorruptDataException.class);
  }

  private static void sign(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    byte[] sum = new ByteWriter(4).writeInt((int) crc.getValue()).toByteArray();
    System.arraycopy(sum, 0, bytes, bytes.length - 4, 4);
  }

  private static void assertSame(Columns expected, int from, int to, Columns actual) {
    assertThat(actual.size()).isEqualTo(to - from);
    for (int i = from; i < to; i++) {
      assertThat(actual.timestamp(i - from)).isEqualTo(expected.timestamp(i));
      assertThat(Double.doubleToRawLongBits(actual.volume(i - from)))
          .isEqualTo(Double.doubleToRawLongBits(expected.volume(i)));
      assertThat(actual.key(i - from)).isEqualTo(expected.key(i));
      assertThat(actual.metadata(i - from)).isEqualTo(expected.metadata(i));
      assertThat(actual.recorded(i - from)).isEqualTo(expected.recorded(i));
    }
  }

  static Columns randomColumns(Random random, int size) {
    IntToDoubleFunction volume =
        switch (random.nextInt(6)) {
          case 0 -> i -> 42.5;
          case 1 -> i -> -0.0;
          case 2 -> i -> random.nextInt(3) == 0 ? -0.0 : random.nextInt(5);
          case 3 -> i -> Math.rint(random.nextGaussian() * 0x1p53);
          case 4 -> i -> i * 1000.0 * random.nextInt(2);
          default ->
              i ->
                  switch (random.nextInt(5)) {
                    case 0 -> Double.MAX_VALUE;
                    case 1 -> -Double.MIN_VALUE;
                    case 2 -> 0x1p53 - random.nextInt(3);
                    case 3 -> -0x1p53 + random.nextInt(3);
                    default -> random.nextGaussian();
                  };
        };
    boolean keyed = random.nextBoolean();
    int metadata = 1 + random.nextInt(4);
    boolean steady = random.nextBoolean();
    boolean polled = random.nextBoolean();
    Block block = new Block();
    long time = random.nextInt(10) == 0 ? -random.nextLong(1L << 60) : START;
    for (int i = 0; i < size; i++) {
      time += steady ? 60_000_000 : keyed ? random.nextInt(3) : 1 + random.nextInt(100_000_000);
      block.add(
          time,
          volume.applyAsDouble(i),
          keyed ? i + random.nextLong(1L << 40) * 1000 + 1 : 0,
          new UUID(9, random.nextInt(metadata)),
          polled ? Math.floorDiv(time, 1_000_000L) + 1 : 1_767_225_600L + random.nextInt(3));
    }
    return block.freeze();
  }

  private static Columns columns(int size, IntToDoubleFunction volume) {
    Block block = new Block();
    for (int i = 0; i < size; i++) {
      block.add(START + i, volume.applyAsDouble(i), 0, new UUID(0, 0), 0);
    }
    return block.freeze();
  }
}
