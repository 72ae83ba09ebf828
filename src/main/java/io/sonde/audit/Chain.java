package io.sonde.audit;

import io.sonde.collector.JournalEvents;
import io.sonde.series.CorruptDataException;
import io.sonde.store.JournalStore.StoredEvent;
import java.util.Arrays;

/**
 * The hash chain of a collector's journal, followed event by event from its beginning or from a
 * head that is known. It finds what was changed, removed, inserted or put into another order, but
 * not that the end is missing, nor that the last event is another one: nothing names that yet. For
 * one thread.
 */
public final class Chain {
  private final int collector;
  private Head head;
  // Behind damage it is not known what the next event must name.
  private boolean isLoose;
  private boolean isInSegment;

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
   * @throws BrokenChainException when it is not what must come next; the head stays. An event whose
   *     hash is not the one that the next event names is itself the place of the damage.
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
    // A segment begins behind whatever was there, which may have been mended since.
    boolean beginsSegment = said.isInSegment() && !isInSegment;
    if (!isLoose && !beginsSegment && !Arrays.equals(said.previousHash(), head.hash())) {
      throw due == 1
          ? new BrokenChainException(
              collector, 1, "no predecessor", "predecessor " + hex(said.previousHash()))
          : new BrokenChainException(
              collector,
              due - 1,
              "hash " + hex(said.previousHash()) + ", which event " + due + " names",
              "hash " + hex(head.hash()));
    }
    moveTo(event, false);
    isInSegment = said.isInSegment();
    return said;
  }

  /**
   * Goes on behind an event that {@link #follow} did not take: what comes next need not fit to what
   * was damaged, and everything behind it must fit again.
   *
   * @param at how it did not fit
   * @return whether this event is still to be followed, as one before it is missing
   */
  public boolean goOn(StoredEvent event, BrokenChainException at) {
    if (event.sequence() > head.sequence() + 1) {
      head = new Head(event.sequence() - 1, head.hash());
      isLoose = true;
      return true;
    }
    // Where the event before it was the damaged one, this one is whole.
    moveTo(event, at.sequence() == event.sequence());
    return false;
  }

  /**
   * Passes over events that cannot be read.
   *
   * @param last of them
   * @param hash of that one, which the next event must name; null where it is not known
   */
  void pass(long last, byte[] hash) {
    head = new Head(last, hash == null ? head.hash() : hash);
    isLoose = hash == null;
  }

  private void moveTo(StoredEvent event, boolean isLooseNow) {
    head = new Head(event.sequence(), JournalEvents.hash(event.payload()));
    isLoose = isLooseNow;
  }

  private static String hex(byte[] hash) {
    return BrokenChainException.hex(hash);
  }
}
