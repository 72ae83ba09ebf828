package io.sonde.store;

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
import io.sonde.query.StatisticsRow;
import io.sonde.server.TestNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL dies, and its standby goes on at another address. */
class FailoverIT {
  private static final int BATCH = 100;
  private static final int BEFORE = 30;
  private static final int AFTER = 10;
  private static final Duration GOES_ON = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void writesGoOnAtTheNewAddressAndNothingIsLost() throws Exception {
    try (StandbyPair servers = StandbyPair.start(folder);
        TestNode node =
            TestNode.start(
                servers.settings(),
                "sonde.collector.flush-interval=1s",
                "sonde.collector.ask-timeout=3s")) {
      for (int i = 0; i < BEFORE; i++) {
        assertThat(add(node, i)).isTrue();
      }
      servers.crash();
      assertThat(add(node, BEFORE)).isFalse();
      servers.promote();
      long accepts = System.nanoTime();
      while (!add(node, BEFORE)) {
        assertThat(System.nanoTime() - accepts).isLessThan(GOES_ON.toNanos());
      }
      Duration took = Duration.ofNanos(System.nanoTime() - accepts);
      System.out.println("acknowledged again after " + took.toMillis() + " ms");
      assertThat(took).isLessThan(GOES_ON);
      for (int i = BEFORE + 1; i < BEFORE + AFTER; i++) {
        assertThat(add(node, i)).isTrue();
      }
      for (int i = 0; i < BEFORE + AFTER; i++) {
        assertThat(TestNode.get(node.collectors.add("store", batch(i))))
            .isEqualTo(new Receipt(0, BATCH, 0));
      }
      List<StatisticsRow> rows =
          TestNode.get(node.queries.statistics(SampleFilter.ALL, StatisticsQuestion.of(0)));
      assertThat(rows.get(0).count()).isEqualTo((BEFORE + AFTER) * BATCH);
    }
  }

  /** Whether it was acknowledged. */
  private static boolean add(TestNode node, int batch) throws Exception {
    try {
      Receipt receipt = TestNode.get(node.collectors.add("store", batch(batch)));
      return receipt.accepted() + receipt.duplicate() == BATCH;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static SampleBatch batch(int batch) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      Series series =
          new Series("test", "m", MeterType.GAUGE, "B", "r" + i, "p", null, Series.NO_DIMENSIONS);
      samples.add(
          new Sample(
              series,
              1_767_225_600_000_000L + batch,
              i,
              SampleKey.ofMessageId(batch + "/" + i),
              Metadata.EMPTY));
    }
    return SampleBatch.of(samples);
  }
}
