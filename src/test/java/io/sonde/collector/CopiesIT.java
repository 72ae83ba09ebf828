package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.series.TimeSplit;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies that come while restarts, flushes and looks into chunk rows cross each other. */
class CopiesIT {
  private static final long OLD = 1_767_225_600_000_000L; // 2026-01-01T00:00Z
  private static final String ONE = "sonde.collector.collectors=1";
  private static final String NO_FLUSH = "sonde.collector.flush-interval=1h";
  private static final String FLUSH = "sonde.collector.flush-interval=0s";
  private static final String FORGET = "sonde.collector.keep-flushed=0s";

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private DatabaseSettings settings;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void createDatabase() throws Exception {
    settings = postgres.newDatabase();
  }

  @Test
  void aLookTellsNothingAboutSeriesThatItWasNotAbout() throws Exception {
    try (TestNode node = TestNode.start(settings, ONE, FLUSH, FORGET)) {
      add(node, sample("a", OLD), sample("b", OLD));
      awaitChunks(2);
    }
    try (TestNode node = TestNode.start(settings, ONE, NO_FLUSH)) {
      add(node, sample("b", OLD + 5));
    }
    try (TestNode node = TestNode.start(settings, ONE, NO_FLUSH)) {
      // The copy in b is found in the replayed head, so the look for a's does not ask about b.
      assertThat(add(node, sample("b", OLD + 5), sample("a", OLD))).isEqualTo(new Receipt(0, 2, 0));
      assertThat(add(node, sample("b", OLD))).isEqualTo(new Receipt(0, 1, 0));
      assertThat(count(node)).isEqualTo(3);
    }
  }

  @Test
  void aLookFromBeforeAFlushDoesNotHideWhatTheFlushTookAway() throws Exception {
    try (TestNode node = TestNode.start(settings, ONE, FLUSH, FORGET)) {
      add(node, sample("a", OLD));
      awaitChunks(1);
    }
    try (TestNode node = TestNode.start(settings, ONE, NO_FLUSH)) {
      add(node, sample("a", OLD + 5));
    }
    Gate gate = new Gate();
    try (TestNode node =
        TestNode.start(settings, gate::over, ONE, NO_FLUSH, "sonde.collector.flush-bytes=64KiB")) {
      gate.holdNext();
      CompletableFuture<Receipt> copy = start(node, sample("a", OLD));
      gate.awaitHeld();
      gate.holdNext();
      add(node, many("filler"));
      gate.awaitHeld();
      // The flush has taken OLD + 5 out of the head and is not written when the look is answered.
      gate.releaseFirst();
      assertThat(TestNode.get(copy)).isEqualTo(new Receipt(0, 1, 0));
      assertThat(add(node, sample("a", OLD + 5))).isEqualTo(new Receipt(0, 1, 0));
      gate.releaseFirst();
    }
  }

  @Test
  void aCopyWhoseOriginalLeavesMemoryDuringALookIsStillACopy() throws Exception {
    try (TestNode node = TestNode.start(settings, ONE, FLUSH, FORGET)) {
      add(node, sample("a", OLD));
      awaitChunks(1);
    }
    Gate gate = new Gate();
    try (TestNode node =
        TestNode.start(
            settings, gate::over, ONE, NO_FLUSH, FORGET, "sonde.collector.flush-bytes=64KiB")) {
      add(node, sample("b", OLD));
      gate.holdNext();
      CompletableFuture<Receipt> copies = start(node, sample("a", OLD), sample("b", OLD));
      gate.awaitHeld();
      add(node, many("filler"));
      awaitChunks(3);
      awaitForgotten(node);
      gate.releaseFirst();
      assertThat(TestNode.get(copies)).isEqualTo(new Receipt(0, 2, 0));
      assertThat(add(node, sample("b", OLD))).isEqualTo(new Receipt(0, 1, 0));
    }
  }

  /** Lets tasks pass, except one that is kept until the test says so. */
  private static final class Gate {
    private final List<Runnable> held = new ArrayList<>();
    private boolean holdsNext;
    private Executor inner;

    private Executor over(Executor blocking) {
      inner = blocking;
      return this::run;
    }

    private synchronized void run(Runnable task) {
      if (holdsNext) {
        holdsNext = false;
        held.add(task);
      } else {
        inner.execute(task);
      }
    }

    private synchronized void holdNext() {
      holdsNext = true;
    }

    private synchronized boolean isWaiting() {
      return holdsNext;
    }

    private void awaitHeld() {
      Wait.until(Duration.ofSeconds(20), "a task is held", () -> !isWaiting());
    }

    private synchronized void releaseFirst() {
      inner.execute(held.remove(0));
    }
  }

  /** Asks as a reader with the oldest view would: answered with a retry once nothing is kept. */
  private static void awaitForgotten(TestNode node) {
    ReadRequest old =
        new ReadRequest(
            SampleFilter.ALL.series(),
            new TimeSplit(OLD, OLD + 1, 0, 0),
            ReadRequest.Wants.SUMMARIES,
            0,
            0);
    Wait.until(
        Duration.ofSeconds(20),
        "the flush is forgotten",
        () ->
            TestNode.get(node.collectors.read(0, old, Duration.ofSeconds(5)))
                instanceof Collector.Retry);
  }

  private static Sample[] many(String resource) {
    Sample[] samples = new Sample[8_000];
    long now = Instant.now().getEpochSecond() * 1_000_000;
    for (int i = 0; i < samples.length; i++) {
      samples[i] =
          new Sample(series(resource), now - i, i, SampleKey.ofMessageId("f" + i), Metadata.EMPTY);
    }
    return samples;
  }

  private static Sample sample(String resource, long timestamp) {
    return new Sample(series(resource), timestamp, 1, SampleKey.NONE, Metadata.EMPTY);
  }

  private static Series series(String resource) {
    return new Series("test", "m", MeterType.GAUGE, "B", resource, "p", null, Series.NO_DIMENSIONS);
  }

  private static CompletableFuture<Receipt> start(TestNode node, Sample... samples) {
    return node.collectors
        .add("store", SampleBatch.of(Arrays.asList(samples)))
        .toCompletableFuture();
  }

  private static Receipt add(TestNode node, Sample... samples) throws Exception {
    return TestNode.get(start(node, samples));
  }

  private static long count(TestNode node) throws Exception {
    return TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)))
        .get(0)
        .count();
  }

  private void awaitChunks(long samples) {
    Wait.until(
        Duration.ofSeconds(20),
        "chunk rows with " + samples + " samples",
        () ->
            TestPostgres.number(settings, "SELECT coalesce(sum(samples), 0) FROM chunk")
                >= samples);
  }
}
