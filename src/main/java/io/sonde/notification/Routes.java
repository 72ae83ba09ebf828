package io.sonde.notification;

import io.sonde.model.Door;
import io.sonde.model.NameMemo;
import io.sonde.model.Provenance;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.SinkDefinition;
import io.sonde.pipeline.SourceDefinition;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Where a meter's samples go, remembered for the meters seen. */
public final class Routes {
  private static final int MAX_METERS = 20_000;

  /**
   * A way through the pipelines. Meters that go the same way have the same object.
   *
   * @param stages sinks with transformers
   * @param stored all sinks without transformers, as {@link Provenance} notes them: what goes to
   *     several of them is stored once; empty for none
   */
  public record Route(List<String> stages, String stored) {
    boolean isNowhere() {
      return stages.isEmpty() && stored.isEmpty();
    }
  }

  private final String tag;
  private final List<SourceDefinition> sources;
  private final List<SinkDefinition> sinks;
  private final Map<Door, NameMemo<Route>> known = new EnumMap<>(Door.class);
  private final Map<Route, Route> routes = new HashMap<>();

  public Routes(PipelineSettings settings) {
    this.tag = settings.tag();
    this.sources = settings.sources();
    this.sinks = settings.sinks();
    for (Door door : Door.values()) {
      known.put(door, new NameMemo<>(MAX_METERS, meter -> find(door, meter)));
    }
  }

  /** The way of a meter's samples. */
  public Route of(Door door, String meter) {
    return known.get(door).of(meter);
  }

  private synchronized Route find(Door door, String meter) {
    Set<String> taking = new LinkedHashSet<>();
    for (SourceDefinition source : sources) {
      if (source.takes(door, meter)) {
        taking.addAll(source.sinks());
      }
    }
    List<String> stages = new ArrayList<>();
    StringJoiner stored = new StringJoiner(",");
    for (SinkDefinition sink : sinks) {
      if (taking.contains(sink.name())) {
        if (sink.transformers().isEmpty()) {
          stored.add(sink.name());
        } else {
          stages.add(sink.name());
        }
      }
    }
    Route route =
        new Route(
            List.copyOf(stages), stored.length() == 0 ? "" : Provenance.of(stored.toString(), tag));
    return routes.computeIfAbsent(route, one -> one);
  }
}
