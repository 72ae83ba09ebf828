package io.sonde.http;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import java.util.List;

/**
 * The samples of one push, all of them valid.
 *
 * @param batch what goes on
 * @param sentMetadata the metadata of each sample as it was sent, for the echo of a meter's POST,
 *     which stores dotted keys as objects; empty for other pushes
 */
record PushedSamples(SampleBatch batch, List<Metadata> sentMetadata) {}
