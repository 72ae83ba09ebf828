package io.sonde.model;

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

  private SampleId() {}

  public static String of(Series series, long timestamp, long key) {
    HexFormat hex = HexFormat.of();
    String time = hex.toHexDigits(timestamp);
    String identity = hex.toHexDigits(identity(series));
    String id =
        identity.substring(0, 8)
            + '-'
            + identity.substring(8, 12)
            + '-'
            + identity.substring(12)
            + '-'
            + time.substring(0, 4)
            + '-'
            + time.substring(4);
    return key == SampleKey.NONE ? id : id + '-' + hex.toHexDigits(key);
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
