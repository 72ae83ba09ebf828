package io.sonde.definition;

import java.util.Locale;
import java.util.Map;

/**
 * What a sensor says as ipmitool and Ironic write it: a number, perhaps its tolerance, and a unit,
 * as in {@code 25 (+/- 0) degrees C}.
 *
 * @param volume the first word; whether it is a number is not looked at
 * @param unit the last word, with the usual sign for watts and volts
 */
public record IpmiReading(String volume, String unit) {
  private static final Map<String, String> UNITS = Map.of("Watts", "W", "Volts", "V");

  /** Takes a reading apart; null where it is a single word. */
  public static IpmiReading of(String text) {
    int blank = text.indexOf(' ');
    if (blank < 0) {
      return null;
    }
    String unit = text.substring(text.lastIndexOf(' ') + 1);
    return new IpmiReading(text.substring(0, blank), UNITS.getOrDefault(unit, unit));
  }

  /** The resource that a sensor is, as Ceilometer names it. */
  public static String resourceId(String node, String sensorId) {
    return node + "-" + sensorId.toLowerCase(Locale.ROOT).replace(' ', '_');
  }
}
