package io.sonde.query;

import io.sonde.model.Timestamps;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * A time through which a resource existed in one state and shape. One that follows without a gap is
 * of the same existence.
 *
 * @param begin microseconds since 1970 in UTC
 * @param end likewise, exclusive; {@link #OPEN} where it has not ended
 * @param state null where nobody told
 * @param shape values by the names of their traits
 * @param begunBy the event, or what else, by which that is known
 * @param endedBy likewise; null where it has not ended
 * @param remarks what was contradicting or missing
 */
public record Interval(
    long begin,
    long end,
    String state,
    SortedMap<String, String> shape,
    String begunBy,
    String endedBy,
    List<String> remarks) {
  /** It goes on. */
  public static final long OPEN = Long.MAX_VALUE;

  /** That of a resource of which nothing was told but samples. */
  static Interval measured(ResourceView resource) {
    return new Interval(
        resource.firstTimestamp(),
        OPEN,
        null,
        Collections.emptySortedMap(),
        "its first sample",
        null,
        List.of(
            "no event told of it; it was measured last at "
                + Timestamps.format(resource.lastTimestamp())));
  }
}
