package io.sonde.series;

/**
 * Volumes as whole numbers of a power of ten: what meters show has few digits behind the point, and
 * whole numbers are packed better than doubles. A volume v stands for m with k digits where the
 * double nearest to m divided by 10^k is v to the last bit.
 */
final class Decimals {
  /** Nanoseconds in seconds have that many. */
  static final int MAX_DIGITS = 9;

  private static final double[] POWERS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

  /** Beyond this, whole numbers are not exact in a double. */
  private static final double LIMIT = 0x1p53;

  private Decimals() {}

  /**
   * Fills in the whole numbers of the volumes from place {@code from} to before {@code to}.
   *
   * @return the least number of digits that does for all, or -1 where none does
   */
  static int scale(double[] volumes, int from, int to, long[] into) {
    int digits = 0;
    while (true) {
      int i = scale(volumes, from, to, POWERS[digits], into);
      if (i == to) {
        return digits;
      }
      do {
        digits++;
        if (digits > MAX_DIGITS) {
          return -1;
        }
      } while (scale(volumes, i, i + 1, POWERS[digits], into) == i);
    }
  }

  /** Up to the first volume that is none, whose place it returns. */
  private static int scale(double[] volumes, int from, int to, double power, long[] into) {
    for (int i = from; i < to; i++) {
      double volume = volumes[i];
      double number = Math.rint(volume * power);
      // Negative zero would come back as zero.
      if (!(Math.abs(number) < LIMIT)
          || Double.doubleToRawLongBits(number / power) != Double.doubleToRawLongBits(volume)
          || Double.doubleToRawLongBits(number) == Long.MIN_VALUE) {
        return i;
      }
      into[i - from] = (long) number;
    }
    return to;
  }

  /** The volume that a whole number stands for. */
  static double volume(long number, int digits) {
    return number / POWERS[digits];
  }

  /** The first {@code volumes.length} volumes. */
  static void volumes(long[] numbers, int digits, double[] volumes) {
    double power = POWERS[digits];
    if (digits == 0) {
      for (int i = 0; i < volumes.length; i++) {
        volumes[i] = numbers[i];
      }
    } else {
      for (int i = 0; i < volumes.length; i++) {
        volumes[i] = numbers[i] / power;
      }
    }
  }

  /** A long that is ordered as the doubles are, and back; keeps every bit. */
  static long ordered(long bits) {
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }
}
