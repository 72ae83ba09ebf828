package io.sonde.query;

import io.sonde.model.Sample;

/**
 * A sample as it was recorded.
 *
 * @param id the id that Sonde gives it; it locates the sample by series and time
 * @param sample the sample
 * @param recordedAt when it was recorded, seconds since 1970
 */
public record StoredSample(String id, Sample sample, long recordedAt) {}
