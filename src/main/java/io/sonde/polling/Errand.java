package io.sonde.polling;

import io.sonde.model.NameFilter;
import io.sonde.polling.PollingSource.DiscoveryCall;
import io.sonde.store.DiscoveredStore.Searcher;
import java.util.ArrayList;
import java.util.List;

/**
 * A discovery that is to look for a source.
 *
 * @param host for which it looks; null when it looks for all of the cluster
 */
record Errand(PollingSource source, DiscoveryCall call, Discovery discovery, String host) {
  /** All that a node's settings ask for, for the node itself or for the cluster. */
  static List<Errand> of(PollingSettings settings) {
    List<Errand> errands = new ArrayList<>();
    for (PollingSource source : settings.sources()) {
      for (DiscoveryCall call : source.discoveries()) {
        Discovery discovery = settings.pollsters().discovery(call.name());
        errands.add(
            new Errand(source, call, discovery, discovery.isLocal() ? settings.host() : null));
      }
      if (!source.resources().isEmpty()) {
        errands.add(
            new Errand(
                source, ListedResources.CALL, new ListedResources(source.resources()), null));
      }
    }
    return errands;
  }

  boolean isLocal() {
    return host != null;
  }

  /** Whether what it does not find any more is gone; what a source lists itself is not. */
  boolean notices() {
    return !(discovery instanceof ListedResources);
  }

  /** Unique among the errands of a node. */
  String id() {
    return source.name() + "/" + call;
  }

  Searcher searcher() {
    return new Searcher(source.name(), isLocal() ? call + "@" + host : call.toString());
  }

  Search search() {
    return new Search(
        source.name(),
        call.parameter(),
        NameFilter.of(source.meters(), "sonde.polling.sources." + source.name()),
        source.timeout());
  }
}
