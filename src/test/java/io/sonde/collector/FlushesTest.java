package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class FlushesTest {
  private static final int FLUSH_BYTES = 100_000;

  private final Flushes flushes =
      new Flushes(
          CollectorSettings.from(
              ConfigFactory.parseString("flush-bytes = " + FLUSH_BYTES)
                  .withFallback(ConfigFactory.load().getConfig("sonde.collector"))));

  @Test
  void whatComesWhileAFlushIsUnderWayIsBounded() {
    Ledger ledger = new Ledger(0);
    for (int i = 0; i < 9; i++) {
      flushes.onEvent(FLUSH_BYTES);
    }
    assertThat(flushes.isDue()).isTrue();
    assertThat(flushes.isBehind()).as("before a flush begins").isFalse();
    flushes.begin(ledger);
    for (int i = 0; i < 4; i++) {
      flushes.onEvent(FLUSH_BYTES);
      assertThat(flushes.isBehind()).as("after " + i).isFalse();
    }
    flushes.onEvent(1);
    assertThat(flushes.isBehind()).isTrue();
    flushes.written(0);
    assertThat(flushes.isBehind()).as("after the flush").isFalse();
    assertThat(flushes.isDue()).isTrue();
  }
}
