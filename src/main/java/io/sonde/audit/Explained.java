package io.sonde.audit;

import io.sonde.model.Door;
import io.sonde.store.OriginStore.PipelineVersion;
import java.util.List;

/**
 * Where a sample comes from.
 *
 * @param origin where it stands in the journal; null where no journal has it (any more)
 * @param sinks the names of those that it came through
 * @param pipelines the version of the pipelines that was in force; null where that is not on record
 * @param doors by which it may have come in: all by which samples of its meter take this way; none
 *     for derived ones
 * @param transformers the names of those that made it, in their order; none for what came in as it
 *     is
 * @param inputs the samples of which these made it, in the order of their recording; none where
 *     they are not found
 * @param isReproduced whether the transformers make exactly this volume of the inputs
 * @param unknown what cannot be told, and why
 */
public record Explained(
    Origin origin,
    List<String> sinks,
    PipelineVersion pipelines,
    List<Door> doors,
    List<String> transformers,
    List<Origin> inputs,
    boolean isReproduced,
    List<String> unknown) {}
