package io.sonde.polling;

import io.sonde.polling.PollingSource.DiscoveryCall;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds what a source lists itself, always. */
record ListedResources(List<PolledTarget> targets) implements Discovery {
  static final DiscoveryCall CALL = new DiscoveryCall("resources", "");

  @Override
  public String name() {
    return CALL.name();
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public CompletionStage<Findings> find(Search search) {
    return CompletableFuture.completedFuture(Findings.of(targets.stream().map(Found::of).toList()));
  }
}
