package io.sonde.pipeline;

import java.util.List;

/**
 * What is done with samples, and who gets the result.
 *
 * @param transformers in the order of their use; none: samples are handed on as they are
 * @param publishers URLs such as {@code collector://}
 */
public record SinkDefinition(
    String name, List<TransformerDefinition> transformers, List<String> publishers) {
  /** The transformers themselves. */
  public List<Transformer> chain() {
    return transformers.stream().map(TransformerDefinition::transformer).toList();
  }
}
