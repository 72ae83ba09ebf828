package io.sonde.host;

import io.sonde.polling.PollException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The parts of a host by their addresses. One look for them is under way at a time, and no thread
 * waits for it: a look hangs as long as one of the file systems does.
 */
final class HostParts {
  private static final long LOOK_EVERY_MILLIS = Duration.ofMinutes(1).toMillis();

  private final Supplier<List<HostPart>> look;
  private final Clock clock;
  private final Executor blocking;
  private volatile Map<String, HostPart> known = Map.of();
  private CompletableFuture<Map<String, HostPart>> last;
  private long begun;

  /**
   * Knows none yet.
   *
   * @param look finds them; may block
   */
  HostParts(Supplier<List<HostPart>> look, Clock clock, Executor blocking) {
    this.look = look;
    this.clock = clock;
    this.blocking = blocking;
  }

  /**
   * All parts as they were found a minute ago at most.
   *
   * @return failed with a {@link PollException} when a look takes longer than that
   */
  synchronized CompletableFuture<Map<String, HostPart>> all() {
    long now = clock.millis();
    boolean isRecent = last != null && now >= begun && now - begun < LOOK_EVERY_MILLIS;
    if (isRecent && !last.isCompletedExceptionally()) {
      return last;
    }
    if (last != null && !last.isDone()) {
      return CompletableFuture.failedFuture(
          new PollException("the last look for the parts of this host is not over yet"));
    }
    last = CompletableFuture.supplyAsync(this::looked, blocking);
    begun = now;
    return last;
  }

  private Map<String, HostPart> looked() {
    Map<String, HostPart> there = new LinkedHashMap<>();
    for (HostPart part : look.get()) {
      // Known parts keep their object: one may be read just now.
      there.put(part.address(), known.getOrDefault(part.address(), part));
    }
    known = Collections.unmodifiableMap(there);
    return known;
  }

  /**
   * One part. Those that are known are not looked for.
   *
   * @return failed with a {@link PollException} when there is none of this address
   */
  CompletableFuture<HostPart> part(String address) {
    HostPart part = known.get(address);
    return part == null
        ? all().thenApply(there -> existing(there, address))
        : CompletableFuture.completedFuture(part);
  }

  private static HostPart existing(Map<String, HostPart> there, String address) {
    HostPart part = there.get(address);
    if (part == null) {
      throw new PollException("this host has no " + address);
    }
    return part;
  }
}
