package io.sonde.publish;

import io.sonde.model.Event;
import java.io.IOException;
import java.util.List;

/** A {@link Publisher} that takes events too. All that is said there holds for them. */
public interface EventPublisher extends Publisher {
  /**
   * Hands events over, in the order of their recording.
   *
   * @param events at most a thousand
   * @throws IOException when the consumer may not have all of them; they are handed over again, but
   *     for those that a {@link PublishException} says are taken
   */
  void publishEvents(List<Event> events) throws IOException;
}
