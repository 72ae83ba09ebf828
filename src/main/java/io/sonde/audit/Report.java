package io.sonde.audit;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a check of a database has come to: damage, a line each, as it is found; on a long run how
 * far it has got; and what was checked. For use by several threads.
 */
public final class Report {
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private final PrintWriter out;
  private final PrintWriter progress;
  private final long start = System.nanoTime();
  private final Map<Integer, Position> positions = new TreeMap<>();
  private long told = start;
  private long damages;
  private long unknown;
  private long events;
  private long samples;
  private long eventBytes;
  private long chunks;
  private long chunkSamples;
  private long chunkBytes;

  private record Position(long sequence, long end) {}

  /**
   * A report.
   *
   * @param out takes damage, notes and the summary
   * @param progress takes a line every five seconds
   */
  public Report(PrintWriter out, PrintWriter progress) {
    this.out = out;
    this.progress = progress;
  }

  /** Whether nothing was found. */
  public synchronized boolean isWhole() {
    return damages == 0;
  }

  synchronized void damage(Damage damage) {
    damages++;
    note(damage.toString());
  }

  /** Whether all that there is could be read. */
  public synchronized boolean isComplete() {
    return unknown == 0;
  }

  synchronized void cannotTell(String line) {
    unknown++;
    note("cannot tell: " + line);
  }

  /** What the reader must know beside. */
  synchronized void note(String line) {
    out.println(line);
    out.flush();
  }

  synchronized void begin(int collector, long end) {
    positions.put(collector, new Position(0, end));
  }

  synchronized void event(int collector, long sequence, int ofSamples, int bytes) {
    events++;
    samples += ofSamples;
    eventBytes += bytes;
    positions.computeIfPresent(collector, (one, at) -> new Position(sequence, at.end()));
    tell();
  }

  synchronized void chunk(int ofSamples, int bytes) {
    chunks++;
    chunkSamples += ofSamples;
    chunkBytes += bytes;
    tell();
  }

  private void tell() {
    long now = System.nanoTime();
    if (now - told < PROGRESS_NANOS) {
      return;
    }
    told = now;
    StringBuilder line = new StringBuilder();
    positions.forEach(
        (collector, at) ->
            line.append(
                line("collector %d event %,d of %,d; ", collector, at.sequence(), at.end())));
    progress.println(line + line("%,d samples, %,d chunk rows", samples, chunks));
    progress.flush();
  }

  /** The last line. */
  public synchronized void end(int collectors) {
    double seconds = Math.max(1e-3, (System.nanoTime() - start) / 1e9);
    out.println(
        line(
            "%s: %d collectors, %,d samples in %,d events of %,d bytes,"
                + " %,d samples in %,d chunk rows of %,d bytes; %.1f s, %,.0f samples/s",
            summary(),
            collectors,
            samples,
            events,
            eventBytes,
            chunkSamples,
            chunks,
            chunkBytes,
            seconds,
            samples / seconds));
    out.flush();
  }

  private String summary() {
    if (damages > 0) {
      return line("%,d damaged", damages);
    }
    return unknown > 0 ? line("%,d that cannot be told", unknown) : "all holds";
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
