package io.sonde.polling;

import java.time.Duration;
import java.util.List;

/**
 * All that a {@link PolledResource} needs to know; it travels with every assertion, so that the
 * node which holds the entity needs no configuration of the source.
 *
 * @param source name of the polling source
 * @param discovery what found the target, as the source names it
 * @param interval time between polls; whole milliseconds, at least one
 * @param timeout after which an answer is not waited for any more
 * @param meters the source's patterns of meter names, applied to what was read
 * @param isPolled whether the target is to be asked; otherwise its discovery reads it along
 * @param target what to read
 */
public record PollSpec(
    String source,
    String discovery,
    Duration interval,
    Duration timeout,
    List<String> meters,
    boolean isPolled,
    PolledTarget target) {
  public PollSpec {
    meters = List.copyOf(meters);
  }

  static PollSpec of(PollingSource source, String discovery, Found found) {
    return new PollSpec(
        source.name(),
        discovery,
        source.interval(),
        source.timeout(),
        source.meters(),
        found.isToBePolled(),
        found.target());
  }

  /** The same on every node that asserts it: source, pollster and resource. */
  public String entityId() {
    return entityId(source, target.pollster(), target.resourceId());
  }

  static String entityId(String source, String pollster, String resourceId) {
    return source + "/" + pollster + "/" + resourceId;
  }
}
