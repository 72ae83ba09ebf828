package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;

/** What one search knows: where {@code $} is, and how much it may still do. */
final class Scope {
  /** Steps of one search. A usual one takes ten. */
  static final int MOST_STEPS = 100_000;

  private final JsonNode root;
  private final int[] left;

  private Scope(JsonNode root, int[] left) {
    this.root = root;
    this.left = left;
  }

  static Scope of(JsonNode root) {
    return new Scope(root, new int[] {MOST_STEPS});
  }

  /** In a filter {@code $} is the entry that is looked at. */
  Scope within(JsonNode entry) {
    return new Scope(entry, left);
  }

  JsonNode root() {
    return root;
  }

  /**
   * Counts work.
   *
   * @throws JsonPathException when it is too much
   */
  void spend(int steps) {
    left[0] -= steps;
    if (left[0] < 0) {
      throw new JsonPathException("the search takes more than " + MOST_STEPS + " steps");
    }
  }
}
