package io.sonde.openstack;

import io.sonde.polling.PolledSamples;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A kind of resource of which the listing tells all that is measured.
 *
 * @param discovery name of the discovery that finds them
 * @param listings where they are listed: all of them are read
 * @param meters the names of all that is measured
 * @param resourceId the id of an entry; fails where it has none
 * @param isCounted whether an entry is one that still is
 * @param reader reads the samples of an entry
 */
record Kind(
    String discovery,
    List<Listing> listings,
    Set<String> meters,
    Function<Entry, String> resourceId,
    Predicate<Entry> isCounted,
    Reader reader) {
  interface Reader {
    /**
     * Adds the samples of an entry.
     *
     * @throws io.sonde.polling.PollException when it cannot be understood
     */
    void read(String resourceId, Entry entry, PolledSamples samples);
  }

  /** With entries that are named by their {@code id} and all count. */
  static Kind of(String discovery, Listing listing, Set<String> meters, Reader reader) {
    return new Kind(
        discovery, List.of(listing), meters, entry -> entry.text("id"), entry -> true, reader);
  }
}
