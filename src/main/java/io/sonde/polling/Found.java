package io.sonde.polling;

import static java.util.Objects.requireNonNull;

import io.sonde.model.SampleBatch;

/**
 * A resource that was found. A listing often tells of its entries all that there is to measure:
 * then that comes along, and the resource is not asked once more.
 *
 * @param target what it is, and how it can be read
 * @param reading what was read of it along the way; null when nothing was
 * @param failure why nothing could be read of it along the way; null when that is not so
 */
public record Found(PolledTarget target, SampleBatch reading, String failure) {
  public Found {
    requireNonNull(target, "target");
    if (reading != null && failure != null) {
      throw new IllegalArgumentException("both read and not read: " + target.resourceId());
    }
  }

  /** To be read by its pollster. */
  public static Found of(PolledTarget target) {
    return new Found(target, null, null);
  }

  /** Read along the way, at the moment that the samples carry. */
  public static Found read(PolledTarget target, SampleBatch reading) {
    return new Found(target, requireNonNull(reading, "reading"), null);
  }

  /** It is there, but what the listing says of it is not to be understood. */
  public static Found unread(PolledTarget target, String failure) {
    return new Found(target, null, requireNonNull(failure, "failure"));
  }

  /** The same without the samples, for those who only want to know that it is there. */
  Found withoutReading() {
    return reading == null ? this : new Found(target, SampleBatch.EMPTY, null);
  }

  /** Whether its pollster is to be asked. */
  boolean isToBePolled() {
    return reading == null && failure == null;
  }
}
