package io.sonde.polling;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Finds what the test says, and counts how often it was asked, and how often at once. */
final class FakeDiscovery implements Discovery {
  private final String name;
  private final boolean isLocal;
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private volatile CompletionStage<Findings> answer =
      CompletableFuture.completedFuture(Findings.of(List.of()));

  FakeDiscovery(String name, boolean isLocal) {
    this.name = name;
    this.isLocal = isLocal;
  }

  void finds(Found... found) {
    answer = CompletableFuture.completedFuture(Findings.of(List.of(found)));
  }

  void answers(CompletionStage<Findings> next) {
    answer = next;
  }

  int looks() {
    return looks.get();
  }

  int mostAtOnce() {
    return mostAtOnce.get();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isLocal() {
    return isLocal;
  }

  @Override
  public CompletionStage<Findings> find(Search search) {
    looks.incrementAndGet();
    mostAtOnce.accumulateAndGet(open.incrementAndGet(), Math::max);
    CompletionStage<Findings> given = answer;
    // Answers a little later, so that two that ask at once are seen.
    return CompletableFuture.supplyAsync(
            () -> null,
            CompletableFuture.delayedExecutor(20, java.util.concurrent.TimeUnit.MILLISECONDS))
        .thenCompose(
            waited -> {
              open.decrementAndGet();
              return given;
            });
  }

  static PolledTarget target(String resourceId) {
    return new PolledTarget(FakePollster.NAME, resourceId, null, "address");
  }

  static SampleBatch reading(String resourceId) {
    return reading(resourceId, 0);
  }

  /** One that says it was taken so many milliseconds ago. */
  static SampleBatch reading(String resourceId, long millisAgo) {
    return new PolledSamples("fake", (System.currentTimeMillis() - millisAgo) * 1000)
        .of(resourceId, "p1", "u1", Metadata.EMPTY)
        .gauge("m", "", 1)
        .build();
  }
}
