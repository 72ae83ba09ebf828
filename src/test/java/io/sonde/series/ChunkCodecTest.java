package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntToDoubleFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ChunkCodecTest {
  private static final long START = 1_767_225_600_000_000L;

  @Test
  void whatIsEncodedIsDecoded() {
    Random random = Seed.random();
    for (int round = 0; round < 1_000; round++) {
      Columns columns = randomColumns(random, 1 + random.nextInt(300));
      assertSame(
          columns, 0, columns.size(), ChunkCodec.decode(ChunkCodec.encode(columns).payload()));
      int from = random.nextInt(columns.size());
      int to = from + 1 + random.nextInt(columns.size() - from);
      assertSame(
          columns, from, to, ChunkCodec.decode(ChunkCodec.encode(columns, from, to).payload()));
      assertThat(ChunkCodec.payload(columns, from, to))
          .isEqualTo(ChunkCodec.encode(columns, from, to).payload());
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
    for (int round = 0; round < 5_000; round++) {
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
      out.writeByte(1).writeByte(0).writeVarint(count);
      // Lines of timestamps, volumes and recording times, and empty metadata.
      out.writeByte(0).writeSigned(0).writeByte(0).writeSigned(0);
      out.writeVarint(0).writeByte(0).writeSigned(0).writeInt(0);
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
    block.add(START + 120_000_000, 11.5, 0, a, 1_767_225_721L);
    assertGolden(
        "012103d080b78b1c0222c80105038c010102030405060708090a0b0c0d0e0f100002e48883aa", block);
    block.add(START + 120_000_000, 1 / 3.0, 7, new UUID(3, 4), 1_767_225_721L);
    assertGolden(
        "013f04d580b78b1c020002010680808080808080a4800177d5aad5aad5aad551ab55555555555742aaaaaaaaaaac000000000000000000000000000000000000000000000000000000000000000000000000000007020102030405060708090a0b0c0d0e0f10000000000000000300000000000000040003010100029c3b8048",
        block);
    // More than a block, with a number that stands apart, and times off the beat.
    Block fallen = new Block();
    for (int i = 0; i < 70; i++) {
      long time = START + i * 60_000_000L + i * i % 7 * 1_000L;
      fallen.add(
          time, i < 20 ? 1e9 + i * i % 11 : i, 0, Metadata.EMPTY.id(), 1_767_300_000L + i / 30);
    }
    assertGolden(
        "0100465280a0d5edee66c0a9070331284189420c4a106250831284189420c4a10625083128410389421580a8d6b907020001040809050102060b0703000104080905010206eba7d6b90700310005c0eeb6950d001d02001d0200090113f0cf",
        fallen);
    // Metadata and volumes that seldom change, with a gap.
    Block seldom = new Block();
    for (int i = 0; i < 40; i++) {
      seldom.add(
          START + (i < 30 ? i : i + 5) * 60_000_000L,
          i < 15 ? 0 : i < 30 ? 1 : 2,
          0,
          new UUID(0, i / 20),
          1_767_300_000L);
    }
    assertGolden(
        "010028f680b78b1c020580011d020600010002000400020000000000000000000000000000000000000000000000000000000000000001001401144088ded701ed30d7c7",
        seldom);
  }

  private static void assertGolden(String expected, Block block) {
    Columns columns = block.freeze();
    assertThat(HexFormat.of().formatHex(ChunkCodec.encode(columns).payload())).isEqualTo(expected);
    assertSame(columns, 0, block.size(), ChunkCodec.decode(HexFormat.of().parseHex(expected)));
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> ChunkCodec.decode(bytes)).isInstanceOf(CorruptDataException.class);
  }

  static void sign(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    byte[] sum = new ByteWriter(4).writeInt((int) crc.getValue()).toByteArray();
    System.arraycopy(sum, 0, bytes, bytes.length - 4, 4);
  }

  private static void assertSame(Columns expected, int from, int to, Columns actual) {
    assertThat(actual.size()).isEqualTo(to - from);
    assertThat(Arrays.copyOf(actual.timestamps, to - from))
        .isEqualTo(Arrays.copyOfRange(expected.timestamps, from, to));
    assertThat(bits(actual, 0, to - from)).isEqualTo(bits(expected, from, to));
    assertThat(keys(actual, 0, to - from)).isEqualTo(keys(expected, from, to));
    assertThat(metadata(actual, 0, to - from)).isEqualTo(metadata(expected, from, to));
    assertThat(Arrays.copyOf(actual.recorded, to - from))
        .isEqualTo(Arrays.copyOfRange(expected.recorded, from, to));
    if (Arrays.stream(keys(expected, from, to)).allMatch(key -> key == 0)) {
      assertThat(actual.keys).isNull();
    }
    if (Arrays.stream(metadata(expected, from, to)).distinct().count() == 1) {
      assertThat(actual.metadataRef).isNull();
      assertThat(actual.metadata).hasSize(1);
    }
  }

  private static long[] bits(Columns columns, int from, int to) {
    return Arrays.stream(columns.volumes, from, to)
        .mapToLong(Double::doubleToRawLongBits)
        .toArray();
  }

  private static long[] keys(Columns columns, int from, int to) {
    return IntStream.range(from, to).mapToLong(columns::key).toArray();
  }

  private static UUID[] metadata(Columns columns, int from, int to) {
    return IntStream.range(from, to).mapToObj(columns::metadata).toArray(UUID[]::new);
  }

  static Columns randomColumns(Random random, int size) {
    boolean keyed = random.nextInt(3) == 0;
    int metadata = 1 + random.nextInt(4);
    boolean polled = random.nextBoolean();
    IntToDoubleFunction volume = volumes(random);
    LongUnaryOperator clock = clock(random, keyed);
    Block block = new Block();
    long time = random.nextInt(10) == 0 ? -random.nextLong(1L << 60) : START;
    for (int i = 0; i < size; i++) {
      block.add(
          time,
          volume.applyAsDouble(i),
          keyed ? i + random.nextLong(1L << 40) * 1000 + 1 : 0,
          metadata == 1 ? Metadata.EMPTY.id() : new UUID(9, random.nextInt(metadata)),
          polled ? Math.floorDiv(time, 1_000_000L) + 1 : 1_767_225_600L + random.nextInt(3));
      time = clock.applyAsLong(time);
    }
    return block.freeze();
  }

  /** What the next timestamp is; the same one again only where keys tell samples apart. */
  private static LongUnaryOperator clock(Random random, boolean keyed) {
    long step = 60_000_000L * (1 + random.nextInt(90));
    long unit = random.nextBoolean() ? 1 : 1_000;
    return switch (random.nextInt(keyed ? 7 : 5)) {
      case 0 -> time -> time + step;
      case 1 -> time -> time + 1 + random.nextInt(100_000_000);
      case 2 -> time -> time + step * (random.nextInt(20) == 0 ? 5 : 1);
      case 3 -> time -> (time + step + step / 2) / step * step + unit * random.nextInt(10_000);
      case 4 -> time -> time + (random.nextInt(9) == 0 ? random.nextLong(1L << 45) + 1 : unit);
      case 5 -> time -> time + random.nextInt(3);
      default -> time -> time;
    };
  }

  private static IntToDoubleFunction volumes(Random random) {
    double power = Math.pow(10, random.nextInt(11));
    double constant = random.nextBoolean() ? random.nextGaussian() : random.nextInt(100) / power;
    int most = 1 + random.nextInt(1 << random.nextInt(31));
    long[] counter = {random.nextLong(1L << 50)};
    return switch (random.nextInt(14)) {
      case 0 -> i -> constant;
      case 1 -> i -> -0.0;
      case 2 -> i -> random.nextInt(3) == 0 ? -0.0 : random.nextInt(5);
      case 3 -> i -> Math.rint(random.nextGaussian() * 0x1p53);
      case 4 -> i -> i * 1000.0 * random.nextInt(2);
      case 5 -> i -> random.nextInt(-most, most) / power;
      case 6 -> i -> counter[0] += random.nextInt(most);
      case 7 -> i -> counter[0] = random.nextInt(50) == 0 ? 0 : counter[0] + random.nextInt(most);
      case 8 -> i -> (counter[0] += random.nextInt(most)) / power;
      case 9 -> i -> random.nextInt(40) == 0 ? constant + 1 : constant;
      case 10 -> i -> Double.MIN_VALUE * random.nextInt(most);
      case 11 -> i -> random.nextGaussian() * 1e307;
      case 12 -> i -> random.nextInt(100) == 0 ? 1e15 : random.nextInt(most) / power;
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
  }

  private static Columns columns(int size, IntToDoubleFunction volume) {
    Block block = new Block();
    for (int i = 0; i < size; i++) {
      block.add(START + i, volume.applyAsDouble(i), 0, new UUID(0, 0), 0);
    }
    return block.freeze();
  }
}
