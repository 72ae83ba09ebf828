package io.sonde.store;

import io.sonde.model.Series;
import java.sql.PreparedStatement;
import java.sql.ResultSet;

/**
 * Which collector owns which resource: resources hash to slots, and a table that is made with the
 * database maps slots to collectors. Every node reads it once, at start.
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
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setInt(1, LOCK);
            lock.execute();
          }
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
          int[] collectorOfSlot = new int[COUNT];
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT slot, collector FROM slot");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              collectorOfSlot[rows.getInt(1)] = rows.getInt(2);
            }
          }
          return new Slots(collectorOfSlot);
        });
  }

  /** Number of collectors. */
  public int collectors() {
    return collectors;
  }

  /** The collector that owns a resource. */
  public int collectorOf(String resourceId) {
    return collectorOfSlot[slotOf(resourceId)];
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
