package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.ExecutionException;
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
