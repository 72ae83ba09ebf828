package io.sonde.pipeline;

import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.pipeline.PipelineStage.Delivery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What all stages of a node work with. The definitions may change at any time; who needs them twice
 * reads them once.
 */
public final class StageSettings {
  private final Supplier<PipelineSettings> definitions;
  private final Delivery delivery;
  private final Remains remains;
  private final Clock clock;
  private final Map<String, StageBacklog> states = new ConcurrentHashMap<>();

  public StageSettings(
      Supplier<PipelineSettings> definitions, Delivery delivery, Remains remains, Clock clock) {
    this.definitions = definitions;
    this.delivery = delivery;
    this.remains = remains;
    this.clock = clock;
  }

  /** The definition of a sink, or null. */
  SinkDefinition sink(String name) {
    return definitions.get().sink(name);
  }

  /** The definition of a sink; one without transformers where there is none any more. */
  SinkDefinition sinkOrNothing(String name) {
    SinkDefinition sink = sink(name);
    return sink != null ? sink : new SinkDefinition(name, List.of(), List.of());
  }

  /** Transformers by their recorded definition. */
  List<TransformerDefinition> parse(String definition) {
    return new Transformers().parse(definition);
  }

  /** The {@link PipelineSettings#tag} of the definitions in force. */
  String version() {
    return definitions.get().tag();
  }

  Duration idleAfter() {
    return definitions.get().idleAfter();
  }

  Delivery delivery() {
    return delivery;
  }

  Remains remains() {
    return remains;
  }

  /** Where stages say how it stands with them, for anybody to read. */
  Map<String, StageBacklog> states() {
    return states;
  }

  long nowMicros() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
