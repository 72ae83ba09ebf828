package io.sonde.series;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;

/**
 * A sum of doubles without any rounding until it is asked for: kept as an expansion, doubles that
 * do not overlap and whose exact sum is the value. So the order of additions and the places where
 * parts are joined never change a digit of the result. Method: J. R. Shewchuk, "Adaptive Precision
 * Floating-Point Arithmetic", 1997, section 2 (grow-expansion with two-sum). Volumes are finite; a
 * sum beyond the range of double becomes infinite, and only when the whole sum is.
 */
public final class ExactSum {
  /** From here on numbers are integers, and are kept apart so that no partial sum overflows. */
  private static final double HUGE = 0x1p900;

  private double[] parts = new double[4];
  private int size;
  private BigInteger huge = BigInteger.ZERO;

  /** Adds one number. */
  public void add(double number) {
    if (Math.abs(number) >= HUGE) {
      huge = huge.add(new BigDecimal(number).toBigInteger());
      return;
    }
    double carry = number;
    int kept = 0;
    for (int i = 0; i < size; i++) {
      double part = parts[i];
      double sum = carry + part;
      double virtual = sum - carry;
      double error = (carry - (sum - virtual)) + (part - virtual);
      if (error != 0) {
        parts[kept++] = error;
      }
      carry = sum;
    }
    if (kept == parts.length) {
      parts = Arrays.copyOf(parts, kept * 2);
    }
    size = kept;
    if (carry != 0 || kept == 0) {
      parts[size++] = carry;
    }
  }

  /** Adds another sum; exact as well. */
  public void add(ExactSum other) {
    huge = huge.add(other.huge);
    for (int i = 0; i < other.size; i++) {
      add(other.parts[i]);
    }
  }

  /** Writes the exact sum. */
  void write(ByteWriter out) {
    out.writeBytes(huge.toByteArray()).writeVarint(size);
    for (int i = 0; i < size; i++) {
      out.writeDouble(parts[i]);
    }
  }

  /** Adds what {@link #write} wrote to a sum. */
  static void addWritten(ByteReader in, ExactSum to) {
    byte[] huge = in.readBytes();
    if (huge.length > 1 || huge[0] != 0) {
      to.huge = to.huge.add(new BigInteger(huge));
    }
    for (int left = in.readCount(); left > 0; left--) {
      to.add(in.readDouble());
    }
  }

  /**
   * Goes on behind what {@link #write} wrote.
   *
   * @throws CorruptDataException when that is no sum
   */
  static void skipWritten(ByteReader in) {
    int huge = in.readCount();
    if (huge == 0) {
      throw new CorruptDataException("a sum without its large part");
    }
    in.skip(huge);
    in.skip(in.readCount() * Double.BYTES);
  }

  /** The double nearest to the exact sum (ties to even). */
  public double value() {
    if (huge.signum() != 0) {
      return exact().doubleValue();
    }
    if (size == 0) {
      return 0;
    }
    // From the largest part down; the first remainder that is not zero decides the rounding, and a
    // tie is decided by the sign of what comes below it.
    int i = size - 1;
    double high = parts[i];
    double low = 0;
    while (i > 0) {
      double before = high;
      double next = parts[--i];
      high = before + next;
      low = next - (high - before);
      if (low != 0) {
        break;
      }
    }
    if (i > 0 && ((low < 0 && parts[i - 1] < 0) || (low > 0 && parts[i - 1] > 0))) {
      double twice = low * 2;
      double shifted = high + twice;
      if (twice == shifted - high) {
        high = shifted;
      }
    }
    return high;
  }

  /**
   * The exact sum divided by a count, rounded once more; within one unit in the last place of the
   * true mean.
   */
  public double mean(long count) {
    double sum = value();
    return Double.isInfinite(sum)
        ? exact().divide(BigDecimal.valueOf(count), MathContext.DECIMAL128).doubleValue()
        : sum / count;
  }

  private BigDecimal exact() {
    BigDecimal sum = new BigDecimal(huge);
    for (int i = 0; i < size; i++) {
      sum = sum.add(new BigDecimal(parts[i]));
    }
    return sum;
  }
}
