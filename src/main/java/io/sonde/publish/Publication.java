package io.sonde.publish;

import java.util.Set;

/**
 * Which outside publisher gets the samples of which sinks.
 *
 * @param publisher its URL, as configured; names its position in the journal
 * @param sinks the sinks whose samples it gets
 */
public record Publication(String publisher, Set<String> sinks) {}
