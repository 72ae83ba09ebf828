package io.sonde.store;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What questions read from the database. SQL narrows by equality and time only. All methods block.
 */
public final class QueryStore {
  private static final int FETCH_ROWS = 2_000;

  private final Database database;

  public QueryStore(Database database) {
    this.database = database;
  }

  /** Where a collector stands in a view of the database. */
  public record CollectorState(int collector, long generation, long sequence) {}

  /** Which chunk rows of a series are wanted. */
  public enum Chunks {
    /** Only the series. */
    NONE,
    /** All within the time asked for, in any order. */
    ALL,
    /** All within the time asked for, those with the latest samples first. */
    NEWEST_FIRST,
    /** Only the one with the latest and the one with the earliest sample. */
    EDGES
  }

  /** Takes chunk rows; the same series comes as the same object. */
  @FunctionalInterface
  public interface ChunkVisitor {
    /** Takes a row and says whether further ones are wanted. */
    boolean chunk(Series series, byte[] payload);
  }

  /**
   * Reads, as of one moment: where the collectors stand, the matching series and their chunks.
   *
   * @param collector the only collector to be asked, or -1 for all
   * @param from earliest timestamp, inclusive, microseconds
   * @param to timestamps are before this one, microseconds
   * @param chunks which chunk rows
   * @param seriesVisitor takes each series once, before any chunk
   * @param chunkVisitor takes the chunk rows
   */
  public List<CollectorState> read(
      int collector,
      SeriesFilter filter,
      long from,
      long to,
      Chunks chunks,
      Consumer<Series> seriesVisitor,
      ChunkVisitor chunkVisitor) {
    return database.inSnapshot(
        connection -> {
          List<CollectorState> states = states(connection, collector);
          Map<Long, Series> series =
              filter.isSatisfiable() ? series(connection, collector, filter) : Map.of();
          series.values().forEach(seriesVisitor);
          if (chunks != Chunks.NONE && !series.isEmpty()) {
            readChunks(connection, collector, filter, from, to, chunks, series, chunkVisitor);
          }
          return states;
        });
  }

  /** The texts of these metadata; ids that no row holds are left out. */
  public Map<UUID, Metadata> metadata(Set<UUID> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT id, body FROM metadata WHERE id = ANY (?)")) {
            select.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
            Map<UUID, Metadata> found = new HashMap<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                found.put(
                    rows.getObject(1, UUID.class), Metadata.ofCanonicalJson(rows.getString(2)));
              }
            }
            return found;
          }
        });
  }

  private static List<CollectorState> states(Connection connection, int collector)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            SELECT id, generation,
                   (SELECT coalesce(max(sequence_number), 0) FROM event_journal
                    WHERE persistence_id = 'collector|' || id)
            FROM collector WHERE ? IN (-1, id) ORDER BY id
            """)) {
      select.setInt(1, collector);
      List<CollectorState> states = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          states.add(new CollectorState(rows.getInt(1), rows.getLong(2), rows.getLong(3)));
        }
      }
      return states;
    }
  }

  private static Map<Long, Series> series(Connection connection, int collector, SeriesFilter filter)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT s.collector, s.number, "
                + CollectorStore.SERIES_COLUMNS
                + " FROM series s WHERE "
                + condition(filter))) {
      bind(select, 1, collector, filter);
      select.setFetchSize(FETCH_ROWS);
      Map<Long, Series> found = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(place(rows.getInt(1), rows.getInt(2)), CollectorStore.readSeries(rows, 3));
        }
      }
      return found;
    }
  }

  private static void readChunks(
      Connection connection,
      int collector,
      SeriesFilter filter,
      long from,
      long to,
      Chunks chunks,
      Map<Long, Series> series,
      ChunkVisitor visitor)
      throws SQLException {
    String all =
        "SELECT c.collector, c.series, c.payload, c.from_time, c.to_time FROM chunk c"
            + " JOIN series s ON s.collector = c.collector AND s.number = c.series WHERE "
            + condition(filter)
            + " AND c.to_time >= ? AND c.from_time < ?";
    String sql =
        chunks == Chunks.ALL
            ? all
            : chunks == Chunks.NEWEST_FIRST
                ? all + " ORDER BY c.to_time DESC"
                : "SELECT collector, series, payload FROM (SELECT x.*,"
                    + " row_number() OVER (PARTITION BY collector, series ORDER BY to_time DESC) AS newest,"
                    + " row_number() OVER (PARTITION BY collector, series ORDER BY from_time) AS oldest"
                    + " FROM ("
                    + all
                    + ") x) y WHERE newest = 1 OR oldest = 1";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int next = bind(select, 1, collector, filter);
      select.setLong(next, from);
      select.setLong(next + 1, to);
      select.setFetchSize(FETCH_ROWS);
      try (ResultSet rows = select.executeQuery()) {
        boolean isMoreWanted = true;
        while (isMoreWanted && rows.next()) {
          Series one = series.get(place(rows.getInt(1), rows.getInt(2)));
          isMoreWanted = visitor.chunk(one, rows.getBytes(3));
        }
      }
    }
  }

  private static String condition(SeriesFilter filter) {
    StringBuilder sql = new StringBuilder("? IN (-1, s.collector)");
    for (Map.Entry<SeriesField, String> equal : filter.equal().entrySet()) {
      sql.append(" AND s.").append(equal.getKey().wireName());
      sql.append(equal.getValue() == null ? " IS NULL" : " = ?");
    }
    return sql.toString();
  }

  private static int bind(
      PreparedStatement statement, int first, int collector, SeriesFilter filter)
      throws SQLException {
    int next = first;
    statement.setInt(next++, collector);
    for (String value : filter.equal().values()) {
      if (value != null) {
        statement.setString(next++, value);
      }
    }
    return next;
  }

  private static long place(int collector, int number) {
    return (long) collector << 32 | number;
  }
}
