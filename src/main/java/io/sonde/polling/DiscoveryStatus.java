package io.sonde.polling;

import java.util.List;

/**
 * How it stands with one discovery of a source. Moments are milliseconds since 1970; 0 is never.
 *
 * @param source name of the polling source
 * @param discovery as the source names it
 * @param host the host for which it looks; null when it looks for all of the cluster
 * @param lastLook when it looked last
 * @param lastSuccess when it looked last and was answered
 * @param durationMillis how long that took
 * @param found how many resources it knows of
 * @param isComplete whether the last answer was whole
 * @param failures how often it failed since it was answered
 * @param error why it failed last; null when it did not
 * @param remarks what else went wrong, at most {@value #MAX_REMARKS} lines
 */
public record DiscoveryStatus(
    String source,
    String discovery,
    String host,
    long lastLook,
    long lastSuccess,
    long durationMillis,
    int found,
    boolean isComplete,
    int failures,
    String error,
    List<String> remarks) {
  /** More are not kept. */
  public static final int MAX_REMARKS = 20;

  private static final int MAX_TEXT = 500;

  public DiscoveryStatus {
    error = error == null ? null : cropped(error);
    remarks = remarks.stream().limit(MAX_REMARKS).map(DiscoveryStatus::cropped).toList();
  }

  private static String cropped(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }
}
