package io.sonde.polling;

import io.sonde.model.SampleBatch;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads resources of one kind, and may find them. It is made when the configuration is read, and
 * started when the node takes samples. Called from many actors: it never blocks the caller.
 */
public interface Pollster extends AutoCloseable {
  /** The schemes of the URLs under a source's {@code resources} that it reads, in lower case. */
  default Set<String> schemes() {
    return Set.of();
  }

  /**
   * What to read for a URL under a source's {@code resources}.
   *
   * @param url with one of {@link #schemes}
   * @throws IllegalArgumentException whose message says what was expected
   */
  default PolledTarget target(URI url) {
    throw new IllegalArgumentException("no URL");
  }

  /** The ways in which it finds resources. */
  default List<Discovery> discoveries() {
    return List.of();
  }

  /** Called once, before anything else is asked of it. */
  default void start(PollingContext context) {}

  /**
   * The host that a target is asked on, by any name: {@code sonde.polling.max-per-host} bounds how
   * many of its polls are under way at a time.
   *
   * @return null for none in particular
   */
  default String host(PolledTarget target) {
    return null;
  }

  /**
   * Reads a target once. All samples carry the moment of the reading and the key {@code
   * SampleKey.NONE}: a poll is identified by series and time.
   *
   * @param deadline after which nobody waits for the answer any more; whatever is in flight is to
   *     be given up then
   * @return the samples; failed, best with a {@link PollException}, when it could not be read
   */
  default CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    return CompletableFuture.failedFuture(
        new PollException(target.pollster() + " reads nothing by itself"));
  }

  /** Gives up what it holds; the node stops. */
  @Override
  default void close() {}
}
