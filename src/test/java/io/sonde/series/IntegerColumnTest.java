package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class IntegerColumnTest {
  @Test
  void whatIsWrittenIsRead() {
    Random random = Seed.random();
    for (int round = 0; round < 10_000; round++) {
      int size = 1 + random.nextInt(200);
      int from = random.nextInt(3);
      LongUnaryOperator next = next(random);
      long[] numbers = new long[from + size + 1];
      for (int i = 1; i < numbers.length; i++) {
        numbers[i] = next.applyAsLong(numbers[i - 1]);
      }
      ByteWriter out = new ByteWriter(16);
      if (random.nextBoolean()) {
        IntegerColumn.write(numbers, from, from + size, out);
      } else {
        IntegerColumn.writeTimes(numbers, from, from + size, out);
      }
      // Numbers of the end may be packed in bytes behind which there is nothing.
      ByteReader in = new ByteReader(out.toByteArray());
      long[] read = new long[size + 1];
      read[size] = 7;
      IntegerColumn.read(in, read, size);
      assertThat(in.remaining()).isZero();
      assertThat(Arrays.copyOf(read, size))
          .isEqualTo(Arrays.copyOfRange(numbers, from, from + size));
      assertThat(read[size]).isEqualTo(7);
    }
  }

  private static LongUnaryOperator next(Random random) {
    int bits = random.nextInt(64);
    long unit = random.nextInt(4) == 0 ? 1 + random.nextInt(1 << random.nextInt(31)) : 1;
    long step = random.nextLong() >> random.nextInt(64);
    int seldom = 1 + random.nextInt(100);
    return switch (random.nextInt(6)) {
      case 0 -> last -> (random.nextLong() >> bits) * unit;
      case 1 -> last -> last + (random.nextLong() >> bits) * unit;
      case 2 -> last -> last + step + (random.nextInt(seldom) == 0 ? random.nextLong() >> bits : 0);
      case 3 -> last -> random.nextInt(seldom) == 0 ? 0 : last + (random.nextLong() >>> bits);
      case 4 -> last -> random.nextBoolean() ? Long.MIN_VALUE : random.nextLong(3) - 1;
      default -> {
        long[] speed = {0};
        yield last -> last + (speed[0] += random.nextLong() >> bits);
      }
    };
  }
}
