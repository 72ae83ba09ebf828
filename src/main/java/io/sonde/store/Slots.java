package io.sonde.store;

import io.sonde.model.Series;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Which collector owns which resource: resources hash to slots, and a table that is made with the
 * database maps slots to collectors. Every node reads it once, at start. It changes only while no
 * node runs, see {@link GrowthStore}.
 */
public final class Slots {
  /** Number of slots; fixed for ever. */
  public static final int COUNT = 1024;

  private static final int LOCK = 0x50de;

  private final int[] collectorOfSlot;
  private final int collectors;

  /** Gives each slot to the collector named at its place. */
  public Slots(int[] collectorOfSlot) {
    this.collectorOfSlot = collectorOfSlot.clone();
    int highest = 0;
    for (int collector : collectorOfSlot) {
      highest = Math.max(highest, collector);
    }
    collectors = highest + 1;
  }

  /** Reads the table, after filling it for so many collectors when the database is new. Blocks. */
  public static Slots loadOrCreate(Database database, int newCollectors) {
    return database.inTransaction(
        connection -> {
          lock(connection);
          try (PreparedStatement collectors =
                  connection.prepareStatement(
                      "INSERT INTO collector (id) SELECT generate_series(0, ? - 1)"
                          + " WHERE NOT EXISTS (SELECT FROM slot)");
              PreparedStatement slots =
                  connection.prepareStatement(
                      "INSERT INTO slot (slot, collector) SELECT s, s % ? FROM generate_series(0, ? - 1) s"
                          + " WHERE NOT EXISTS (SELECT FROM slot)")) {
            collectors.setInt(1, newCollectors);
            collectors.executeUpdate();
            slots.setInt(1, newCollectors);
            slots.setInt(2, COUNT);
            slots.executeUpdate();
          }
          return read(connection).orElseThrow();
        });
  }

  /** Reads the table; nothing where the database is new. Blocks. */
  public static Optional<Slots> load(Database database) {
    return database.run(Slots::read);
  }

  /** Whoever reads or writes the table waits from here to the end of the transaction. */
  static void lock(Connection connection) throws SQLException {
    try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
      lock.setInt(1, LOCK);
      lock.execute();
    }
  }

  static Optional<Slots> read(Connection connection) throws SQLException {
    int[] collectorOfSlot = new int[COUNT];
    int found = 0;
    try (PreparedStatement select =
            connection.prepareStatement("SELECT slot, collector FROM slot");
        ResultSet rows = select.executeQuery()) {
      for (; rows.next(); found++) {
        collectorOfSlot[rows.getInt(1)] = rows.getInt(2);
      }
    }
    return found == 0 ? Optional.empty() : Optional.of(new Slots(collectorOfSlot));
  }

  /**
   * The same with more collectors: each new one takes slots from those that have most, until all
   * have as many, give or take one. No slot moves that need not.
   *
   * @param more how many there are then
   */
  public Slots grown(int more) {
    if (more < collectors || more > COUNT) {
      throw new IllegalArgumentException(more + " instead of " + collectors + " collectors");
    }
    int[] next = collectorOfSlot.clone();
    int[] owned = new int[more];
    for (int collector : next) {
      owned[collector]++;
    }
    while (true) {
      int poorest = more - 1;
      int richest = 0;
      for (int i = 0; i < more; i++) {
        poorest = i >= collectors && owned[i] < owned[poorest] ? i : poorest;
        richest = owned[i] > owned[richest] ? i : richest;
      }
      if (poorest < collectors || owned[richest] - owned[poorest] < 2) {
        return new Slots(next);
      }
      int slot = 0;
      while (next[slot] != richest) {
        slot++;
      }
      next[slot] = poorest;
      owned[richest]--;
      owned[poorest]++;
    }
  }

  /** The collector at each slot's place. */
  int[] owners() {
    return collectorOfSlot.clone();
  }

  /** How many slots of these belong to another collector there. */
  public int movedTo(Slots other) {
    int moved = 0;
    for (int i = 0; i < COUNT; i++) {
      moved += collectorOfSlot[i] == other.collectorOfSlot[i] ? 0 : 1;
    }
    return moved;
  }

  /** Number of collectors. */
  public int collectors() {
    return collectors;
  }

  /** The collector that owns a resource. */
  public int collectorOf(String resourceId) {
    return collectorOfSlot[slotOf(resourceId)];
  }

  /**
   * The collector at which what is queued under a name waits: all of it at one, so that it stays in
   * order. Any would do.
   */
  public int collectorOfQueue(String name) {
    return Math.floorMod(name.hashCode(), collectors);
  }

  /** The collector that owns the resource of a series. */
  public int collectorOf(Series series) {
    return collectorOfSlot[slotOf(series.resourceHash())];
  }

  /**
   * The slot of a resource: its hash by 31 (as {@link String#hashCode} is specified), its bits
   * mixed, modulo the count.
   */
  public static int slotOf(String resourceId) {
    return slotOf(resourceId.hashCode());
  }

  private static int slotOf(int resourceHash) {
    int hash = resourceHash * 0x9e3779b9;
    return (hash ^ (hash >>> 16)) & (COUNT - 1);
  }
}
