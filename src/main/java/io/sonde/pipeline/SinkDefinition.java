package io.sonde.pipeline;

import io.sonde.model.Metadata;
import java.util.List;
import java.util.Map;

/**
 * What is done with samples, and who gets the result.
 *
 * @param transformers in the order of their use; none: samples are handed on as they are
 * @param publishers URLs such as {@code collector://}
 * @param definition the transformers as canonical JSON; they can be made of it again
 */
public record SinkDefinition(
    String name,
    List<TransformerDefinition> transformers,
    List<String> publishers,
    String definition) {
  /** A sink whose definition is that of its transformers. */
  public SinkDefinition(
      String name, List<TransformerDefinition> transformers, List<String> publishers) {
    this(name, transformers, publishers, definition(transformers));
  }

  /** Whether no transformer remembers anything. */
  public boolean isStateless() {
    return transformers.stream().allMatch(step -> step.transformer().isStateless());
  }

  /** The transformers as maps and lists. */
  List<Map<String, Object>> tree() {
    return tree(transformers);
  }

  private static String definition(List<TransformerDefinition> transformers) {
    return Metadata.of(Map.of("transformers", tree(transformers))).json();
  }

  private static List<Map<String, Object>> tree(List<TransformerDefinition> transformers) {
    return transformers.stream()
        .map(step -> Map.<String, Object>of("name", step.name(), "parameters", step.parameters()))
        .toList();
  }
}
