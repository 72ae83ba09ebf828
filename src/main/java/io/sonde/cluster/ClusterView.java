package io.sonde.cluster;

import java.util.List;

/**
 * How it stands with the cluster, as one node sees it.
 *
 * @param answeredBy the address of that node
 * @param missing roles that no node has
 */
public record ClusterView(String answeredBy, List<Role> missing, List<NodeView> nodes) {
  /**
   * A node.
   *
   * @param report what it says of itself; null when it did not answer in time
   */
  public record NodeView(Members.Node node, NodeReport report) {}

  /** Whether all nodes answered, and told all. */
  public boolean isComplete() {
    return nodes.stream()
        .map(NodeView::report)
        .allMatch(
            report ->
                report != null
                    && !report.isCut()
                    && report.hosted().stream().allMatch(hosted -> hosted.shards() >= 0));
  }
}
