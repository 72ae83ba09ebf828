package io.sonde.query;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The samples that one reader has still to take, within bounds. Who offers never waits: when there
 * is no more room, samples are left out until the reader has taken all that was queued, and it is
 * told how many. Safe for use by many threads, one of which reads.
 */
public final class LiveStream {
  /** A reader that has taken nothing for so long is gone. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What a sample takes, besides its metadata. */
  private static final long SAMPLE_BYTES = 256;

  /** A part has one sample more at most. */
  private static final int PART_BYTES = 64 * 1024;

  /**
   * What a reader takes at a time.
   *
   * @param dropped how many were left out after these
   */
  public record Part(List<StoredSample> samples, long dropped) {}

  private final SampleFilter filter;
  private final long maxBytes;
  private final Consumer<LiveStream> onClose;
  private final Queue<StoredSample> queue = new ArrayDeque<>();
  private long queuedBytes;
  private long dropped;
  private CompletableFuture<Optional<Part>> reader;
  private long lastTaken = System.nanoTime();
  private boolean isClosed;

  /**
   * An open stream.
   *
   * @param maxBytes of all samples in it, estimated
   * @param onClose runs once
   */
  LiveStream(SampleFilter filter, long maxBytes, Consumer<LiveStream> onClose) {
    this.filter = filter;
    this.maxBytes = maxBytes;
    this.onClose = onClose;
  }

  SampleFilter filter() {
    return filter;
  }

  /**
   * The next samples, as soon as there are any; empty when the stream is closed. Asked again only
   * after the answer.
   */
  public synchronized CompletionStage<Optional<Part>> next() {
    lastTaken = System.nanoTime();
    if (isClosed) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    if (!queue.isEmpty() || dropped > 0) {
      return CompletableFuture.completedStage(Optional.of(take()));
    }
    reader = new CompletableFuture<>();
    return reader;
  }

  /** Takes these, or as many as there is room for. */
  void offer(List<StoredSample> samples) {
    CompletableFuture<Optional<Part>> waiting;
    Part part;
    synchronized (this) {
      if (isClosed || samples.isEmpty()) {
        return;
      }
      int taken = dropped > 0 ? 0 : queue(samples);
      dropped += samples.size() - taken;
      LiveMetrics.SAMPLES.labelValues("queued").inc(taken);
      LiveMetrics.SAMPLES.labelValues("dropped").inc(samples.size() - taken);
      if (reader == null) {
        return;
      }
      waiting = reader;
      reader = null;
      part = take();
    }
    waiting.complete(Optional.of(part));
  }

  /** Whether nobody will read any more. */
  synchronized boolean isOver() {
    if (reader == null && System.nanoTime() - lastTaken > PATIENCE.toNanos()) {
      close();
    }
    return isClosed;
  }

  /** Ends it; what is queued is not told any more. */
  public void close() {
    CompletableFuture<Optional<Part>> waiting;
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      queue.clear();
      waiting = reader;
      reader = null;
    }
    onClose.accept(this);
    if (waiting != null) {
      waiting.complete(Optional.empty());
    }
  }

  private int queue(List<StoredSample> samples) {
    int taken = 0;
    for (StoredSample sample : samples) {
      long bytes = bytes(sample);
      if (queuedBytes + bytes > maxBytes) {
        break;
      }
      queue.add(sample);
      queuedBytes += bytes;
      taken++;
    }
    return taken;
  }

  private Part take() {
    List<StoredSample> samples = new ArrayList<>();
    for (long bytes = 0; bytes < PART_BYTES && !queue.isEmpty(); ) {
      StoredSample sample = queue.remove();
      samples.add(sample);
      bytes += bytes(sample);
      queuedBytes -= bytes(sample);
    }
    long leftOut = 0;
    if (queue.isEmpty()) {
      leftOut = dropped;
      dropped = 0;
    }
    return new Part(samples, leftOut);
  }

  private static long bytes(StoredSample sample) {
    return SAMPLE_BYTES + sample.sample().metadata().utf8Length();
  }
}
