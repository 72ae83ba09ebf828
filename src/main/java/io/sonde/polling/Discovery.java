package io.sonde.polling;

import java.util.concurrent.CompletionStage;

/** A way to find what there is to poll, for the sources whose {@code discovery} names it. */
public interface Discovery {
  /** The name by which sources ask for it; unique on a node. */
  String name();

  /**
   * Whether every node looks for itself, at what its own host has; otherwise one node looks for all
   * of the cluster. Two nodes may find the same target: it is polled once.
   */
  boolean isLocal();

  /**
   * All there is now. Called from many actors: it never blocks the caller.
   *
   * @return what was found; failed, best with a {@link PollException}, when that cannot be told:
   *     then what was found earlier stays
   */
  CompletionStage<Findings> find(Search search);
}
