package io.sonde.model;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The id that Sonde gives a sample: hexadecimal digits, in the form of a UUID, of a 64-bit hash of
 * its series and of its timestamp in microseconds, followed by its key where it has one. So the id
 * itself says where the sample lies, and equal samples have equal ids on every node.
 */
public final class SampleId {
  private static final Pattern FORM =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-[0-9a-f]{16})?");

  /** Characters of an id without a key, and with one. */
  private static final int PLAIN = 36;

  private static final int KEYED = 53;

  private SampleId() {}

  public static String of(Series series, long timestamp, long key) {
    return of(identity(series), timestamp, key);
  }

  /** The id of a sample of the series with this {@link #identity}. */
  public static String of(long identity, long timestamp, long key) {
    byte[] text = new byte[key == SampleKey.NONE ? PLAIN : KEYED];
    digits(identity >>> 32, text, 0, 8);
    digits(identity >>> 16, text, 9, 13);
    digits(identity, text, 14, 18);
    digits(timestamp >>> 48, text, 19, 23);
    digits(timestamp, text, 24, PLAIN);
    text[8] = text[13] = text[18] = text[23] = '-';
    if (key != SampleKey.NONE) {
      text[PLAIN] = '-';
      digits(key, text, PLAIN + 1, KEYED);
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** The lowest digits of a number. */
  private static void digits(long number, byte[] text, int from, int to) {
    long rest = number;
    for (int i = to - 1; i >= from; i--) {
      text[i] = (byte) Character.forDigit((int) rest & 0xf, 16);
      rest >>>= 4;
    }
  }

  /** What an id says of the sample. */
  public record Place(long identity, long timestamp, long key) {}

  /** What an id says, or null where it is none that Sonde gives. */
  public static Place parse(String id) {
    if (!FORM.matcher(id).matches()) {
      return null;
    }
    String digits = id.replace("-", "");
    long key = digits.length() == 32 ? SampleKey.NONE : number(digits, 32);
    return key == SampleKey.NONE && digits.length() > 32
        ? null
        : new Place(number(digits, 0), number(digits, 16), key);
  }

  private static long number(String digits, int from) {
    return HexFormat.fromHexDigitsToLong(digits, from, from + 16);
  }

  /** A 64-bit hash of all that identifies a series; the same on every machine and for ever. */
  public static long identity(Series series) {
    StringBuilder text = new StringBuilder(160);
    append(series.source(), text);
    append(series.meter(), text);
    append(series.type().wireName(), text);
    append(series.unit(), text);
    append(series.resourceId(), text);
    append(series.projectId(), text);
    append(series.userId(), text);
    for (Map.Entry<String, String> dimension : series.dimensions().entrySet()) {
      append(dimension.getKey(), text);
      append(dimension.getValue(), text);
    }
    return SampleKey.ofMessageId(text.toString());
  }

  /** With its length, so that no two series are written alike. */
  private static void append(String part, StringBuilder text) {
    if (part == null) {
      text.append('-');
    } else {
      text.append(part.length()).append(':').append(part);
    }
  }
}
