package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {
  @Test
  void isTheRoundedTrueSumInWhateverOrderAndParts() {
    Random random = Seed.random();
    for (int round = 0; round < 3_000; round++) {
      List<Double> numbers = numbers(random);
      double expected =
          numbers.stream()
              .map(BigDecimal::new)
              .reduce(BigDecimal.ZERO, BigDecimal::add)
              .doubleValue();
      for (int order = 0; order < 3; order++) {
        assertThat(sum(numbers).value() + 0.0).as("%s", numbers).isEqualTo(expected);
        int cut = random.nextInt(numbers.size() + 1);
        ExactSum left = sum(numbers.subList(0, cut));
        left.add(sum(numbers.subList(cut, numbers.size())));
        assertThat(left.value() + 0.0).as("%s at %s", numbers, cut).isEqualTo(expected);
        ExactSum bulk = new ExactSum();
        double[] array = numbers.stream().mapToDouble(Double::doubleValue).toArray();
        bulk.add(array, 0, cut);
        bulk.add(array, cut, array.length);
        assertThat(bulk.value()).as("%s at %s", numbers, cut).isEqualTo(left.value());
        Collections.shuffle(numbers, random);
      }
    }
  }

  @Test
  void tiesAreDecidedByWhatLiesBelow() {
    assertThat(sum(List.of(1.0, 0x1p-53)).value()).isEqualTo(1);
    assertThat(sum(List.of(1.0, 0x1p-53, Double.MIN_VALUE)).value()).isEqualTo(Math.nextUp(1.0));
    assertThat(sum(List.of(1.0, 0x1p-53, 0x1p-60, -0x1p-60)).value()).isEqualTo(1);
  }

  @Test
  void onlyTheWholeSumOverflows() {
    assertThat(sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE)).value())
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(sum(List.of(-Double.MAX_VALUE, -Double.MAX_VALUE)).value())
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE)).value())
        .isEqualTo(Double.MAX_VALUE);
    assertThat(sum(List.of(1e308, 1e308, -1e308, 3.5, -1e308)).value()).isEqualTo(3.5);
    assertThat(sum(List.of(1e308, 1e308)).mean(2)).isEqualTo(1e308);
  }

  @Test
  void ofNothingIsZero() {
    assertThat(new ExactSum().value()).isZero();
  }

  @Test
  void manyAtOnceAreTheSameAsOneByOne() {
    Random random = Seed.random();
    for (int round = 0; round < 300; round++) {
      double unit = Math.pow(10, random.nextInt(20) - 10);
      int odd = random.nextInt(3);
      double[] numbers = new double[random.nextInt(2_000)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = random.nextInt(1_000_000) * unit;
        if (odd > 0 && random.nextInt(500) == 0) {
          numbers[i] = odd == 1 ? 1e300 * random.nextGaussian() : Double.MIN_VALUE;
        }
      }
      ExactSum oneByOne = new ExactSum();
      for (double number : numbers) {
        oneByOne.add(number);
      }
      ExactSum atOnce = new ExactSum();
      atOnce.add(numbers, 0, numbers.length);
      assertThat(atOnce.value()).isEqualTo(oneByOne.value());
      for (double number : numbers) {
        atOnce.add(-number);
      }
      assertThat(atOnce.value()).isZero();
    }
  }

  @Test
  void wholeNumbersAndMultiples() {
    Random random = Seed.random();
    for (int round = 0; round < 1_000; round++) {
      long number = random.nextLong() >> random.nextInt(64);
      double factor = random.nextGaussian();
      int times = random.nextInt(1 << 22);
      ExactSum sum = new ExactSum();
      sum.add(number);
      sum.addTimes(factor, times);
      BigDecimal expected =
          new BigDecimal(number).add(new BigDecimal(factor).multiply(new BigDecimal(times)));
      assertThat(sum.value()).isEqualTo(expected.doubleValue());
      assertThat(new ExactSum().lowestBit()).isEqualTo(Integer.MAX_VALUE);
      int lowest = sum.lowestBit();
      long units = sum.inUnits(lowest);
      if (units != Long.MIN_VALUE) {
        assertThat(units & 1).isOne();
        assertThat(new BigDecimal(units).multiply(new BigDecimal(Math.scalb(1.0, lowest))))
            .isEqualByComparingTo(expected);
      }
    }
  }

  @Test
  void negativeZeroIsZero() {
    ExactSum sum = sum(List.of(-0.0));
    assertThat(Double.doubleToRawLongBits(sum.value())).isZero();
    assertThat(sum(List.of(-Double.MIN_VALUE)).lowestBit()).isEqualTo(-1074);
    assertThat(sum(List.of(Double.MIN_NORMAL)).lowestBit()).isEqualTo(-1022);
    assertThat(sum(List.of(-3.0)).lowestBit()).isZero();
  }

  private static ExactSum sum(List<Double> numbers) {
    ExactSum sum = new ExactSum();
    numbers.forEach(sum::add);
    return sum;
  }

  private static List<Double> numbers(Random random) {
    List<Double> numbers = new ArrayList<>();
    int kind = random.nextInt(4);
    for (int i = random.nextInt(40); i >= 0; i--) {
      double number =
          switch (kind) {
            case 0 -> random.nextGaussian();
            case 1 -> Math.scalb(random.nextDouble() - 0.5, random.nextInt(2000) - 1000);
            case 2 -> Math.scalb(random.nextBoolean() ? 1.0 : -1.0, random.nextInt(120) - 60);
            default -> Math.scalb(random.nextDouble() - 0.5, 1020 + random.nextInt(5));
          };
      numbers.add(number);
      if (random.nextInt(3) == 0) {
        numbers.add(-number);
      }
    }
    return numbers;
  }
}
