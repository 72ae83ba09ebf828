package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.publish.Backlog.Entry;
import io.sonde.publish.HandOver.Progress;
import io.sonde.publish.Publisher.Outgoing;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandOverTest {
  private static final long NOW = 1_000_000;

  private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
  private final Consumer consumer = new Consumer();
  private final Rows rows = new Rows();

  @AfterEach
  void endWatch() {
    watch.shutdownNow();
  }

  @Test
  void piecesAreInOrderAndAreSettledTogether() throws IOException {
    rows.add(NOW, 0, 700);
    rows.add(NOW, 700, 2_500);
    rows.add(NOW, 2_500, 2_500);
    HandOver<Outgoing> handOver = handOver("pieces", Duration.ofDays(7), Long.MAX_VALUE);
    assertThat(handOver.run()).isEqualTo(Progress.MORE);
    assertThat(consumer.sizes).containsExactly(1_000, 1_000, 500);
    assertThat(consumer.numbers).isEqualTo(numbers(0, 2_500));
    assertThat(rows.settlements).containsExactly(List.of(1L, 2L, 3L));
    assertThat(handOver.run()).isEqualTo(Progress.END);
    rows.add(NOW, 2_500, 2_501);
    handOver.run();
    assertThat(consumer.numbers).isEqualTo(numbers(0, 2_501));
  }

  @Test
  void afterAFailureItGoesOnWhereTheConsumerSaidItIs() throws IOException {
    rows.add(NOW, 0, 10);
    rows.add(NOW, 10, 30);
    consumer.failAfter(15);
    HandOver<Outgoing> handOver = handOver("part", Duration.ofDays(7), Long.MAX_VALUE);
    assertThatThrownBy(handOver::run).hasMessage("away");
    assertThat(rows.settlements).as("what is through is known").containsExactly(List.of(1L));
    assertThatThrownBy(handOver::run).hasMessage("away");
    consumer.failAfter(Integer.MAX_VALUE);
    handOver.run();
    assertThat(consumer.numbers).isEqualTo(numbers(0, 30));
    assertThat(rows.settlements).containsExactly(List.of(1L), List.of(2L));
  }

  @Test
  void nothingIsHandedOverTwiceWhenOnlyTheDatabaseFailed() throws IOException {
    rows.add(NOW, 0, 10);
    rows.isAway = true;
    HandOver<Outgoing> handOver = handOver("settle", Duration.ofDays(7), Long.MAX_VALUE);
    assertThatThrownBy(handOver::run).hasMessage("no database");
    assertThatThrownBy(handOver::run).hasMessage("no database");
    rows.isAway = false;
    assertThat(handOver.run()).isEqualTo(Progress.END);
    assertThat(consumer.numbers).isEqualTo(numbers(0, 10));
  }

  @Test
  void whatWaitedTooLongIsLeftOutAndCounted() throws IOException {
    rows.add(NOW - 61, 0, 10);
    rows.add(NOW - 60, 10, 20);
    handOver("age", Duration.ofMinutes(1), Long.MAX_VALUE).run();
    assertThat(consumer.numbers).isEqualTo(numbers(10, 20));
    assertThat(overflow("age", "age")).isEqualTo(10);
    assertThat(published("age")).isEqualTo(10);
    assertThat(rows.settlements).containsExactly(List.of(1L, 2L));
  }

  @Test
  void ofWhatIsTooMuchTheOldestIsLeftOut() throws IOException {
    for (int i = 0; i < 10; i++) {
      rows.add(NOW, i * 10, i * 10 + 10);
    }
    handOver("bytes", Duration.ofDays(7), 3 * Rows.BYTES).run();
    assertThat(consumer.numbers).isEqualTo(numbers(70, 100));
    assertThat(overflow("bytes", "bytes")).isEqualTo(70);
  }

  /** Of a piece that the consumer has in part, only the rest is left out. */
  @Test
  void aPartThatIsTakenIsNotCountedAsLeftOut() throws IOException {
    rows.add(NOW, 0, 10);
    consumer.failAfter(4);
    HandOver<Outgoing> handOver = handOver("rest", Duration.ofSeconds(60), Long.MAX_VALUE);
    assertThatThrownBy(handOver::run).hasMessage("away");
    now = NOW + 61;
    rows.add(now, 10, 20);
    consumer.failAfter(Integer.MAX_VALUE);
    handOver.run();
    handOver.run();
    List<Integer> expected = new ArrayList<>(numbers(0, 4));
    expected.addAll(numbers(10, 20));
    assertThat(consumer.numbers).isEqualTo(expected);
    assertThat(overflow("rest", "age")).isEqualTo(6);
  }

  @Test
  void aConsumerThatDoesNotAnswerIsBrokenOff() throws IOException {
    rows.add(NOW, 0, 10);
    consumer.isHanging = true;
    HandOver<Outgoing> handOver = handOver("hang", Duration.ofDays(7), Long.MAX_VALUE);
    assertThatThrownBy(handOver::run).hasMessageContaining("no answer within 200 ms");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    consumer.isHanging = false;
    handOver.run();
    assertThat(consumer.numbers).isEqualTo(numbers(0, 10));
  }

  private long now = NOW;

  private HandOver<Outgoing> handOver(String name, Duration maxAge, long maxBytes) {
    Clock clock =
        new Clock() {
          @Override
          public Instant instant() {
            return Instant.ofEpochSecond(now);
          }

          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }
        };
    return new HandOver<>(
        name,
        0,
        consumer::publish,
        rows,
        new ReentrantLock(),
        new HandOver.Means(
            new PublishSettings(maxAge, maxBytes, Duration.ofMillis(200), ""),
            watch,
            new Semaphore(1),
            clock));
  }

  private static double overflow(String publisher, String reason) {
    return PublisherMetrics.OVERFLOW.labelValues(publisher, reason).get();
  }

  private static double published(String publisher) {
    return PublisherMetrics.PUBLISHED.labelValues(publisher).get();
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  /** Takes as many as it was told, and says how many. */
  private static final class Consumer implements Publisher {
    private final List<Integer> numbers = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private int most = Integer.MAX_VALUE;
    private boolean isHanging;

    private void failAfter(int count) {
      most = count;
    }

    @Override
    public void publish(List<Outgoing> samples) throws IOException {
      if (isHanging) {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          throw new IOException("interrupted", e);
        }
      }
      sizes.add(samples.size());
      int taken = Math.min(samples.size(), most - numbers.size());
      samples.subList(0, taken).forEach(one -> numbers.add(OutgoingSamples.number(one)));
      if (taken < samples.size()) {
        throw new PublishException("away", taken, null, null);
      }
    }
  }

  /** A backlog in memory. */
  private static final class Rows implements Backlog<Outgoing> {
    private static final int BYTES = 1_000;

    private final List<Entry<Outgoing>> all = new ArrayList<>();
    private final List<List<Long>> settlements = new ArrayList<>();
    private long position;
    private boolean isAway;

    private void add(long recordedAt, int from, int to) {
      all.add(new Entry<>(all.size() + 1, recordedAt, BYTES, OutgoingSamples.range(from, to)));
    }

    @Override
    public long start() {
      return position;
    }

    @Override
    public List<Entry<Outgoing>> next() {
      return all.stream().filter(entry -> entry.number() > position).toList();
    }

    @Override
    public void done(List<Entry<Outgoing>> entries) {
      if (isAway) {
        throw new IllegalStateException("no database");
      }
      List<Long> numbers = entries.stream().map(Entry::number).toList();
      settlements.add(numbers);
      position = numbers.get(numbers.size() - 1);
    }

    @Override
    public Waiting waitingAfter(long number) {
      long rows = all.stream().filter(entry -> entry.number() > number).count();
      return new Waiting(rows, rows * BYTES, Math.max(number, all.size()));
    }

    @Override
    public boolean isOver() {
      return false;
    }
  }
}
