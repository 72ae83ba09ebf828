package io.sonde.audit;

import io.sonde.model.ConfigException;
import io.sonde.model.Door;
import io.sonde.model.Provenance;
import io.sonde.model.SampleId;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.SinkDefinition;
import io.sonde.pipeline.TransformerDefinition;
import io.sonde.store.Database;
import io.sonde.store.OriginStore;
import io.sonde.store.OriginStore.PipelineVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says where samples come from, from the database alone. Blocks. */
public final class Explainer {
  private final Origins origins;
  private final Inputs inputs;
  private final OriginStore store;

  public Explainer(Database database) {
    this.origins = new Origins(database);
    this.inputs = new Inputs(origins, database);
    this.store = new OriginStore(database);
  }

  /** What the journal and the versions of the pipelines say of a sample. */
  public Explained explain(SampleId.Place id) {
    List<String> unknown = new ArrayList<>();
    Optional<Origin> origin = origins.find(id);
    if (origin.isEmpty()) {
      unknown.add("all: no journal has the sample, or not any more");
      return new Explained(null, List.of(), null, List.of(), List.of(), List.of(), false, unknown);
    }
    unknown.add("who sent it: the journal has doors and sinks, not senders");
    String note = origin.get().note();
    List<String> sinks = Provenance.sinks(note);
    Optional<PipelineVersion> version = store.pipelines(Provenance.version(note));
    PipelineSettings pipelines = version.map(one -> settings(one, unknown)).orElse(null);
    if (version.isEmpty()) {
      unknown.add("the pipelines: no version " + Provenance.version(note) + " is on record");
    }
    SinkDefinition sink = pipelines == null ? null : pipelines.sink(sinks.get(0));
    if (sink == null) {
      return new Explained(
          origin.get(),
          sinks,
          version.orElse(null),
          List.of(),
          List.of(),
          List.of(),
          false,
          unknown);
    }
    if (sink.transformers().isEmpty()) {
      return new Explained(
          origin.get(),
          sinks,
          version.get(),
          doors(pipelines, Set.copyOf(sinks), origin.get().series().meter()),
          List.of(),
          List.of(),
          false,
          unknown);
    }
    Inputs.Found found = inputs.of(origin.get(), pipelines, sink);
    if (found.why() != null) {
      unknown.add("the inputs: " + found.why());
    }
    return new Explained(
        origin.get(),
        sinks,
        version.get(),
        List.of(),
        sink.transformers().stream().map(TransformerDefinition::name).toList(),
        found.inputs(),
        found.isExact(),
        unknown);
  }

  private static PipelineSettings settings(PipelineVersion version, List<String> unknown) {
    try {
      return PipelineSettings.ofDefinitions(version.definitions());
    } catch (ConfigException e) {
      unknown.add("door and inputs: this version cannot be made here: " + e.getMessage());
      return null;
    }
  }

  /** The doors whose samples of a meter go through just these of the sinks without transformers. */
  private static List<Door> doors(PipelineSettings pipelines, Set<String> sinks, String meter) {
    return Arrays.stream(Door.values())
        .filter(
            door -> {
              Set<String> taking = new HashSet<>();
              pipelines.sources().stream()
                  .filter(source -> source.takes(door, meter))
                  .forEach(source -> taking.addAll(source.sinks()));
              taking.removeIf(name -> !pipelines.sink(name).transformers().isEmpty());
              return taking.containsAll(sinks);
            })
        .toList();
  }

  /** The finder of samples in the journal. */
  public Origins origins() {
    return origins;
  }
}
