package io.sonde.publish;

import io.sonde.store.QueueStore;

/**
 * An outside publisher that gets events.
 *
 * @param publisher its URL, as configured
 */
public record EventPublication(String publisher) {
  /**
   * Names what waits for the publisher: {@link Publication#name} says what of samples of the same
   * URL.
   */
  public String name() {
    return QueueStore.EVENTS + PublisherUrl.shown(publisher);
  }
}
