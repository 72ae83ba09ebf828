package io.sonde.collector;

import io.sonde.model.SampleKey;
import java.util.Arrays;
import java.util.List;

/**
 * Finds samples among those that are gathered for the next commit. Nearly all samples are newer
 * than anything known and are never looked for here, so the index is made when it is first asked.
 */
final class Gathered {
  private static final int SMALLEST = 256;

  private final List<EventBlock.Builder> events;
  // Open addressing: place + 1 of the event and of the sample in it, or 0.
  private int[] eventAt = {};
  private int[] sampleAt = {};
  private int indexed;
  private int indexedEvents;
  private int indexedSamples;

  Gathered(List<EventBlock.Builder> events) {
    this.events = events;
  }

  void clear() {
    if (indexed > 0) {
      Arrays.fill(eventAt, 0);
    }
    indexed = 0;
    indexedEvents = 0;
    indexedSamples = 0;
  }

  /** The volume of a gathered sample, or null when it is not among them. */
  Double find(int number, long timestamp, long key) {
    index();
    if (indexed == 0) {
      return null;
    }
    int mask = eventAt.length - 1;
    for (int at = hash(number, timestamp, key) & mask; eventAt[at] != 0; at = (at + 1) & mask) {
      EventBlock.Builder event = events.get(eventAt[at] - 1);
      if (event.is(sampleAt[at], number, timestamp, key)) {
        return event.volume(sampleAt[at]);
      }
    }
    return null;
  }

  /** Takes in what was gathered since the last question. */
  private void index() {
    while (indexedEvents < events.size()) {
      EventBlock.Builder event = events.get(indexedEvents);
      while (indexedSamples < event.size()) {
        enter(indexedEvents, indexedSamples++);
      }
      if (indexedEvents == events.size() - 1) {
        return;
      }
      indexedEvents++;
      indexedSamples = 0;
    }
  }

  private void enter(int event, int sample) {
    if ((indexed + 1) * 2 > eventAt.length) {
      int[] oldEvents = eventAt;
      int[] oldSamples = sampleAt;
      eventAt = new int[Math.max(SMALLEST, oldEvents.length * 4)];
      sampleAt = new int[eventAt.length];
      for (int i = 0; i < oldEvents.length; i++) {
        if (oldEvents[i] != 0) {
          put(oldEvents[i] - 1, oldSamples[i]);
        }
      }
    }
    put(event, sample);
    indexed++;
  }

  private void put(int event, int sample) {
    int mask = eventAt.length - 1;
    int at = events.get(event).hash(sample) & mask;
    while (eventAt[at] != 0) {
      at = (at + 1) & mask;
    }
    eventAt[at] = event + 1;
    sampleAt[at] = sample;
  }

  /** Spreads what tells samples apart; see {@link SampleKey} for the key. */
  static int hash(int number, long timestamp, long key) {
    long hash = (timestamp * 31 + number) * 0x9e3779b97f4a7c15L + key;
    hash = (hash ^ (hash >>> 32)) * 0xd6e8feb86659fd93L;
    return (int) (hash >>> 32);
  }
}
