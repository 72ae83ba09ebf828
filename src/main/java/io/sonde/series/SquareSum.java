package io.sonde.series;

import java.math.BigDecimal;
import java.math.MathContext;

/** An exact sum of the squares of doubles, in any order and parts; see {@link ExactSum}. */
public final class SquareSum {
  /** From here on numbers are whole, and so are their squares. */
  private static final double LARGE = 0x1p450;

  /** Below, the end of a square may be less than the least double. */
  private static final double SMALL = 0x1p-450;

  private static final int SCALE = 600;
  private static final BigDecimal UNSCALE =
      BigDecimal.ONE.divide(BigDecimal.valueOf(2).pow(2 * SCALE));

  private final ExactSum squares = new ExactSum();

  /** The squares of small numbers, each times 2^SCALE; or null. */
  private ExactSum scaled;

  /** The squares of large numbers. */
  private BigDecimal large = BigDecimal.ZERO;

  /** Adds the square of a number. */
  public void add(double number) {
    double size = Math.abs(number);
    if (size >= LARGE) {
      large = large.add(new BigDecimal(number).pow(2));
    } else if (size >= SMALL || size == 0) {
      add(number, squares);
    } else {
      scaled = scaled == null ? new ExactSum() : scaled;
      add(Math.scalb(number, SCALE), scaled);
    }
  }

  private static void add(double number, ExactSum to) {
    double square = number * number;
    to.add(square);
    to.add(Math.fma(number, number, -square));
  }

  /** Adds another sum; exact as well. */
  public void add(SquareSum other) {
    squares.add(other.squares);
    large = large.add(other.large);
    if (other.scaled != null) {
      scaled = scaled == null ? new ExactSum() : scaled;
      scaled.add(other.scaled);
    }
  }

  /**
   * The standard deviation of the numbers as a whole population, from the exact sums and rounded at
   * the end: within two units in the last place.
   *
   * @param sum of the same numbers
   * @param count of them, one at least
   */
  public double deviation(ExactSum sum, long count) {
    BigDecimal exact = squares.exact().add(large);
    if (scaled != null) {
      exact = exact.add(scaled.exact().multiply(UNSCALE));
    }
    BigDecimal many = BigDecimal.valueOf(count);
    BigDecimal variance =
        exact
            .multiply(many)
            .subtract(sum.exact().pow(2))
            .divide(many.multiply(many), MathContext.DECIMAL128);
    double rounded = variance.doubleValue();
    return rounded > 0x1p-900 && rounded < 0x1p900
        ? Math.sqrt(rounded)
        : variance.sqrt(MathContext.DECIMAL128).doubleValue();
  }
}
