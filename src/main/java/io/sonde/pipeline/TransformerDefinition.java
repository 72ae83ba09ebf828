package io.sonde.pipeline;

import java.util.Map;

/**
 * One step of a sink.
 *
 * @param parameters as configured, for the version of the definitions
 * @param transformer made of them
 */
public record TransformerDefinition(
    String name, Map<String, Object> parameters, Transformer transformer) {}
