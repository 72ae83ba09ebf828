package io.sonde.server;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Several connections that push numbered samples at once, and do what clients do to servers: send
 * again what was not answered, and now and then what was.
 */
final class Pushing implements AutoCloseable {
  private final History history;
  private final Duration pause;
  private final List<Thread> threads;
  private final Queue<long[]> echoes = new ConcurrentLinkedQueue<>();
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicInteger refusedRequests = new AtomicInteger();
  private final AtomicInteger brokenRequests = new AtomicInteger();
  private volatile URI base;
  private volatile boolean finishing;
  private volatile boolean stopped;

  /** Prepares the connections; {@link #to} tells them where to send. */
  Pushing(History history, long seed, int connections) {
    this(history, seed, connections, Duration.ZERO);
  }

  /**
   * Prepares connections that push less than a server can take.
   *
   * @param pause after each request that was served
   */
  Pushing(History history, long seed, int connections, Duration pause) {
    this.history = history;
    this.pause = pause;
    this.threads =
        IntStream.range(0, connections)
            .mapToObj(i -> new Thread(new Pusher(this, seed * 31 + i), "push-" + i))
            .toList();
    threads.forEach(thread -> thread.setDaemon(true));
  }

  /** Begins. */
  void start() {
    threads.forEach(Thread::start);
  }

  /** From now on this server gets what is pushed. */
  void to(URI server) {
    base = server;
  }

  /** Waits until so many more samples than now were acknowledged. */
  void awaitAcknowledged(int more, Duration limit) {
    int count = history.acknowledgedCount() + more;
    Wait.until(
        limit,
        count + " acknowledged samples; " + this + "; " + complaints,
        () -> history.acknowledgedCount() >= count);
  }

  /** Ends once everything that will be sent again was acknowledged. */
  void finish(Duration limit) {
    finishing = true;
    Wait.until(
        limit,
        "an answer to all that was pushed; " + this,
        () -> threads.stream().noneMatch(Thread::isAlive));
  }

  /** What servers answered that they must not answer. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** How many requests are at the server right now. */
  int inFlight() {
    return inFlight.get();
  }

  /** The sum of what servers said they accepted as new. */
  long acceptedCount() {
    return accepted.get();
  }

  /** How many requests were answered 503. */
  int refusedCount() {
    return refusedRequests.get();
  }

  /** How many requests got no answer, be it because it took too long. */
  int brokenCount() {
    return brokenRequests.get();
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    Wait.reached(Duration.ofSeconds(5), () -> threads.stream().noneMatch(Thread::isAlive));
  }

  @Override
  public String toString() {
    return "sent "
        + history.sentCount()
        + " samples, acknowledged "
        + history.acknowledgedCount()
        + ", accepted as new "
        + accepted
        + ", known already "
        + duplicates
        + "; requests: answered 503 "
        + refusedRequests
        + ", broken off "
        + brokenRequests
        + ", given up "
        + unanswered;
  }

  Duration pause() {
    return pause;
  }

  History history() {
    return history;
  }

  Queue<long[]> echoes() {
    return echoes;
  }

  URI base() {
    return base;
  }

  boolean finishing() {
    return finishing;
  }

  boolean stopped() {
    return stopped;
  }

  void complain(String text) {
    // The first ones tell the story.
    if (complaints.size() < 20) {
      complaints.add(text);
    }
  }

  void began() {
    inFlight.incrementAndGet();
  }

  void ended() {
    inFlight.decrementAndGet();
  }

  void answered(long acceptedNow, long duplicatesNow) {
    accepted.addAndGet(acceptedNow);
    duplicates.addAndGet(duplicatesNow);
  }

  void refused() {
    refusedRequests.incrementAndGet();
  }

  void broken() {
    brokenRequests.incrementAndGet();
  }

  void gaveUp() {
    unanswered.incrementAndGet();
  }
}
