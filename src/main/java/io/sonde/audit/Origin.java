package io.sonde.audit;

import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Series;
import io.sonde.store.JournalStore.StoredEvent;

/**
 * Where in the journal a sample stands.
 *
 * @param collector whose journal it is
 * @param sequence the event's number in it
 * @param position the sample's place in the event, from 0
 * @param samples of the event
 * @param hash of the event, 32 bytes: the next one names it
 * @param previousHash of the event before
 * @param note by what way the sample came, see {@link io.sonde.model.Provenance}
 * @param series of the sample
 * @param sample as the event has it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Origin(
    int collector,
    long sequence,
    int position,
    int samples,
    byte[] hash,
    byte[] previousHash,
    String note,
    Series series,
    Recorded sample) {
  /** That of the sample at a position of an event. */
  static Origin of(StoredEvent event, JournalEvents said, int position, Series series) {
    return new Origin(
        said.collector(),
        event.sequence(),
        position,
        said.size(),
        JournalEvents.hash(event.payload()),
        said.previousHash(),
        said.way(position),
        series,
        said.sample(position));
  }
}
