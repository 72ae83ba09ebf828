package io.sonde.model;

/**
 * What became of samples that were handed in. It is given only when all that was accepted is
 * durable and visible.
 *
 * @param accepted stored by this call
 * @param duplicate known already, hence counted once and not stored again
 * @param conflicting those of the duplicates that carry another volume than the stored first one
 * @param refused not taken, as they are older than what is kept
 * @param refusal why the first refused one was, or null
 */
public record Receipt(int accepted, int duplicate, int conflicting, int refused, String refusal) {
  /** Nothing was handed in. */
  public static final Receipt NOTHING = new Receipt(0, 0, 0);

  /** Nothing was refused. */
  public Receipt(int accepted, int duplicate, int conflicting) {
    this(accepted, duplicate, conflicting, 0, null);
  }

  /** Both together. */
  public Receipt plus(Receipt other) {
    return new Receipt(
        accepted + other.accepted,
        duplicate + other.duplicate,
        conflicting + other.conflicting,
        refused + other.refused,
        refusal == null ? other.refusal : refusal);
  }
}
