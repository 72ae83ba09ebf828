package io.sonde.polling;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Finds what there is to poll, for sources whose {@code discovery} bears its name. */
public interface TargetFinder {
  /** The name by which sources ask for it. */
  String name();

  /**
   * Whether every node looks for itself; otherwise one node looks for all of the cluster. Two nodes
   * may find the same target: it is polled once.
   */
  boolean local();

  /** All there is now; failed when that cannot be told, then what was found earlier stays. */
  CompletionStage<List<PolledTarget>> find(PollingSource source);
}
