package io.sonde.polling;

import static java.util.Objects.requireNonNull;

/**
 * Something that can be read.
 *
 * @param pollster name of the pollster that can read it
 * @param resourceId resource of the samples
 * @param host name of the only host on which it can be read, or null when any node can
 * @param address what the pollster is to read, in a form of its own: a URL, a part of a host
 */
public record PolledTarget(String pollster, String resourceId, String host, String address) {
  public PolledTarget {
    requireNonNull(pollster, "pollster");
    requireNonNull(resourceId, "resourceId");
    requireNonNull(address, "address");
  }
}
