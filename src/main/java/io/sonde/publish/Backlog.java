package io.sonde.publish;

import java.util.List;

/**
 * What waits durably for one publisher at one collector, oldest first. Methods block; it is used by
 * one thread at a time.
 *
 * @param <T> what is published
 */
interface Backlog<T> {
  /**
   * What was recorded together.
   *
   * @param number names it; those of later ones are greater
   * @param recordedAt seconds since 1970
   * @param bytes how much of the disk it takes
   * @param items those for the publisher, made when they are asked for
   */
  record Entry<T>(long number, long recordedAt, int bytes, List<T> items) {}

  /**
   * A part of what waits.
   *
   * @param last the greatest number in it; the one asked for if there is nothing
   */
  record Waiting(long entries, long bytes, long last) {}

  /** A number below those of all that waits. */
  long start();

  /**
   * The oldest entries that are not {@link #done}, at most about half a mebibyte; none at the end.
   */
  List<Entry<T>> next();

  /** Remembers for ever that these, which came one after the other, need not be handed over. */
  void done(List<Entry<T>> entries);

  /** What waits with numbers above this one. */
  Waiting waitingAfter(long number);

  /** Whether nothing can ever come any more, at the end of what {@link #next} gives. */
  boolean isOver();
}
