package io.sonde.server;

import java.util.Arrays;

/** What the clients know of their numbered samples: sent or not, acknowledged or not, and when. */
final class History {
  private static final byte SENT = 1;
  private static final int LAST_ROUND = Byte.MAX_VALUE - SENT - 1;

  /** By number: 0 never sent, {@link #SENT}, or {@code SENT + 1 + round} once acknowledged. */
  private byte[] states = new byte[1 << 16];

  private int end;
  private int sent;
  private int acknowledged;
  private int round;

  /** Gives out the next numbers; a number is taken once. */
  synchronized long[] take(int count) {
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = end++;
    }
    if (end > states.length) {
      states = Arrays.copyOf(states, Math.max(end, 2 * states.length));
    }
    return numbers;
  }

  /** These are about to leave: from now on they may be stored. */
  synchronized void sent(long... numbers) {
    for (long number : numbers) {
      if (states[(int) number] == 0) {
        states[(int) number] = SENT;
        sent++;
      }
    }
  }

  /** The server said that it has them. */
  synchronized void acknowledged(long... numbers) {
    for (long number : numbers) {
      if (states[(int) number] <= SENT) {
        states[(int) number] = (byte) (SENT + 1 + Math.min(round, LAST_ROUND));
        acknowledged++;
      }
    }
  }

  /** Another life of the server begins. */
  synchronized void nextRound() {
    round++;
  }

  /** All numbers given out lie below this one. */
  synchronized long end() {
    return end;
  }

  /** Whether this number was ever sent. */
  synchronized boolean wasSent(long number) {
    return number >= 0 && number < end && states[(int) number] >= SENT;
  }

  /** In which life of the server the number was acknowledged, or -1. */
  synchronized int acknowledgedIn(long number) {
    return states[(int) number] - SENT - 1;
  }

  /** How many were sent. */
  synchronized int sentCount() {
    return sent;
  }

  /** How many were acknowledged. */
  synchronized int acknowledgedCount() {
    return acknowledged;
  }
}
