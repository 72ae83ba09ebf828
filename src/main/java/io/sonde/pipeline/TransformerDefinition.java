package io.sonde.pipeline;

import io.sonde.model.Sample;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One step of a sink.
 *
 * @param parameters as configured, for the version of the definitions
 * @param transformer made of them
 */
public record TransformerDefinition(
    String name, Map<String, Object> parameters, Transformer transformer) {
  private static final Logger LOG = LoggerFactory.getLogger(TransformerDefinition.class);

  /**
   * As {@link Transformer#apply}; a sample that it cannot stand fails neither others nor a stage.
   */
  Outcome apply(Sample sample, byte[] memory, long now) {
    try {
      return transformer.apply(sample, memory, now);
    } catch (RuntimeException e) {
      LOG.warn("series={} skipped, the transformer failed", sample.series(), e);
      return Outcome.skipped(Skip.FAILED);
    }
  }
}
