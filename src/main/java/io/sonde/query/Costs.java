package io.sonde.query;

import io.sonde.collector.ReadRequest;
import io.sonde.model.SeriesFilter;
import io.sonde.store.QueryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** How a question was answered and what that took. For use by several threads. */
public final class Costs {
  /** One reading of database and collectors. */
  public static final class Reading {
    private final Reader.Reading what;
    private final int attempt;
    private final long begin = System.nanoTime();
    final AtomicLong chunks = new AtomicLong();
    final AtomicLong opened = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong samples = new AtomicLong();
    final AtomicLong collected = new AtomicLong();
    final AtomicLong collectors = new AtomicLong();
    private volatile long nanos;

    private Reading(Reader.Reading what, int attempt) {
      this.what = what;
      this.attempt = attempt;
    }

    void end() {
      nanos = System.nanoTime() - begin;
    }

    /** By what the database and the collectors narrow. */
    public SeriesFilter filter() {
      return what.filter();
    }

    /** Earliest timestamp read, microseconds; {@link Long#MIN_VALUE} without a bound. */
    public long from() {
      return what.time().from();
    }

    /** Timestamps read are before this one; {@link Long#MAX_VALUE} without a bound. */
    public long to() {
      return what.time().to();
    }

    /** The latest second of recording; {@link Long#MAX_VALUE} without a bound. */
    public long recordedUntil() {
      return what.recordedUntil();
    }

    /** Which chunk rows were read. */
    public QueryStore.Chunks rows() {
      return what.chunks();
    }

    /** What collectors were asked for. */
    public ReadRequest.Wants wants() {
      return what.wants();
    }

    /** 1, unless what was read before could not be made whole. */
    public int attempt() {
      return attempt;
    }

    /** Collectors asked. */
    public long collectors() {
      return collectors.get();
    }

    /** Chunk rows read. */
    public long chunks() {
      return chunks.get();
    }

    /** Chunks, of rows or from collectors, whose samples were looked at. */
    public long opened() {
      return opened.get();
    }

    /** Chunks and sums that collectors gave. */
    public long collected() {
      return collected.get();
    }

    /** Bytes of all of these. */
    public long bytes() {
      return bytes.get();
    }

    /** Samples in the chunks that were opened. */
    public long samples() {
      return samples.get();
    }

    /** Time that it took, nanoseconds. */
    public long nanos() {
      return nanos;
    }
  }

  private final List<Reading> readings = new ArrayList<>();

  synchronized Reading begin(Reader.Reading what, int attempt) {
    Reading reading = new Reading(what, attempt);
    readings.add(reading);
    return reading;
  }

  /** The readings so far, in their order. */
  public synchronized List<Reading> readings() {
    return List.copyOf(readings);
  }
}
