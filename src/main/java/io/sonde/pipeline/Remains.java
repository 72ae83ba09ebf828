package io.sonde.pipeline;

import io.sonde.series.ByteWriter;
import io.sonde.store.PipelineStore;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Memories of series that have been idle for long: in the database instead of the stage. */
public class Remains {
  private final PipelineStore store;
  private final Executor blocking;

  public Remains(PipelineStore store, Executor blocking) {
    this.store = store;
    this.blocking = blocking;
  }

  /** Keeps memories for a stage, in the place of earlier ones of the same keys. */
  CompletionStage<Void> keep(String stage, SinkDefinition sink, Map<StageKey, byte[]> memories) {
    Map<PipelineStore.Key, byte[]> rows = new HashMap<>();
    memories.forEach((key, memory) -> rows.put(row(sink, key), memory));
    return CompletableFuture.runAsync(() -> store.keep(stage, rows), blocking);
  }

  /** What is kept under these keys; {@link Computation#ABSENT} where nothing is. */
  CompletionStage<Map<StageKey, byte[]>> recall(
      String stage, SinkDefinition sink, Collection<StageKey> keys) {
    Map<PipelineStore.Key, StageKey> wanted = new HashMap<>();
    keys.forEach(key -> wanted.put(row(sink, key), key));
    return CompletableFuture.supplyAsync(
        () -> {
          Map<StageKey, byte[]> found = new HashMap<>();
          keys.forEach(key -> found.put(key, Computation.ABSENT));
          store.recall(stage, wanted.keySet()).forEach((row, it) -> found.put(wanted.get(row), it));
          return found;
        },
        blocking);
  }

  /** Another transformer in the same place must not be given what is not its own. */
  private static PipelineStore.Key row(SinkDefinition sink, StageKey key) {
    ByteWriter out = new ByteWriter(128);
    StageState.write(key, out);
    return new PipelineStore.Key(
        sink.transformers().get(key.step()).name(), ByteBuffer.wrap(out.toByteArray()));
  }
}
