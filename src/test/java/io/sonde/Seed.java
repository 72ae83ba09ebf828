package io.sonde;

import java.util.Random;

/** Random numbers that can be had again: the seed is printed, {@code -Dseed=} replays it. */
public final class Seed {
  private Seed() {}

  /** A generator with a new seed, or the one that was given. */
  public static Random random() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("seed " + seed + " (replay with -Dseed=" + seed + ")");
    return new Random(seed);
  }
}
