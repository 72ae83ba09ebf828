package io.sonde.query;

import io.sonde.model.Metadata;
import java.util.SortedSet;

/**
 * A resource as its samples show it.
 *
 * @param resourceId its id
 * @param projectId of its newest sample, or null
 * @param userId of its newest sample, or null
 * @param source of its newest sample
 * @param metadata of its newest sample
 * @param firstTimestamp of the samples that match, microseconds
 * @param lastTimestamp of the samples that match, microseconds
 * @param meters the names of its meters
 */
public record ResourceView(
    String resourceId,
    String projectId,
    String userId,
    String source,
    Metadata metadata,
    long firstTimestamp,
    long lastTimestamp,
    SortedSet<String> meters) {}
