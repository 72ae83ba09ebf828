package io.sonde.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.polling.PollException;
import io.sonde.server.Wait;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import oshi.software.common.AbstractOSFileStore;

/** What happens while a file system hangs. */
class HostPartsTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch isWell = new CountDownLatch(1);
  private final AtomicInteger hanging = new AtomicInteger();

  @AfterEach
  void stop() {
    isWell.countDown();
    threads.shutdownNow();
  }

  @Test
  void aPartWhoseLastReadingHangsIsRefused() throws Exception {
    HostPart part = new HostPart.FileStore(new HangingStore());
    CompletableFuture<Integer> first =
        CompletableFuture.supplyAsync(() -> part.read("r", 0).samples().size(), threads);
    Wait.until(Duration.ofSeconds(10), "the reading", () -> hanging.get() == 1);
    CompletableFuture<?> second = CompletableFuture.supplyAsync(() -> part.read("r", 1), threads);
    assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(PollException.class)
        .hasRootCauseMessage("the last reading of fs/mnt is not over yet");
    isWell.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    assertThat(part.read("r", 2).samples()).hasSize(2);
    assertThat(hanging).hasValue(2);
  }

  @Test
  void aLookThatHangsTakesOneThread() throws Exception {
    HostPart part = new HostPart.FileStore(new HangingStore());
    AtomicInteger looks = new AtomicInteger();
    SettableClock clock = new SettableClock();
    HostParts parts =
        new HostParts(
            () -> {
              if (looks.incrementAndGet() == 2) {
                hang();
              }
              return List.of(part);
            },
            clock,
            threads);
    assertThat(parts.all().get(10, TimeUnit.SECONDS)).isEqualTo(Map.of("fs/mnt", part));
    clock.millis = 60_000;
    CompletableFuture<?> second = parts.all();
    Wait.until(Duration.ofSeconds(10), "the look", () -> hanging.get() == 1);
    assertThat(parts.all()).isSameAs(second).isNotDone();
    clock.millis = 120_000;
    assertThatThrownBy(() -> parts.all().join())
        .hasRootCauseInstanceOf(PollException.class)
        .hasRootCauseMessage("the last look for the parts of this host is not over yet");
    assertThat(parts.part("fs/mnt")).isCompletedWithValue(part);
    assertThat(looks).hasValue(2);
    isWell.countDown();
    second.get(10, TimeUnit.SECONDS);
    assertThat(parts.all().get(10, TimeUnit.SECONDS)).containsOnlyKeys("fs/mnt");
    assertThat(looks).hasValue(3);
  }

  @Test
  void aLookThatFailedIsRepeatedAtOnce() {
    AtomicInteger looks = new AtomicInteger();
    HostParts parts =
        new HostParts(
            () -> {
              if (looks.incrementAndGet() == 1) {
                throw new IllegalStateException("no /proc");
              }
              return List.of();
            },
            new SettableClock(),
            Runnable::run);
    assertThatThrownBy(() -> parts.all().join()).hasRootCauseMessage("no /proc");
    assertThat(parts.all()).isCompletedWithValue(Map.of());
  }

  private void hang() {
    hanging.incrementAndGet();
    try {
      isWell.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its figures come when it is well. */
  private final class HangingStore extends AbstractOSFileStore {
    HangingStore() {
      super("n", "v", "l", "mnt", "", "u", true, "", "", "nfs", 1, 1, 2, 1, 1);
    }

    @Override
    public boolean updateAttributes() {
      hang();
      return true;
    }
  }

  private static final class SettableClock extends Clock {
    private volatile long millis;

    @Override
    public long millis() {
      return millis;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
