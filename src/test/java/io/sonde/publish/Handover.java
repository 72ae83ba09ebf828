package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.Wait;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands numbered samples to a publisher as the journal's reader does: batch by batch, and a batch
 * again and again until it is taken.
 */
final class Handover {
  static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration BACKOFF = Duration.ofMillis(100);

  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final CompletableFuture<Void> end;

  private Handover(Publisher publisher, int count, int batch) {
    end = CompletableFuture.runAsync(() -> run(publisher, count, batch));
  }

  /** Begins to hand over samples 0 to count. */
  static Handover start(Publisher publisher, int count, int batch) {
    return new Handover(publisher, count, batch);
  }

  private void run(Publisher publisher, int count, int batch) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (int from = 0; from < count; from += batch) {
      List<Publisher.Outgoing> samples = TestSamples.numbered(from, Math.min(from + batch, count));
      while (!isTaken(publisher, samples)) {
        failures.incrementAndGet();
        assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
        LockSupport.parkNanos(BACKOFF.toNanos());
      }
      taken.addAndGet(samples.size());
    }
  }

  /** Hands one batch over until it is taken. */
  static void publish(Publisher publisher, List<Publisher.Outgoing> samples) {
    Wait.until(LIMIT, "a batch", () -> isTaken(publisher, samples));
  }

  private static boolean isTaken(Publisher publisher, List<Publisher.Outgoing> samples) {
    try {
      publisher.publish(samples);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Samples that the publisher has taken so far. */
  int taken() {
    return taken.get();
  }

  /** Batches that it has not taken and got again. */
  int failures() {
    return failures.get();
  }

  /** Waits until all are taken. */
  void join() {
    end.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  /**
   * None is missing, and of every resource each came for the first time after those before it; what
   * is handed over again may come again.
   */
  static void assertComplete(List<Integer> received, int count) {
    Set<Integer> firsts = new LinkedHashSet<>(received);
    assertThat(firsts).hasSize(count);
    Map<Integer, List<Integer>> byResource = new HashMap<>();
    firsts.forEach(
        i -> byResource.computeIfAbsent(i % TestSamples.RESOURCES, r -> new ArrayList<>()).add(i));
    byResource.values().forEach(numbers -> assertThat(numbers).isSorted());
  }
}
