package io.sonde.polling;

/**
 * How it stands with one polled resource. Moments are milliseconds since 1970; 0 is never.
 *
 * @param source name of the polling source
 * @param discovery what found it, as the source names it
 * @param pollster that reads it
 * @param resourceId which resource it is
 * @param host name of the only host on which it can be read, or null when any node can
 * @param isPolled whether it is asked by itself; otherwise it is read along with others by its
 *     discovery
 * @param lastPoll when the last poll began
 * @param lastSuccess when the last poll began whose samples were stored
 * @param durationMillis how long the last reading took
 * @param samples how many samples the last success gave
 * @param failures how many polls failed since the last success
 * @param error why the last one failed; null when it did not
 */
public record PollStatus(
    String source,
    String discovery,
    String pollster,
    String resourceId,
    String host,
    boolean isPolled,
    long lastPoll,
    long lastSuccess,
    long durationMillis,
    int samples,
    int failures,
    String error) {
  private static final int MAX_ERROR = 500;

  public PollStatus {
    if (error != null && error.length() > MAX_ERROR) {
      error = error.substring(0, MAX_ERROR) + "…";
    }
  }

  /** Known, and not polled yet. */
  static PollStatus of(PollSpec spec) {
    return new PollStatus(
        spec.source(),
        spec.discovery(),
        spec.target().pollster(),
        spec.target().resourceId(),
        spec.target().host(),
        spec.isPolled(),
        0,
        0,
        0,
        0,
        0,
        null);
  }

  /** How its polls went so far, of what is known now. */
  PollStatus with(PollSpec spec) {
    PollStatus now = of(spec);
    return now.after(lastPoll, lastSuccess, durationMillis, samples, failures, error);
  }

  PollStatus succeeded(long poll, long millis, int count) {
    return after(poll, poll, millis, count, 0, null);
  }

  PollStatus failed(long poll, long millis, String why) {
    return after(poll, lastSuccess, millis, samples, failures + 1, why);
  }

  private PollStatus after(
      long poll, long success, long millis, int count, int failed, String why) {
    return new PollStatus(
        source,
        discovery,
        pollster,
        resourceId,
        host,
        isPolled,
        poll,
        success,
        millis,
        count,
        failed,
        why);
  }

  /** See {@link PollSpec#entityId}; also the order in which they are listed. */
  public String entityId() {
    return PollSpec.entityId(source, pollster, resourceId);
  }

  public boolean isFailing() {
    return failures > 0;
  }
}
