package io.sonde.pipeline;

import io.sonde.model.Series;

/**
 * Whose reading it is.
 *
 * @param step the transformer's place in the chain
 * @param series the series that came to it
 */
record StageKey(int step, Series series) {}
