package io.sonde.polling;

import java.util.List;

/**
 * Polled resources by the ids of their entities.
 *
 * @param isMore whether there may be others after them
 */
public record PollPage(List<PollStatus> statuses, boolean isMore) {
  public PollPage {
    statuses = List.copyOf(statuses);
  }
}
