package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps memories of idle series in a map. */
final class RememberedRemains extends Remains {
  private final Map<StageKey, byte[]> kept = new ConcurrentHashMap<>();
  private volatile boolean failsNext;

  RememberedRemains() {
    super(null, null);
  }

  void failNext() {
    failsNext = true;
  }

  @Override
  CompletionStage<Void> keep(String stage, SinkDefinition sink, Map<StageKey, byte[]> memories) {
    kept.putAll(memories);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  CompletionStage<Map<StageKey, byte[]>> recall(
      String stage, SinkDefinition sink, Collection<StageKey> keys) {
    if (failsNext) {
      failsNext = false;
      return CompletableFuture.failedFuture(new IllegalStateException("away"));
    }
    assertThat(keys).isNotEmpty();
    Map<StageKey, byte[]> found = new HashMap<>();
    keys.forEach(key -> found.put(key, kept.getOrDefault(key, Computation.ABSENT)));
    return CompletableFuture.completedFuture(found);
  }
}
