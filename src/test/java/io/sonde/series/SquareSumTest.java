package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sonde.Seed;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SquareSumTest {
  @Test
  void isThatOfNumbersOfAllSizes() {
    Random random = Seed.random();
    for (int round = 0; round < 300; round++) {
      int size = random.nextInt(2_000) - 1_050;
      int spread = 1 + random.nextInt(30);
      double[] numbers = new double[1 + random.nextInt(20)];
      for (int i = 0; i < numbers.length; i++) {
        int exponent = Math.min(1_019, size + random.nextInt(spread));
        numbers[i] = Math.scalb(random.nextGaussian(), exponent);
      }
      double expected = naive(numbers);
      assertThat(deviation(numbers)).isCloseTo(expected, within(2 * Math.ulp(expected)));
    }
  }

  @Test
  void isZeroWhereAllAreEqual() {
    for (double number : new double[] {0, 0.1, -1e300, Double.MIN_VALUE, 1e9 + 0.5}) {
      assertThat(deviation(number, number, number)).isEqualTo(0);
    }
  }

  @Test
  void smallDifferencesOfLargeNumbersAreNotLost() {
    assertThat(deviation(1e15, 1e15 + 1, 1e15 + 2)).isEqualTo(Math.sqrt(2 / 3.0));
  }

  /** Added in two parts. */
  private static double deviation(double... numbers) {
    SquareSum squares = new SquareSum();
    SquareSum others = new SquareSum();
    ExactSum sum = new ExactSum();
    for (int i = 0; i < numbers.length; i++) {
      (i % 3 == 0 ? others : squares).add(numbers[i]);
      sum.add(numbers[i]);
    }
    squares.add(others);
    return squares.deviation(sum, numbers.length);
  }

  private static double naive(double[] numbers) {
    MathContext fine = new MathContext(2_000);
    BigDecimal many = BigDecimal.valueOf(numbers.length);
    BigDecimal sum = BigDecimal.ZERO;
    for (double number : numbers) {
      sum = sum.add(new BigDecimal(number));
    }
    BigDecimal mean = sum.divide(many, fine);
    BigDecimal variance = BigDecimal.ZERO;
    for (double number : numbers) {
      variance = variance.add(new BigDecimal(number).subtract(mean).pow(2));
    }
    return variance.divide(many, fine).sqrt(new MathContext(40)).doubleValue();
  }
}
