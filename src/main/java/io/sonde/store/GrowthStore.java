package io.sonde.store;

import static io.sonde.store.Database.sql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Gives slots to new collectors. Rows stay where they are: a new collector gets numbers of its own
 * for the series of its slots, and {@code moved_series} tells under which they were before. Blocks.
 */
public final class GrowthStore {
  /** What PostgreSQL says when a row with the same key is there already. */
  private static final String CLASH = "23505";

  private final Database database;

  public GrowthStore(Database database) {
    this.database = database;
  }

  /**
   * A row of the journal.
   *
   * @param persistenceId of the collector
   * @param sequence its sequence number
   * @param serializerId of our serializer
   * @param manifest for it
   * @param payload for it
   */
  public record Entry(
      String persistenceId, long sequence, int serializerId, String manifest, byte[] payload) {}

  /**
   * Where a collector must stand: everything that is journaled is in rows.
   *
   * @param generation number of its last flush
   * @param sequence of its last event, which this flush covers
   */
  public record Stand(int collector, long generation, long sequence) {}

  /**
   * Changes the slots' owners, and all that belongs to it, in one transaction.
   *
   * @param before the owners as they must be
   * @throws StartupException when the owners are others, or a collector does not stand where it
   *     must; then nothing has changed
   */
  public void change(Slots before, List<Stand> stands, Consumer<Change> work) {
    try {
      database.inTransaction(
          connection -> {
            Slots.lock(connection);
            boolean isSame =
                Slots.read(connection)
                    .filter(now -> Arrays.equals(now.owners(), before.owners()))
                    .isPresent();
            if (!isSame) {
              throw new StartupException("the number of collectors was raised meanwhile");
            }
            for (Stand stand : stands) {
              require(connection, stand);
            }
            work.accept(new Change(connection));
            return null;
          });
    } catch (DatabaseException e) {
      if (e.getCause() instanceof SQLException cause && CLASH.equals(cause.getSQLState())) {
        throw inUse(e);
      }
      throw e;
    }
  }

  private static StartupException inUse(Throwable cause) {
    return new StartupException(
        "a node writes to the database: stop all nodes, and try again", cause);
  }

  /** A flush that is under way waits for the end of this transaction, and comes too late then. */
  private static void require(Connection connection, Stand stand) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT generation = ? AND ? = (SELECT coalesce(max(sequence_number), 0)"
                + " FROM event_journal WHERE persistence_id = 'collector|' || id)"
                + " FROM collector WHERE id = ? FOR UPDATE")) {
      select.setLong(1, stand.generation());
      select.setLong(2, stand.sequence());
      select.setInt(3, stand.collector());
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next() || !rows.getBoolean(1)) {
          throw inUse(null);
        }
      }
    }
  }

  /** The statements of one change. */
  public static final class Change {
    private final Connection connection;

    private Change(Connection connection) {
      this.connection = connection;
    }

    /** All series of a collector. */
    public List<SeriesRow> series(int collector) {
      return sql(() -> CollectorStore.series(connection, collector));
    }

    /**
     * Appends an event to a journal. Who believes to own the collector, and knows nothing of it,
     * clashes with it at his next write.
     */
    public void append(Entry entry) {
      sql(
          () -> {
            try (PreparedStatement insert =
                connection.prepareStatement(
                    "INSERT INTO event_journal (persistence_id, sequence_number, writer,"
                        + " write_timestamp, adapter_manifest, event_ser_id, event_ser_manifest,"
                        + " event_payload) VALUES (?, ?, ?, ?, '', ?, ?, ?)")) {
              insert.setString(1, entry.persistenceId());
              insert.setLong(2, entry.sequence());
              insert.setString(3, UUID.randomUUID().toString());
              insert.setLong(4, System.currentTimeMillis());
              insert.setInt(5, entry.serializerId());
              insert.setString(6, entry.manifest());
              insert.setBytes(7, entry.payload());
              return insert.executeUpdate();
            }
          });
    }

    /** Enters a collector that begins with a snapshot, which covers its first events. */
    public void enter(int collector, long sequence, Flush.Snapshot snapshot) {
      sql(
          () -> {
            try (PreparedStatement row =
                    connection.prepareStatement(
                        "INSERT INTO collector (id, flushed) VALUES (?, ?)");
                PreparedStatement positions =
                    connection.prepareStatement(
                        "INSERT INTO publisher_position (publisher, collector, sequence)"
                            + " SELECT DISTINCT publisher, ?, ? FROM publisher_position")) {
              row.setInt(1, collector);
              row.setLong(2, sequence);
              row.executeUpdate();
              positions.setInt(1, collector);
              positions.setLong(2, sequence);
              positions.executeUpdate();
            }
            CollectorStore.insertSnapshot(connection, snapshot, sequence);
            return null;
          });
    }

    /** Gives series of one collector, by their numbers there, numbers of another collector. */
    public void move(int from, List<Integer> formerNumbers, int to, List<Integer> numbers) {
      sql(
          () -> {
            try (PreparedStatement series =
                    connection.prepareStatement(
                        """
                        INSERT INTO series (collector, number, identity, source, meter, type, unit,
                                            resource_id, project_id, user_id, dimensions)
                        SELECT ?, m.number, identity, source, meter, type, unit,
                               resource_id, project_id, user_id, dimensions
                        FROM unnest(?::int[], ?::int[]) AS m (former, number)
                        JOIN series s ON s.collector = ? AND s.number = m.former
                        """);
                PreparedStatement moved =
                    connection.prepareStatement(
                        """
                        WITH m (former, number) AS (SELECT * FROM unnest(?::int[], ?::int[]))
                        INSERT INTO moved_series
                          (collector, number, former_collector, former_number)
                        SELECT ?, m.number, ?, m.former FROM m
                        UNION ALL
                        SELECT ?, m.number, f.former_collector, f.former_number
                        FROM m JOIN moved_series f ON f.collector = ? AND f.number = m.former
                        """)) {
              Array former = connection.createArrayOf("int4", formerNumbers.toArray());
              Array next = connection.createArrayOf("int4", numbers.toArray());
              series.setInt(1, to);
              series.setArray(2, former);
              series.setArray(3, next);
              series.setInt(4, from);
              moved.setArray(1, former);
              moved.setArray(2, next);
              moved.setInt(3, to);
              moved.setInt(4, from);
              moved.setInt(5, to);
              moved.setInt(6, from);
              moved.executeUpdate();
              return series.executeUpdate();
            }
          });
    }

    /** Writes the owners; what is queued by name waits at the collector where it is looked for. */
    public void assign(Slots slots) {
      sql(
          () -> {
            Integer[] owners = Arrays.stream(slots.owners()).boxed().toArray(Integer[]::new);
            try (PreparedStatement update =
                connection.prepareStatement(
                    "UPDATE slot SET collector = o.collector"
                        + " FROM unnest(?::int[]) WITH ORDINALITY AS o (collector, place)"
                        + " WHERE slot = o.place - 1 AND slot.collector <> o.collector")) {
              update.setArray(1, connection.createArrayOf("int4", owners));
              update.executeUpdate();
            }
            for (String name : queues()) {
              try (PreparedStatement update =
                  connection.prepareStatement(
                      "UPDATE publish_queue SET collector = ?"
                          + " WHERE publisher = ? AND collector <> ?")) {
                update.setInt(1, slots.collectorOfQueue(name));
                update.setString(2, name);
                update.setInt(3, slots.collectorOfQueue(name));
                update.executeUpdate();
              }
            }
            return null;
          });
    }

    private List<String> queues() throws SQLException {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT DISTINCT publisher FROM publish_queue WHERE starts_with(publisher, ?)")) {
        select.setString(1, QueueStore.EVENTS);
        List<String> names = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            names.add(rows.getString(1));
          }
        }
        return names;
      }
    }
  }
}
