package io.sonde.http;

/**
 * How the samples of one push are read.
 *
 * @param meter the meter of the path, which all samples must name; null where any may stand. With
 *     it the rules of Ceilometer's own POST hold: no message ids, and the source is prefixed with
 *     the project
 * @param caller fills what samples leave out, and keeps them to its project
 * @param idempotencyKey makes the ids of samples that have none repeatable, or null
 */
record PushContext(String meter, Caller caller, String idempotencyKey) {}
