package io.sonde.cluster;

/** What goes from node to node in this room; bound to {@link ClusterSerializer}. */
public sealed interface ClusterMessage permits NodeAgent.Tell, NodeReport {}
