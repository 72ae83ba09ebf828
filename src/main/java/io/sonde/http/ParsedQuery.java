package io.sonde.http;

import io.sonde.query.SampleFilter;

/**
 * A filter as the client gave it.
 *
 * @param filter what to ask for; its bounds include the search offset
 * @param start the lower bound on time without the search offset, or {@link Long#MIN_VALUE}
 * @param end the upper bound on time without the search offset, or {@link Long#MAX_VALUE}
 */
record ParsedQuery(SampleFilter filter, long start, long end) {}
