package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ByteFormatsTest {
  private static final long[] LONGS = {
    0, 1, -1, 127, 128, -64, -65, 1L << 35, Long.MAX_VALUE, Long.MIN_VALUE
  };

  @Test
  void whatIsWrittenIsRead() {
    ByteWriter out = new ByteWriter(0);
    for (long number : LONGS) {
      out.writeVarint(number).writeSigned(number).writeLong(number).writeDouble((double) number);
    }
    out.writeString(null).writeString("").writeString("ü😀\0").writeUuid(new UUID(1, -2));
    out.writeBytes(new byte[] {1, 2}).writeInt(-7).writeByte(200).writeVarint(5);
    ByteReader in = new ByteReader(out.toByteArray());
    for (long number : LONGS) {
      assertThat(in.readVarint()).isEqualTo(number);
      assertThat(in.readSigned()).isEqualTo(number);
      assertThat(in.readLong()).isEqualTo(number);
      assertThat(in.readDouble()).isEqualTo((double) number);
    }
    assertThat(in.readString()).isNull();
    assertThat(in.readString()).isEmpty();
    assertThat(in.readText()).isEqualTo("ü😀\0");
    assertThat(in.readUuid()).isEqualTo(new UUID(1, -2));
    assertThat(in.readBytes()).containsExactly(1, 2);
    assertThat(in.readInt()).isEqualTo(-7);
    assertThat(in.readByte()).isEqualTo(200);
    assertThat(in.readNumber()).isEqualTo(5);
    assertThat(in.remaining()).isZero();
  }

  @Test
  void lengthsThatCannotBeAreRefused() {
    for (long length : new long[] {3, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
      byte[] bytes = new ByteWriter(16).writeVarint(length).writeByte(1).toByteArray();
      corrupt(() -> new ByteReader(bytes).readString());
      corrupt(() -> new ByteReader(bytes).readBytes());
      corrupt(() -> new ByteReader(bytes).readCount());
    }
    corrupt(() -> new ByteReader(new byte[] {0}).readText());
    corrupt(() -> new ByteReader(new byte[3]).readRaw(-1));
    corrupt(
        () -> new ByteReader(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}).readVarint());
    byte[] negative = new ByteWriter(16).writeVarint(-1).toByteArray();
    corrupt(() -> new ByteReader(negative).readNumber());
  }

  @Test
  void runsOfZeros() {
    Random random = Seed.random();
    for (int round = 0; round < 500; round++) {
      long[] numbers = new long[random.nextInt(60)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextInt(3) > 0 ? 0 : random.nextLong();
      }
      ByteWriter out = new ByteWriter(16);
      ZeroRuns.write(numbers, numbers.length, out);
      assertThat(ZeroRuns.bytes(numbers, numbers.length)).isEqualTo(out.size());
      ByteReader in = new ByteReader(out.toByteArray());
      long[] read = new long[numbers.length + 2];
      ZeroRuns.read(in, read, 1, numbers.length + 1);
      assertThat(Arrays.copyOfRange(read, 1, numbers.length + 1)).isEqualTo(numbers);
      assertThat(in.remaining()).isZero();
    }
    for (int length : new int[] {0, 4}) {
      byte[] zeros = {0, (byte) length};
      corrupt(() -> ZeroRuns.read(new ByteReader(zeros), new long[9], 1, 4));
    }
  }

  private static void corrupt(ThrowingCallable read) {
    assertThatThrownBy(read).isInstanceOf(CorruptDataException.class);
  }
}
