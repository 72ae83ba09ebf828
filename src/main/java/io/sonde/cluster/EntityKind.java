package io.sonde.cluster;

import akka.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import akka.cluster.sharding.ShardCoordinator.ShardAllocationStrategy$;
import akka.cluster.sharding.typed.javadsl.Entity;

/** The kinds of entities that are spread over the nodes that have their role. */
public enum EntityKind {
  COLLECTOR("collector", Role.COLLECTOR, "collector", 1.0),
  STAGE("stage", Role.PIPELINE, "PipelineStage", 1.0),
  DISCOVERY("discovery", Role.POLLER, "poll-discovery", 1.0),
  /** A tenth at a time: of these there are very many, and each begins anew where it comes to. */
  POLLED_RESOURCE("polled-resource", Role.POLLER, "polled-resource", 0.1);

  private final String label;
  private final Role role;
  private final String typeName;
  private final double atOnce;

  EntityKind(String label, Role role, String typeName, double atOnce) {
    this.label = label;
    this.role = role;
    this.typeName = typeName;
    this.atOnce = atOnce;
  }

  /** How logs, metrics and answers call it. */
  public String label() {
    return label;
  }

  /** Which nodes it lives on. */
  public Role role() {
    return role;
  }

  /** Its name in the cluster, and in the journal. */
  public String typeName() {
    return typeName;
  }

  /**
   * Places entities of this kind: on nodes with its role only, as many shards on each. A node that
   * joins is given its share and no more, in steps of the part that may move at once; other nodes
   * only reach them.
   */
  public <M, E> Entity<M, E> placed(Entity<M, E> entity) {
    return entity.withRole(role.configName()).withAllocationStrategy(strategy());
  }

  private ShardAllocationStrategy strategy() {
    return ShardAllocationStrategy$.MODULE$.leastShardAllocationStrategy(Integer.MAX_VALUE, atOnce);
  }
}
