package io.sonde.publish;

import io.sonde.publish.Backlog.Entry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a backlog to its publisher, piece by piece, and leaves out what has waited for too long or
 * is too much. What the consumer has is known for ever when a part of the backlog is through, or
 * when a try fails: between the two, a crash lets some come twice. Blocks; used by one thread at a
 * time.
 *
 * @param <T> what is handed over, samples or events
 */
final class HandOver<T> {
  private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

  /** Samples, or events, for one call of the publisher. */
  private static final int PIECE = 1000;

  private static final Duration MEASURE_INTERVAL = Duration.ofSeconds(2);
  private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

  /** A way to a consumer. */
  @FunctionalInterface
  interface Consumer<T> {
    /** See {@link Publisher#publish} and {@link EventPublisher#publishEvents}. */
    void take(List<T> items) throws IOException;
  }

  /** What a run has come to. */
  enum Progress {
    /** There may be more. */
    MORE,
    /** Nothing waits now. */
    END,
    /** Nothing will ever wait any more. */
    OVER
  }

  /**
   * What the hand-overs of a node share.
   *
   * @param watch tells hand-overs that take too long
   * @param database calls of the database at a time, so that others get connections too
   */
  record Means(
      PublishSettings settings, ScheduledExecutorService watch, Semaphore database, Clock clock) {}

  private final String name;
  private final int collector;
  private final Consumer<T> consumer;
  private final Backlog<T> backlog;
  private final Lock turn;
  private final Means means;
  private final PublisherMetrics.Behind behind;

  private final Deque<Entry<T>> entries = new ArrayDeque<>();
  private final List<Entry<T>> through = new ArrayList<>();
  // How many of the first entry the consumer has.
  private int handed;
  private volatile boolean isStopped;

  // What waits, as far as it is known: the entries up to a number, measured when far behind.
  private long waitingEntries;
  private long waitingBytes;
  private long measuredTo = -1;
  private long measuredAt;
  private boolean isCaughtUp;

  private long leftOut;
  private long loggedAt;

  /**
   * A hand-over.
   *
   * @param name names the publisher in logs and metrics
   * @param turn held while the publisher is called
   */
  HandOver(
      String name,
      int collector,
      Consumer<T> consumer,
      Backlog<T> backlog,
      Lock turn,
      Means means) {
    this.name = name;
    this.collector = collector;
    this.consumer = consumer;
    this.backlog = backlog;
    this.turn = turn;
    this.means = means;
    this.behind = PublisherMetrics.Behind.of(name);
  }

  /** Whom it is for, in logs. */
  String name() {
    return name;
  }

  /** Hands over a part of what waits. When it fails, the next run goes on where this one ended. */
  Progress run() throws IOException {
    settle();
    measure();
    if (entries.isEmpty()) {
      List<Entry<T>> next = query(backlog::next);
      if (next.isEmpty()) {
        waitingEntries = 0;
        waitingBytes = 0;
        isCaughtUp = true;
        behind.nothing();
        return backlog.isOver() ? Progress.OVER : Progress.END;
      }
      entries.addAll(next);
    }
    try {
      while (!entries.isEmpty() && !isStopped) {
        leaveOut();
        handOver();
      }
    } catch (IOException | RuntimeException e) {
      isCaughtUp = false;
      settleAfter(e);
      throw e;
    }
    settle();
    return Progress.MORE;
  }

  /** Ends a run that is under way after its piece; nothing is shown of it any more. */
  void stop() {
    isStopped = true;
    behind.forget();
  }

  private void settle() {
    if (!through.isEmpty()) {
      query(
          () -> {
            backlog.done(List.copyOf(through));
            return null;
          });
      through.clear();
    }
  }

  private void settleAfter(Exception failure) {
    try {
      settle();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private <R> R query(Supplier<R> work) {
    means.database().acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      means.database().release();
    }
  }

  /** Who keeps up need not be measured. */
  private void measure() {
    if (isCaughtUp || (measuredTo >= 0 && !isPast(measuredAt, MEASURE_INTERVAL))) {
      return;
    }
    if (measuredTo < 0) {
      measuredTo = query(backlog::start);
    }
    Backlog.Waiting more = query(() -> backlog.waitingAfter(measuredTo));
    waitingEntries += more.entries();
    waitingBytes += more.bytes();
    measuredTo = more.last();
    measuredAt = System.nanoTime();
  }

  private void leaveOut() {
    long oldest = means.clock().instant().minus(means.settings().maxBehindAge()).getEpochSecond();
    while (!entries.isEmpty()) {
      Entry<T> first = entries.peekFirst();
      boolean isOld = first.recordedAt() < oldest;
      if (!isOld && waitingBytes <= means.settings().maxBehindBytes()) {
        break;
      }
      int count = first.items().size() - handed;
      PublisherMetrics.OVERFLOW.labelValues(name, isOld ? "age" : "bytes").inc(count);
      leftOut += count;
      handed = 0;
      finishFirst();
    }
    if (leftOut > 0 && (loggedAt == 0 || isPast(loggedAt, LOG_INTERVAL))) {
      LOG.warn(
          "publisher={} collector={} is too far behind: {} are left out", name, collector, leftOut);
      leftOut = 0;
      loggedAt = System.nanoTime();
    }
  }

  private static boolean isPast(long since, Duration time) {
    return System.nanoTime() - since >= time.toNanos();
  }

  private void handOver() throws IOException {
    List<T> piece = new ArrayList<>();
    int from = handed;
    for (Entry<T> entry : entries) {
      int to = Math.min(entry.items().size(), from + PIECE - piece.size());
      piece.addAll(entry.items().subList(from, to));
      if (piece.size() == PIECE) {
        break;
      }
      from = 0;
    }
    if (!entries.isEmpty()) {
      behind.set(
          entries.peekFirst().recordedAt(),
          Math.max(waitingEntries, entries.size()),
          Math.max(waitingBytes, entries.stream().mapToLong(Entry::bytes).sum()));
    }
    try {
      if (!piece.isEmpty()) {
        publish(piece);
      }
      taken(piece.size());
    } catch (PublishException e) {
      taken(Math.min(e.taken(), piece.size()));
      throw e;
    }
  }

  private void taken(int count) {
    PublisherMetrics.PUBLISHED.labelValues(name).inc(count);
    handed += count;
    while (!entries.isEmpty() && handed >= entries.peekFirst().items().size()) {
      handed -= entries.peekFirst().items().size();
      finishFirst();
    }
  }

  private void finishFirst() {
    Entry<T> first = entries.removeFirst();
    through.add(first);
    if (first.number() > measuredTo) {
      measuredTo = first.number();
    } else {
      waitingEntries--;
      waitingBytes -= first.bytes();
    }
  }

  /** A publisher that does not give way when it is interrupted has only its own thread. */
  private void publish(List<T> piece) throws IOException {
    long deadline = means.settings().deadline().toMillis();
    boolean isOurs = false;
    try {
      isOurs = turn.tryLock(deadline, TimeUnit.MILLISECONDS);
    } catch (InterruptedException ignored) {
      // as if it had not come
    }
    if (!isOurs) {
      throw new IOException("an earlier hand-over does not end");
    }
    Late late = new Late(Thread.currentThread());
    Future<?> watch = means.watch().schedule(late::interrupt, deadline, TimeUnit.MILLISECONDS);
    try {
      consumer.take(piece);
    } catch (IOException | RuntimeException e) {
      if (late.ended()) {
        int taken = e instanceof PublishException part ? part.taken() : 0;
        throw new PublishException("no answer within " + deadline + " ms", taken, null, e);
      }
      throw e;
    } finally {
      late.ended();
      watch.cancel(false);
      turn.unlock();
    }
  }

  /** Interrupts a thread while, and only while, it hands over. */
  private static final class Late {
    private Thread runner;
    private boolean isInterrupted;

    private Late(Thread runner) {
      this.runner = runner;
    }

    private synchronized void interrupt() {
      if (runner != null) {
        runner.interrupt();
        isInterrupted = true;
      }
    }

    /** Whether it was interrupted; it will not be any more. */
    private synchronized boolean ended() {
      if (runner != null) {
        runner = null;
        Thread.interrupted();
      }
      return isInterrupted;
    }
  }
}
