package io.sonde.audit;

import io.sonde.collector.JournalEvents;
import io.sonde.series.CorruptDataException;
import io.sonde.store.JournalStore.StoredEvent;
import java.util.Arrays;

/**
 * The hash chain of a collector's journal, followed event by event from its beginning or from a
 * head that is known. It finds what was changed, removed, inserted or put into another order, but
 * not that the end is missing. For one thread.
 */
public final class Chain {
  private final int collector;
  private Head head;

  /**
   * How far the chain has been followed.
   *
   * @param sequence of the last event; 0 before the first
   * @param hash of the last event, 32 bytes; zeros before the first
   */
  public record Head(long sequence, byte[] hash) {
    /** Before the first event. */
    public static final Head NONE = new Head(0, new byte[32]);
  }

  /** The chain of a collector from a head on. */
  public Chain(int collector, Head from) {
    this.collector = collector;
    this.head = from;
  }

  public Head head() {
    return head;
  }

  /**
   * Takes the next event.
   *
   * @return what it says
   * @throws BrokenChainException when it is not what must come next; the head stays
   */
  public JournalEvents follow(StoredEvent event) throws BrokenChainException {
    long due = head.sequence() + 1;
    if (event.sequence() != due) {
      throw new BrokenChainException(
          collector, due, "event " + due, "event " + event.sequence() + " in its place");
    }
    JournalEvents said;
    try {
      said = JournalEvents.of(event.payload());
    } catch (CorruptDataException e) {
      throw new BrokenChainException(collector, due, "an event that can be read", e.getMessage());
    }
    if (said.collector() != collector || said.sequence() != due) {
      throw new BrokenChainException(
          collector,
          due,
          "event " + due + " of collector " + collector,
          "event " + said.sequence() + " of collector " + said.collector());
    }
    if (!Arrays.equals(said.previousHash(), head.hash())) {
      throw new BrokenChainException(
          collector,
          due,
          "predecessor " + BrokenChainException.hex(head.hash()),
          "predecessor " + BrokenChainException.hex(said.previousHash()));
    }
    head = new Head(due, JournalEvents.hash(event.payload()));
    return said;
  }
}
