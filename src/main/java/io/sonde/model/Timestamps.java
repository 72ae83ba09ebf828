package io.sonde.model;

/**
 * Moments as text and as microseconds since 1970 in UTC. Senders write them in several ways: with a
 * blank or a T, with a fraction of any length, with Z, an offset or nothing, which means UTC. Every
 * pushed sample passes here, so this reads characters instead of asking {@code java.time}.
 */
public final class Timestamps {
  /** The first microsecond of year 1. */
  public static final long MIN = epochDay(1, 1, 1) * Timestamps.DAY;

  /** The last microsecond of year 9999. */
  public static final long MAX = epochDay(10_000, 1, 1) * Timestamps.DAY - 1;

  private static final long SECOND = 1_000_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private Timestamps() {}

  /**
   * The microseconds of a date, or of a date and a time to the minute or finer; digits of the
   * fraction beyond the sixth are cut off. An offset is honoured.
   *
   * @throws IllegalArgumentException when the text is anything else, or outside the years 1 to 9999
   */
  public static long parse(String text) {
    if (text.length() < 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
      throw invalid();
    }
    int year = two(text, 0) * 100 + two(text, 2);
    int month = two(text, 5);
    int day = two(text, 8);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
      throw invalid();
    }
    long micros = epochDay(year, month, day) * DAY;
    if (text.length() > 10) {
      char separator = text.charAt(10);
      if (separator != 'T' && separator != ' ' && separator != 't') {
        throw invalid();
      }
      micros += time(text);
    }
    if (micros < MIN || micros > MAX) {
      throw invalid();
    }
    return micros;
  }

  /** Naive UTC, as Ceilometer writes it: a fraction of six digits only when there is one. */
  public static String format(long micros) {
    StringBuilder out = new StringBuilder(26);
    long day = Math.floorDiv(micros, DAY);
    long ofDay = Math.floorMod(micros, DAY);
    date(day, out);
    out.append('T');
    pad(ofDay / HOUR, 2, out);
    out.append(':');
    pad(ofDay / MINUTE % 60, 2, out);
    out.append(':');
    pad(ofDay / SECOND % 60, 2, out);
    long fraction = ofDay % SECOND;
    if (fraction != 0) {
      out.append('.');
      pad(fraction, 6, out);
    }
    return out.toString();
  }

  /** Reads from position 11 on; the offset, if any, is subtracted already. */
  private static long time(String text) {
    int hour = two(text, 11);
    expect(text, 13, ':');
    int minute = two(text, 14);
    int at = 16;
    int second = 0;
    long fraction = 0;
    if (at < text.length() && text.charAt(at) == ':') {
      second = two(text, at + 1);
      at += 3;
      if (at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == ',')) {
        int from = ++at;
        long unit = SECOND;
        while (at < text.length() && isDigit(text.charAt(at))) {
          unit /= 10;
          fraction += unit * (text.charAt(at) - '0');
          at++;
        }
        if (at == from || at - from > 9) {
          throw invalid();
        }
      }
    }
    if (hour > 23 || minute > 59 || second > 59) {
      throw invalid();
    }
    return hour * HOUR + minute * MINUTE + second * SECOND + fraction - offset(text, at);
  }

  private static long offset(String text, int from) {
    int at = from;
    if (at == text.length()) {
      return 0;
    }
    char sign = text.charAt(at++);
    if (sign == 'Z' || sign == 'z') {
      if (at != text.length()) {
        throw invalid();
      }
      return 0;
    }
    if (sign != '+' && sign != '-') {
      throw invalid();
    }
    int hours = two(text, at);
    int minutes = 0;
    at += 2;
    if (at < text.length()) {
      if (text.charAt(at) == ':') {
        at++;
      }
      minutes = two(text, at);
      at += 2;
    }
    if (at != text.length() || hours > 23 || minutes > 59) {
      throw invalid();
    }
    long size = hours * HOUR + minutes * MINUTE;
    return sign == '-' ? -size : size;
  }

  private static int two(String text, int at) {
    if (at + 1 >= text.length() || !isDigit(text.charAt(at)) || !isDigit(text.charAt(at + 1))) {
      throw invalid();
    }
    return (text.charAt(at) - '0') * 10 + text.charAt(at + 1) - '0';
  }

  private static void expect(String text, int at, char c) {
    if (at >= text.length() || text.charAt(at) != c) {
      throw invalid();
    }
  }

  /** ASCII only: {@code Character.isDigit} takes the digits of every script. */
  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int daysIn(int year, int month) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS[month - 1];
  }

  /** Days since 1970 in the proleptic Gregorian calendar, counted in years that begin in March. */
  private static long epochDay(int year, int month, int day) {
    int y = month > 2 ? year : year - 1;
    int era = Math.floorDiv(y, 400);
    int yearOfEra = y - era * 400;
    int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097L + dayOfEra - 719_468;
  }

  private static void date(long epochDay, StringBuilder out) {
    long shifted = epochDay + 719_468;
    long era = Math.floorDiv(shifted, 146_097);
    long dayOfEra = shifted - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long shiftedMonth = (5 * dayOfYear + 2) / 153;
    long month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    pad(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4, out);
    out.append('-');
    pad(month, 2, out);
    out.append('-');
    pad(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2, out);
  }

  private static void pad(long value, int width, StringBuilder out) {
    long power = 10;
    for (int digits = 1; digits < width; digits++, power *= 10) {
      if (value < power) {
        for (int zeros = width - digits; zeros > 0; zeros--) {
          out.append('0');
        }
        break;
      }
    }
    out.append(value);
  }

  private static IllegalArgumentException invalid() {
    return new IllegalArgumentException("invalid timestamp format");
  }
}
