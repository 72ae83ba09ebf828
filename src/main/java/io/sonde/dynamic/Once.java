package io.sonde.dynamic;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Work that is done once, by whoever comes to it first: a thread of a pool, or who waits for it.
 */
final class Once implements Runnable {
  private final Runnable work;
  private final AtomicBoolean isBegun = new AtomicBoolean();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  Once(Runnable work) {
    this.work = work;
  }

  @Override
  public void run() {
    if (isBegun.compareAndSet(false, true)) {
      try {
        work.run();
      } finally {
        done.complete(null);
      }
    }
  }

  /** Waits; does it here and now if nobody has begun after that time. */
  void await(Duration time) {
    CompletableFuture<Void> inTime = done.copy().orTimeout(time.toMillis(), TimeUnit.MILLISECONDS);
    if (inTime.handle((nothing, failure) -> failure instanceof TimeoutException).join()) {
      run();
      done.join();
    }
  }
}
