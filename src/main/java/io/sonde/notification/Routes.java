package io.sonde.notification;

import io.sonde.model.Door;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.SinkDefinition;
import io.sonde.pipeline.SourceDefinition;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Which sinks a meter's samples go to, remembered for the meters seen. */
final class Routes {
  /** Names come from outside: above this many, remembering begins anew. */
  private static final int MAX_METERS = 20_000;

  private final List<SourceDefinition> sources;
  private final List<String> sinks;
  private final Map<Door, ConcurrentHashMap<String, boolean[]>> known = new EnumMap<>(Door.class);

  Routes(PipelineSettings settings) {
    this.sources = settings.sources();
    this.sinks = settings.sinks().stream().map(SinkDefinition::name).toList();
    for (Door door : Door.values()) {
      known.put(door, new ConcurrentHashMap<>());
    }
  }

  /** Whether each sink, in the order of the settings, takes the meter; not to be changed. */
  boolean[] of(Door door, String meter) {
    ConcurrentHashMap<String, boolean[]> meters = known.get(door);
    boolean[] route = meters.get(meter);
    if (route == null) {
      route = find(door, meter);
      if (meters.size() >= MAX_METERS) {
        meters.clear();
      }
      meters.put(meter, route);
    }
    return route;
  }

  private boolean[] find(Door door, String meter) {
    boolean[] route = new boolean[sinks.size()];
    for (SourceDefinition source : sources) {
      if (source.takes(door, meter)) {
        for (String sink : source.sinks()) {
          route[sinks.indexOf(sink)] = true;
        }
      }
    }
    return route;
  }
}
