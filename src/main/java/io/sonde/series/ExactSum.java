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

  /**
   * The greatest double has 128 bytes; four more are room for as many additions as an int counts.
   */
  private static final int MAX_HUGE_BYTES = 133;

  /** Numbers that are added at once; few, so that one odd one among them slows down few. */
  private static final int STRETCH = 256;

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

  /**
   * Adds the numbers from place {@code from} to before place {@code to}; the same as adding each,
   * and faster.
   */
  public void add(double[] numbers, int from, int to) {
    for (int start = from; start < to; start += STRETCH) {
      addStretch(numbers, start, Math.min(to, start + STRETCH));
    }
  }

  /**
   * Two-sum into a sum, its errors into a second sum. Numbers of one kind fit into the two: then no
   * error of the second is other than zero, and together they are exact. Where they do not fit, the
   * numbers are added one by one.
   */
  private void addStretch(double[] numbers, int from, int to) {
    double sum = 0;
    double errors = 0;
    double lost = 0;
    for (int i = from; i < to; i++) {
      double number = numbers[i];
      double next = sum + number;
      double virtual = next - sum;
      double error = (sum - (next - virtual)) + (number - virtual);
      sum = next;
      double nextErrors = errors + error;
      virtual = nextErrors - errors;
      lost += Math.abs((errors - (nextErrors - virtual)) + (error - virtual));
      errors = nextErrors;
    }
    if (lost == 0 && Math.abs(sum) < HUGE) {
      add(sum);
      add(errors);
    } else {
      for (int i = from; i < to; i++) {
        add(numbers[i]);
      }
    }
  }

  /** Adds a whole number. */
  void add(long number) {
    long high = number & 0xffff_ffff_0000_0000L;
    add((double) high);
    add((double) (number - high));
  }

  /** Adds a number so many times; its size is far from both ends of the range of doubles. */
  void addTimes(double number, int times) {
    double product = number * times;
    add(product);
    add(Math.fma(number, times, -product));
  }

  /** Adds another sum; exact as well. */
  public void add(ExactSum other) {
    huge = huge.add(other.huge);
    for (int i = 0; i < other.size; i++) {
      add(other.parts[i]);
    }
  }

  /** The exponent of the lowest bit that is set; {@link Integer#MAX_VALUE} for zero. */
  int lowestBit() {
    int lowest = Integer.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      if (parts[i] != 0) {
        long bits = Double.doubleToRawLongBits(parts[i]);
        int exponent = Math.max(1, (int) (bits >>> 52) & 0x7ff) - 1075;
        // The hidden bit stops the count; a subnormal has none, but another bit lower down.
        lowest = Math.min(lowest, exponent + Long.numberOfTrailingZeros(bits | 1L << 52));
      }
    }
    return lowest;
  }

  /**
   * The exact sum in units of 2 to the power of {@code exponent}, which is not above {@link
   * #lowestBit()}; {@link Long#MIN_VALUE} when it is not below 2^62 of them.
   */
  long inUnits(int exponent) {
    long units = 0;
    for (int i = 0; i < size; i++) {
      double part = Math.scalb(parts[i], -exponent);
      if (Math.abs(part) >= 0x1p61) {
        return Long.MIN_VALUE;
      }
      units += (long) part;
    }
    return huge.signum() == 0 && Math.abs(units) < 1L << 62 ? units : Long.MIN_VALUE;
  }

  /** Writes the exact sum. */
  void write(ByteWriter out) {
    boolean isHuge = huge.signum() != 0;
    out.writeVarint(size << 1 | (isHuge ? 1 : 0));
    if (isHuge) {
      out.writeBytes(huge.toByteArray());
    }
    for (int i = 0; i < size; i++) {
      out.writeDouble(parts[i]);
    }
  }

  /** What {@link #write} wrote. */
  static ExactSum read(ByteReader in) {
    ExactSum sum = new ExactSum();
    int sizes = in.readNumber();
    if ((sizes & 1) != 0) {
      byte[] huge = in.readBytes();
      if (huge.length == 0 || huge.length > MAX_HUGE_BYTES) {
        throw new CorruptDataException("the large part of a sum in " + huge.length + " bytes");
      }
      sum.huge = new BigInteger(huge);
    }
    for (int left = sizes >>> 1; left > 0; left--) {
      double part = in.readDouble();
      if (!Double.isFinite(part)) {
        throw new CorruptDataException("a sum of " + part);
      }
      sum.add(part);
    }
    return sum;
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
    // Negative zero, which one number alone may have left, is zero.
    double high = parts[i] + 0.0;
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

  /** The sum itself. */
  BigDecimal exact() {
    BigDecimal sum = new BigDecimal(huge);
    for (int i = 0; i < size; i++) {
      sum = sum.add(new BigDecimal(parts[i]));
    }
    return sum;
  }
}
