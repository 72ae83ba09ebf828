package io.sonde.server;

import akka.actor.typed.ActorSystem;
import io.sonde.cluster.Members;
import io.sonde.cluster.Role;
import io.sonde.pipeline.LivePipelines;
import java.util.List;

/**
 * The roles without which samples cannot be taken and asked for: that of collectors, and that of
 * stages where a sink needs them. That nobody polls, listens or serves the API hinders no other.
 */
final class NeededRoles {
  private final Members members;
  private final LivePipelines pipelines;

  NeededRoles(ActorSystem<?> system, LivePipelines pipelines) {
    this.members = new Members(system);
    this.pipelines = pipelines;
  }

  /** Which of them no node has; null where none is missing. */
  String missing() {
    boolean needsStages = pipelines.get().sinks().stream().anyMatch(sink -> !sink.isStateless());
    return members.absence(
        needsStages ? List.of(Role.COLLECTOR, Role.PIPELINE) : List.of(Role.COLLECTOR));
  }
}
