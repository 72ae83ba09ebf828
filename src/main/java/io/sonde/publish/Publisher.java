package io.sonde.publish;

import io.sonde.model.Sample;
import java.io.IOException;
import java.util.List;

/**
 * Hands samples to a consumer outside. Called by one thread at a time for each collector, and by
 * those of several collectors at once; may block, and must give way when its thread is interrupted,
 * which it is when {@code sonde.publish.deadline} has passed.
 */
public interface Publisher {
  /**
   * A sample on its way out.
   *
   * @param id the id that Sonde gives it: a consumer that sees it twice knows it again
   * @param sample the sample
   * @param recordedAt when it was recorded, seconds since 1970
   */
  record Outgoing(String id, Sample sample, long recordedAt) {}

  /**
   * Hands samples over, in the order of their recording.
   *
   * @param samples at most a thousand
   * @throws IOException when the consumer may not have all of them; they are handed over again, but
   *     for those that a {@link PublishException} says are taken
   */
  void publish(List<Outgoing> samples) throws IOException;

  /** Ends connections; nothing is handed over afterwards. */
  default void close() {}
}
