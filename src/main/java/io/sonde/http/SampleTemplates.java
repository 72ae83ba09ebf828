package io.sonde.http;

import io.sonde.model.Series;

/**
 * How senders wrote the last sample of each series. Senders name their series in the same order
 * again and again, so a template is mostly found by the one before it, and by its series otherwise.
 *
 * <p>Bounded by an estimate of the memory taken: when it is full, what was not used since it was
 * last full goes. For use by many threads, which wait for each other only to add.
 */
final class SampleTemplates {
  private static final int FIRST_SIZE = 64;
  private static final int BYTES_OF_TEMPLATE = 300;

  private final long maxBytes;
  private volatile SampleTemplate[] table = new SampleTemplate[FIRST_SIZE];
  private int size;
  private long bytes;

  /** None yet; at most about so many bytes of the heap. */
  SampleTemplates(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** The template of a series, or null when there is none. */
  SampleTemplate of(Series series) {
    SampleTemplate[] now = table;
    return now[place(series, now)];
  }

  /** Keeps a template, instead of the one that there was of its series. */
  synchronized void keep(SampleTemplate template) {
    long more = bytesOf(template);
    if (more > maxBytes / 8) {
      return;
    }
    if (bytes + more > maxBytes) {
      sweep();
    }
    if (2 * size >= table.length) {
      grow();
    }
    int place = place(template.series(), table);
    SampleTemplate old = table[place];
    if (old == null) {
      size++;
    } else {
      bytes -= bytesOf(old);
      template.next = old.next;
      old.next = null;
    }
    bytes += more;
    table[place] = template;
  }

  private void grow() {
    SampleTemplate[] larger = new SampleTemplate[2 * table.length];
    for (SampleTemplate template : table) {
      if (template != null) {
        larger[place(template.series(), larger)] = template;
      }
    }
    table = larger;
  }

  /** Keeps what was used since the last time, though no more than leaves room for new ones. */
  private void sweep() {
    SampleTemplate[] kept = new SampleTemplate[table.length];
    size = 0;
    bytes = 0;
    for (SampleTemplate template : table) {
      if (template != null && template.isUsed && bytes < maxBytes / 4 * 3) {
        template.isUsed = false;
        kept[place(template.series(), kept)] = template;
        size++;
        bytes += bytesOf(template);
      } else if (template != null) {
        // Else what is gone would keep in memory what went before.
        template.next = null;
      }
    }
    table = kept;
  }

  /** Where the series is, or would be. */
  private static int place(Series series, SampleTemplate[] table) {
    int mask = table.length - 1;
    int product = series.hashCode() * 0x9e3779b9;
    int place = (product ^ (product >>> 16)) & mask;
    while (table[place] != null && !table[place].series().equals(series)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private static long bytesOf(SampleTemplate template) {
    return (long) BYTES_OF_TEMPLATE + template.length();
  }
}
