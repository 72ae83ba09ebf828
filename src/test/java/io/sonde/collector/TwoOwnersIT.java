package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.UnavailableException;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StatisticsRow;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes on one database that do not know of each other, so that each has an owner of every
 * collector: what no cluster should let happen costs answers, and never a sample.
 */
class TwoOwnersIT {
  private static final String[] SETTINGS = {
    "sonde.collector.collectors=2",
    "sonde.collector.flush-interval=0s",
    "sonde.collector.chunk-samples=20",
    "sonde.collector.ask-timeout=3s",
    "sonde.collector.keep-flushed=1s"
  };

  @TempDir Path folder;

  @Test
  void whatEitherConfirmedIsThereOnceAndEitherShowsAllOrNothing() throws Exception {
    Random random = Seed.random();
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      long confirmed = 0;
      long refused = 0;
      try (TestNode one = TestNode.start(settings, SETTINGS);
          TestNode other = TestNode.start(settings, SETTINGS)) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        int batch = 0;
        while (batch < 60 && System.nanoTime() < deadline) {
          TestNode node = random.nextInt(4) == 0 ? other : one;
          if (confirms(node, batch)) {
            // Whatever came of earlier tries, all of this batch is stored now, and counts once.
            confirmed += 10;
            batch++;
          } else {
            refused++;
          }
          TestNode reader = random.nextBoolean() ? one : other;
          Long seen = count(reader);
          if (seen != null) {
            assertThat(seen).isBetween(confirmed, confirmed + 10);
          }
        }
        assertThat(batch).as("batches confirmed").isGreaterThan(5);
        System.out.println("confirmed " + confirmed + ", refused batches " + refused);
      }
      long expected = confirmed;
      try (TestNode node = TestNode.start(settings, SETTINGS)) {
        Wait.until(
            Duration.ofSeconds(30),
            "an answer",
            () -> {
              Long seen = count(node);
              return seen != null && seen >= expected && seen <= expected + 10;
            });
        for (int i = 0; i < expected / 10; i++) {
          assertThat(TestNode.get(node.collectors.add("store", samples(i))))
              .isEqualTo(new Receipt(0, 10, 0));
        }
      }
    }
  }

  /** Writes of many collectors are under way at once; that of one has come too late. */
  @Test
  void aClashDisturbsNoNeighbour() throws Exception {
    int collectors = 32;
    String[] many = {"sonde.collector.collectors=" + collectors, "sonde.collector.ask-timeout=10s"};
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      try (TestNode one = TestNode.start(settings, many);
          TestNode other = TestNode.start(settings, many)) {
        String[] resources = resources(one, collectors);
        for (int round = 0; round < 10; round++) {
          int clashing = round * 3;
          String contended = resources[clashing];
          // Too late itself the first time, as the one wrote in the round before.
          Wait.until(Duration.ofSeconds(20), "the other's write", () -> isAdded(other, contended));
          List<CompletableFuture<Receipt>> all = new ArrayList<>();
          for (String resource : resources) {
            all.add(add(one, resource, 100 + round));
          }
          for (int i = 0; i < collectors; i++) {
            if (i == clashing) {
              assertThatThrownBy(all.get(i)::join).hasCauseInstanceOf(UnavailableException.class);
            } else {
              assertThat(all.get(i).join()).isEqualTo(new Receipt(1, 0, 0));
            }
          }
          TestNode.get(one.collectors.ping(Duration.ofSeconds(20)));
        }
      }
    }
  }

  private static boolean isAdded(TestNode node, String resource) {
    try {
      add(node, resource, 0).join();
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  /** One of each collector. */
  private static String[] resources(TestNode node, int collectors) {
    String[] resources = new String[collectors];
    for (int i = 0; i < 10_000; i++) {
      resources[node.collectors.collectorOf("r" + i)] = "r" + i;
    }
    return resources;
  }

  private static CompletableFuture<Receipt> add(TestNode node, String resource, int number) {
    Series series =
        new Series("test", "m", MeterType.GAUGE, "B", resource, "p", null, Series.NO_DIMENSIONS);
    Sample sample =
        new Sample(series, 1_767_225_600_000_000L + number, 1, SampleKey.NONE, Metadata.EMPTY);
    return node.collectors
        .add("store", SampleBatch.of(List.of(sample)))
        .toCompletableFuture()
        .orTimeout(30, TimeUnit.SECONDS);
  }

  private static boolean confirms(TestNode node, int batch) throws Exception {
    try {
      Receipt receipt = TestNode.get(node.collectors.add("store", samples(batch)));
      assertThat(receipt.accepted() + receipt.duplicate()).isEqualTo(10);
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(UnavailableException.class);
      return false;
    }
  }

  /** Null when there is no answer just now. */
  private static Long count(TestNode node) throws Exception {
    try {
      List<StatisticsRow> rows =
          TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)));
      return rows.isEmpty() ? 0L : rows.get(0).count();
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(UnavailableException.class);
      return null;
    }
  }

  private static SampleBatch samples(int batch) {
    List<Sample> samples = new ArrayList<>();
    for (int i = batch * 10; i < batch * 10 + 10; i++) {
      Series series =
          new Series(
              "test", "m", MeterType.GAUGE, "B", "r" + i % 5, "p", null, Series.NO_DIMENSIONS);
      samples.add(
          new Sample(
              series,
              1_767_225_600_000_000L + i,
              i,
              SampleKey.ofMessageId("id" + i),
              Metadata.EMPTY));
    }
    return SampleBatch.of(samples);
  }
}
