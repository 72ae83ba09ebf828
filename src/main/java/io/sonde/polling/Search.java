package io.sonde.polling;

import io.sonde.model.NameFilter;
import java.time.Duration;

/**
 * What a {@link Discovery} is asked for.
 *
 * @param source name of the source
 * @param parameter what the source wrote after the discovery's name and a colon, or empty
 * @param meters the meters that the source keeps; what gives no other need not be looked for
 * @param deadline after which nobody waits for the answer any more
 */
public record Search(String source, String parameter, NameFilter meters, Duration deadline) {}
