package io.sonde.store;

import io.sonde.series.Chunk;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * A read model that is made from journals, and views of it and of the live one that hold still.
 * Blocks.
 */
public final class ReplayStore {
  /** Rows of a view that are on their way at once: a row may have a payload of some 100 kB. */
  private static final int FETCH = 200;

  private static final int FETCH_TEXTS = 2_000;

  private final Database database;

  public ReplayStore(Database database) {
    this.database = database;
  }

  /**
   * What a number of a collector was before its slot moved.
   *
   * @param collector the collector that has the series
   * @param number its number there
   */
  public record Moved(int collector, int number, int formerCollector, int formerNumber) {}

  /**
   * Makes an empty database one that is rebuilt from another one's journals, with the same slots;
   * one that is so already is left as it is.
   *
   * @param source the other one's {@link Database#id}
   * @throws StartupException when it holds anything else
   */
  public void adopt(UUID source, Slots slots) {
    database.inTransaction(
        connection -> {
          Slots.lock(connection);
          Optional<UUID> known = uuid(connection, "SELECT database_id FROM replay_source");
          Optional<Slots> present = Slots.read(connection);
          if (known.isEmpty() && present.isEmpty()) {
            insert(connection, source);
          } else if (known.isEmpty()) {
            throw new StartupException(
                "the database to rebuild into has samples of its own: an empty one was expected");
          } else if (!known.get().equals(source)) {
            throw new StartupException(
                "the database to rebuild into was rebuilt from another database, "
                    + known.get()
                    + ": an empty one was expected");
          }
          assign(connection, slots);
          return null;
        });
  }

  private static Optional<UUID> uuid(Connection connection, String sql) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet rows = select.executeQuery()) {
      return rows.next() ? Optional.of(rows.getObject(1, UUID.class)) : Optional.empty();
    }
  }

  private static void insert(Connection connection, UUID source) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO replay_source (database_id) VALUES (?)")) {
      insert.setObject(1, source);
      insert.executeUpdate();
    }
  }

  /** Also of a source whose number of collectors was raised since. */
  private static void assign(Connection connection, Slots slots) throws SQLException {
    try (PreparedStatement collectors =
            connection.prepareStatement(
                "INSERT INTO collector (id) SELECT generate_series(0, ? - 1)"
                    + " ON CONFLICT DO NOTHING");
        PreparedStatement owners =
            connection.prepareStatement(
                "INSERT INTO slot (slot, collector) SELECT o.place - 1, o.collector"
                    + " FROM unnest(?::int[]) WITH ORDINALITY AS o (collector, place)"
                    + " ON CONFLICT (slot) DO UPDATE SET collector = excluded.collector")) {
      collectors.setInt(1, slots.collectors());
      collectors.executeUpdate();
      Integer[] numbers = new Integer[Slots.COUNT];
      int[] collectorOfSlot = slots.owners();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = collectorOfSlot[i];
      }
      owners.setArray(1, connection.createArrayOf("int4", numbers));
      owners.executeUpdate();
    }
  }

  /**
   * Writes a flush and the events that led to it, all or nothing.
   *
   * @param events as the journal has them, those of the flush's collector that are not here yet
   */
  public CollectorStore.FlushOutcome write(Flush flush, List<GrowthStore.Entry> events) {
    return database.inTransaction(
        connection -> {
          CollectorStore.FlushOutcome outcome = CollectorStore.write(connection, flush);
          if (outcome == CollectorStore.FlushOutcome.WRITTEN) {
            insertEvents(connection, events);
          }
          return outcome;
        });
  }

  /** Adds events to journals. */
  public void append(List<GrowthStore.Entry> events) {
    database.inTransaction(
        connection -> {
          insertEvents(connection, events);
          return null;
        });
  }

  private static void insertEvents(Connection connection, List<GrowthStore.Entry> events)
      throws SQLException {
    try (BinaryCopy copy =
        new BinaryCopy(
            connection,
            "event_journal",
            "persistence_id",
            "sequence_number",
            "writer",
            "write_timestamp",
            "adapter_manifest",
            "event_ser_id",
            "event_ser_manifest",
            "event_payload")) {
      for (GrowthStore.Entry event : events) {
        copy.startRow(8)
            .add(event.persistenceId())
            .add(event.sequence())
            .add("replay")
            .add(System.currentTimeMillis())
            .add("")
            .add(event.serializerId())
            .add(event.manifest())
            .add(event.payload());
      }
    }
  }

  /**
   * Notes of every series that several collectors have what it was called before its slot moved:
   * the last of them is a newcomer's.
   */
  public void noteMoved() {
    database.run(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  """
                  INSERT INTO moved_series (collector, number, former_collector, former_number)
                  SELECT s.collector, s.number, f.collector, f.number
                  FROM series s JOIN series f
                    ON f.identity = s.identity AND f.collector < s.collector
                   AND (f.source, f.meter, f.type, f.unit, f.resource_id, f.dimensions)
                     = (s.source, s.meter, s.type, s.unit, s.resource_id, s.dimensions)
                   AND f.project_id IS NOT DISTINCT FROM s.project_id
                   AND f.user_id IS NOT DISTINCT FROM s.user_id
                  ON CONFLICT DO NOTHING
                  """)) {
            return insert.executeUpdate();
          }
        });
  }

  /** Of the series of a collector that moved to it: up to when rows under former numbers reach. */
  public Map<Integer, Long> formerlyFlushedTo(int collector) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT m.number, max(c.to_time) FROM moved_series m JOIN chunk c"
                      + " ON c.collector = m.former_collector AND c.series = m.former_number"
                      + " WHERE m.collector = ? GROUP BY m.number")) {
            select.setInt(1, collector);
            Map<Integer, Long> found = new HashMap<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                found.put(rows.getInt(1), rows.getLong(2));
              }
            }
            return found;
          }
        });
  }

  /** All that have moved. */
  public Set<Moved> moved() {
    return database.run(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT collector, number, former_collector, former_number"
                          + " FROM moved_series");
              ResultSet rows = select.executeQuery()) {
            Set<Moved> found = new HashSet<>();
            while (rows.next()) {
              found.add(new Moved(rows.getInt(1), rows.getInt(2), rows.getInt(3), rows.getInt(4)));
            }
            return found;
          }
        });
  }

  /**
   * Shows the database as it is at one moment, for as long as the work takes. Nobody waits for it,
   * but PostgreSQL keeps what is deleted meanwhile.
   */
  public <T> T view(Function<View, T> work) {
    return database.inSnapshot(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            // Between two rows the other side may work for long. Rows come in the order of their
            // key without being sorted, which would read all of them first.
            statement.execute(
                "SET LOCAL idle_in_transaction_session_timeout = 0;"
                    + " SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;"
                    + " SET LOCAL enable_sort = off");
          }
          return work.apply(new View(connection));
        });
  }

  /**
   * How a collector stands.
   *
   * @param flushed sequence number of the last event whose samples are in rows or in the snapshot
   * @param end sequence number of the last event of its journal
   * @param snapshot the bytes of its snapshot; null where there is none
   */
  public record Stand(long flushed, long end, byte[] snapshot) {}

  /** A database at one moment. */
  public static final class View {
    private final Connection connection;

    private View(Connection connection) {
      this.connection = connection;
    }

    /** How a collector stands; its persistence id beside its number. */
    public Stand stand(int collector, String persistenceId) {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT flushed, coalesce((SELECT max(sequence_number) FROM event_journal"
                  + " WHERE persistence_id = ?), 0), (SELECT snapshot_payload FROM snapshot"
                  + " WHERE persistence_id = ? ORDER BY sequence_number DESC LIMIT 1)"
                  + " FROM collector WHERE id = ?")) {
        Database.stream(select, 1);
        select.setString(1, persistenceId);
        select.setString(2, persistenceId);
        select.setInt(3, collector);
        try (ResultSet rows = select.executeQuery()) {
          if (!rows.next()) {
            return new Stand(0, 0, null);
          }
          return new Stand(rows.getLong(1), rows.getLong(2), rows.getBytes(3));
        }
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }

    /** All series of a collector, by number. */
    public List<SeriesRow> series(int collector) {
      return Database.sql(() -> CollectorStore.series(connection, collector));
    }

    /**
     * The chunk rows of a collector that reach into a time, by series and end.
     *
     * @param from microseconds, inclusive
     * @param to microseconds, exclusive
     */
    public Cursor<ChunkRow> chunks(int collector, long from, long to) {
      return new Cursor<>(
          connection,
          FETCH,
          "SELECT series, from_time, to_time, samples, recorded, directory, payload FROM chunk"
              + " WHERE collector = ? AND to_time >= ? AND from_time < ?"
              + " ORDER BY collector, series, to_time, from_time, generation",
          select -> {
            select.setInt(1, collector);
            select.setLong(2, from);
            select.setLong(3, to);
          },
          rows ->
              new ChunkRow(
                  rows.getInt(1),
                  new Chunk(
                      rows.getLong(2),
                      rows.getLong(3),
                      rows.getInt(4),
                      rows.getLong(5),
                      rows.getBytes(6),
                      rows.getBytes(7))));
    }

    /** All metadata, by id. */
    public Cursor<Text> metadata() {
      return new Cursor<>(
          connection,
          FETCH_TEXTS,
          "SELECT id, body FROM metadata ORDER BY id",
          select -> {},
          rows -> new Text(rows.getObject(1, UUID.class), rows.getString(2)));
    }
  }

  /** A row of the metadata table. */
  public record Text(UUID id, String body) {}

  /** Rows of a view, one after the other. */
  public static final class Cursor<T> implements AutoCloseable {
    private final PreparedStatement select;
    private final ResultSet rows;
    private final Reading<T> reading;

    private interface Filling {
      void fill(PreparedStatement select) throws SQLException;
    }

    private interface Reading<T> {
      T read(ResultSet rows) throws SQLException;
    }

    private Cursor(
        Connection connection, int fetch, String sql, Filling filling, Reading<T> reading) {
      this.reading = reading;
      try {
        select = connection.prepareStatement(sql);
        Database.stream(select, fetch);
        filling.fill(select);
        rows = select.executeQuery();
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }

    /** The next row; null after the last one. */
    public T next() {
      try {
        return rows.next() ? reading.read(rows) : null;
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }

    @Override
    public void close() {
      try {
        select.close();
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    }
  }
}
