package io.sonde.server;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition with a deadline: the only place where these tests let time pass. */
public final class Wait {
  private static final Duration STEP = Duration.ofMillis(10);

  private Wait() {}

  /** Returns as soon as the condition holds; fails, naming what was missed, at the deadline. */
  public static void until(Duration limit, String description, Callable<Boolean> condition) {
    if (!reached(limit, condition)) {
      throw new AssertionError("not within " + limit.toMillis() + " ms: " + description);
    }
  }

  /** Whether the condition came to hold before the limit was over. */
  public static boolean reached(Duration limit, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holds(condition)) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(Math.min(left, STEP.toNanos()));
    }
    return true;
  }

  private static boolean holds(Callable<Boolean> condition) {
    try {
      return condition.call();
    } catch (Exception e) {
      throw new AssertionError("a condition could not be looked at", e);
    }
  }
}
