package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.UnavailableException;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Questions are answered exactly while flushes and merges move what they ask for, and while
 * collectors are handed over from node to node.
 */
@Tag("long")
class SteadyReadsIT {
  private static final int SERIES = 160;
  private static final int RESOURCES = 40;
  // 2026-01-01; a step makes four samples a day, so days are over and merged soon.
  private static final long START = 1_767_225_600_000_000L;
  private static final long STEP = 6 * 3_600_000_000L;
  private static final Duration DURATION =
      Boolean.getBoolean("sonde.faults.long") ? Duration.ofMinutes(5) : Duration.ofSeconds(12);
  private static final Duration HAND_OVER = Duration.ofSeconds(8);
  private static final String[] SETTINGS = {
    "sonde.collector.collectors=16",
    "sonde.collector.flush-interval=0s",
    "sonde.collector.chunk-samples=12",
    "sonde.collector.keep-flushed=2s"
  };

  @TempDir static Path folder;

  private final long seed = Seed.random().nextLong();
  // Sample i of a series has the volume i: so many were handed in, so many were acknowledged.
  private final AtomicIntegerArray sent = new AtomicIntegerArray(SERIES);
  private final AtomicIntegerArray stored = new AtomicIntegerArray(SERIES);
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();
  private final ReadWriteLock asking = new ReentrantReadWriteLock();
  private volatile TestNode node;
  private volatile boolean isOver;

  @Test
  void answersAreExactAtEveryMoment() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings database = postgres.newDatabase();
      node = TestNode.start(database, SETTINGS);
      List<Future<Void>> work = new ArrayList<>();
      work.add(threads.submit(this::write));
      work.add(threads.submit(() -> ask(new Random(seed + 1))));
      work.add(threads.submit(() -> ask(new Random(seed + 2))));
      int handOvers = 0;
      try {
        long end = System.nanoTime() + DURATION.toNanos();
        while (System.nanoTime() < end) {
          boolean isBroken = Wait.reached(HAND_OVER, () -> work.stream().anyMatch(Future::isDone));
          if (isBroken) {
            break;
          }
          TestNode old = node;
          node = TestNode.join(old, database, SETTINGS);
          // What the old one was asked is answered before it goes, as a server's doors see to.
          asking.writeLock().lock();
          try {
            old.collectors.close();
          } finally {
            asking.writeLock().unlock();
          }
          old.close();
          handOvers++;
        }
      } finally {
        isOver = true;
        for (Future<Void> one : work) {
          one.get(60, TimeUnit.SECONDS);
        }
      }
      for (int s = 0; s < SERIES; s++) {
        int number = s;
        assertThat(patiently(() -> count(number))).isEqualTo(stored.get(s));
      }
      long flushes = TestPostgres.number(database, "SELECT sum(generation) FROM collector");
      long rows = TestPostgres.number(database, "SELECT count(*) FROM chunk");
      node.close();
      long samples = 0;
      for (int s = 0; s < SERIES; s++) {
        samples += stored.get(s);
      }
      System.out.printf(
          "%d answers over %d samples, %d flushes, %d hand-overs; %d rows left; %d without answer%n",
          answers.get(), samples, flushes, handOvers, rows, unanswered.get());
      assertThat(flushes).as("flushes").isGreaterThan(100);
      assertThat(handOvers).as("hand-overs").isPositive();
      assertThat(rows).as("rows, merged by days").isLessThan(samples / 2);
      assertThat(unanswered.get()).as("questions without an answer").isLessThan(answers.get() / 10);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Hands in what comes next of all series, now and then twice. */
  private Void write() throws Exception {
    Random random = new Random(seed);
    while (!isOver) {
      List<Sample> batch = new ArrayList<>();
      int[] to = new int[SERIES];
      for (int s = 0; s < SERIES; s++) {
        int from = stored.get(s);
        to[s] = from + random.nextInt(3);
        sent.set(s, to[s]);
        for (int i = random.nextInt(10) == 0 ? Math.max(0, from - 5) : from; i < to[s]; i++) {
          batch.add(sample(s, i));
        }
      }
      patiently(() -> TestNode.get(node.collectors.add("store", SampleBatch.of(batch))));
      for (int s = 0; s < SERIES; s++) {
        stored.set(s, to[s]);
      }
    }
    return null;
  }

  /** Tries again what a hand-over interrupts. */
  private <T> T patiently(Callable<T> call) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      asking.readLock().lock();
      try {
        return call.call();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnavailableException) || System.nanoTime() > end) {
          throw e;
        }
        unanswered.incrementAndGet();
      } finally {
        asking.readLock().unlock();
      }
      Wait.reached(Duration.ofMillis(50), () -> false);
    }
  }

  private Void ask(Random random) throws Exception {
    while (!isOver) {
      int s = random.nextInt(SERIES);
      int atLeast = stored.get(s);
      int found = patiently(() -> random.nextInt(4) == 0 ? listed(s) : count(s));
      assertThat(found)
          .as("samples of series %d, seed %d", s, seed)
          .isBetween(atLeast, sent.get(s));
      answers.incrementAndGet();
    }
    return null;
  }

  /** How many samples statistics count, all of which must be there once. */
  private int count(int s) throws Exception {
    List<StatisticsRow> rows =
        TestNode.get(node.queries.statistics(filter(s), StatisticsQuestion.of(0)));
    if (rows.isEmpty()) {
      return 0;
    }
    assertThat(rows).hasSize(1);
    long count = rows.get(0).count();
    assertThat(rows.get(0).sum()).as("seed %d", seed).isEqualTo(count * (count - 1.0) / 2);
    assertThat(rows.get(0).max()).isEqualTo(count - 1.0);
    return (int) count;
  }

  private int listed(int s) throws Exception {
    List<StoredSample> samples = TestNode.get(node.queries.samples(filter(s), 1_000_000));
    for (int i = 0; i < samples.size(); i++) {
      assertThat(samples.get(i).sample().volume()).isEqualTo(samples.size() - 1 - i);
    }
    return samples.size();
  }

  private static SampleFilter filter(int s) {
    return new SampleFilter(
        Map.of(
            SeriesField.RESOURCE_ID, "r" + s % RESOURCES, SeriesField.METER, "m" + s / RESOURCES),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Condition.And.TRUE);
  }

  private static Sample sample(int s, int i) {
    Series series =
        new Series(
            "test",
            "m" + s / RESOURCES,
            MeterType.GAUGE,
            "",
            "r" + s % RESOURCES,
            null,
            null,
            Series.NO_DIMENSIONS);
    return new Sample(series, START + i * STEP, i, SampleKey.NONE, Metadata.EMPTY);
  }
}
