package io.sonde.publish;

import io.sonde.model.Sample;
import java.io.IOException;
import java.util.List;

/**
 * Hands samples to a consumer outside. Called by one thread at a time for each collector; may
 * block.
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
   * @throws IOException when the consumer may not have all of them; they are handed over again
   */
  void publish(List<Outgoing> samples) throws IOException;

  /** Ends connections; nothing is handed over afterwards. */
  default void close() {}
}
