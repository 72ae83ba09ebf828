package io.sonde.pipeline;

/**
 * What a transformer remembers of one series between samples: the newest sample it took.
 *
 * @param timestamp microseconds since 1970
 */
public record Reading(long timestamp, double volume) {}
