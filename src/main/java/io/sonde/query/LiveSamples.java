package io.sonde.query;

import io.sonde.collector.Collectors;
import io.sonde.collector.JournalWords;
import io.sonde.model.UnavailableException;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Samples as they are stored, of all collectors of the cluster, for streams that are open on this
 * node.
 *
 * <p>The journal is the one place where all nodes see all samples, in order and for good. So the
 * node that serves streams reads the journals itself, once for all its streams, and asks collectors
 * only what numbers in them stand for. Nothing has to be told between nodes: a collector that moves
 * or dies changes nothing, its successor writes the same journal on. While no stream is open
 * nothing is read, and nothing is kept.
 */
public final class LiveSamples {
  private static final int MOST_THREADS = 4;
  private static final Duration IDLE = Duration.ofSeconds(5);

  /** What a collector that does not answer holds up: the turn of one reader, which tries again. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<LiveTail> tails;
  private final ExecutorService threads;
  private final int maxStreams;
  private final long maxBytes;
  private final Set<LiveStream> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger count = new AtomicInteger();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /**
   * Of these collectors; no stream is open yet.
   *
   * @param maxStreams that may be open at a time
   * @param maxBytes of the samples that wait in one stream, estimated
   */
  public static LiveSamples of(
      Collectors collectors, JournalStore journal, QueryStore rows, int maxStreams, long maxBytes) {
    ExecutorService threads = threads(Math.min(MOST_THREADS, collectors.count()));
    List<LiveTail> tails = new ArrayList<>();
    for (int i = 0; i < collectors.count(); i++) {
      int collector = i;
      tails.add(
          new LiveTail(
              collector,
              journal,
              () ->
                  new JournalWords(
                      (series, metadata) ->
                          collectors.describe(collector, series, metadata, PATIENCE),
                      rows::metadata),
              threads));
    }
    return new LiveSamples(tails, threads, maxStreams, maxBytes);
  }

  LiveSamples(List<LiveTail> tails, ExecutorService threads, int maxStreams, long maxBytes) {
    this.tails = tails;
    this.threads = threads;
    this.maxStreams = maxStreams;
    this.maxBytes = maxBytes;
  }

  /**
   * Opens a stream of the samples that match. It has every one that any node acknowledges after the
   * answer, once, and those of a series in the order in which they are stored. Fails with {@link
   * UnavailableException} when too many are open, or the node is stopping.
   *
   * @param filter which may look at series and metadata only
   */
  public CompletionStage<LiveStream> open(SampleFilter filter) {
    if (filter.isBounded() || filter.rest().looksAtColumns()) {
      throw new IllegalArgumentException("live samples are chosen by series and metadata only");
    }
    if (count.incrementAndGet() > maxStreams) {
      count.decrementAndGet();
      return CompletableFuture.failedStage(
          new UnavailableException(
              "There are " + maxStreams + " streams open on this node, and there may be no more."));
    }
    LiveMetrics.STREAMS.inc();
    LiveStream stream = new LiveStream(filter, maxBytes, this::forget);
    open.add(stream);
    if (closed.isDone()) {
      stream.close();
      return CompletableFuture.failedStage(new UnavailableException("the node is stopping"));
    }
    CompletableFuture<Void> joined =
        CompletableFuture.allOf(
            tails.stream()
                .map(tail -> tail.join(stream).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    // A node that stops meanwhile has closed the stream.
    return CompletableFuture.anyOf(joined, closed).thenApply(any -> stream);
  }

  /** Ends all streams; there are no more. */
  public void close() {
    closed.complete(null);
    open.forEach(LiveStream::close);
    threads.shutdown();
  }

  /** Done when no more streams are served. */
  public CompletionStage<Void> whenClosed() {
    return closed;
  }

  private void forget(LiveStream stream) {
    open.remove(stream);
    count.decrementAndGet();
    LiveMetrics.STREAMS.dec();
  }

  /** Threads that end while there is nothing to do. */
  static ExecutorService threads(int most) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "live-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
