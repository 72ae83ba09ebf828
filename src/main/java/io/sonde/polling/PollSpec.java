package io.sonde.polling;

import java.time.Duration;
import java.util.List;

/**
 * All that a {@link PolledResource} needs to know; it travels with every assertion, so that the
 * node which holds the entity needs no configuration of the source.
 *
 * @param source name of the polling source
 * @param interval time between polls; whole milliseconds, at least one
 * @param timeout after which an answer is not waited for any more
 * @param meters the source's patterns of meter names, applied to what was read
 * @param target what to read
 */
public record PollSpec(
    String source, Duration interval, Duration timeout, List<String> meters, PolledTarget target) {
  public PollSpec {
    meters = List.copyOf(meters);
  }

  static PollSpec of(PollingSource source, PolledTarget target) {
    return new PollSpec(
        source.name(), source.interval(), source.timeout(), source.meters(), target);
  }

  /** The same on every node that asserts it: source, pollster and resource. */
  public String entityId() {
    return source + "/" + target.pollster() + "/" + target.resourceId();
  }
}
