package io.sonde.store;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.model.SeriesFilter;
import io.sonde.series.TimeSplit;
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
import java.util.function.Function;

/**
 * What questions read from the database. SQL narrows by equality and time only. All methods block.
 */
public final class QueryStore {
  /** Rows that are in memory at a time. */
  private static final int FETCH_ROWS = 1_000;

  /** So few where the reading may be stopped soon. */
  private static final int FETCH_NEWEST = 50;

  private final Database database;
  private final SeriesCache cache;

  public QueryStore(Database database) {
    this.database = database;
    this.cache = new SeriesCache();
  }

  /** Where a collector stands in a view of the database. */
  public record CollectorState(int collector, long generation, long sequence) {}

  /** Which chunk rows of a series are wanted. */
  public enum Chunks {
    /** Only the series. */
    NONE,
    /** All within the time asked for, in any order. */
    ALL,
    /**
     * As {@link #ALL}: the directory of each, and the payload only where hours do not serve, see
     * {@link TimeSplit#isServedByHours}, or where samples may be of a later recording.
     */
    SUMMARIES,
    /** All within the time asked for, those with the latest samples first. */
    NEWEST_FIRST,
    /** Only those with the latest and the earliest sample: one of each, unless they are as late. */
    EDGES
  }

  /**
   * What is to be read.
   *
   * @param collector the only collector whose state is wanted, or -1 for all; rows are found
   *     whatever collector they lie under
   * @param filter which series
   * @param time the bounds, and the periods where summaries are wanted
   * @param chunks which chunk rows
   * @param recordedUntil hours do not serve where a sample was recorded after this second, since
   *     1970; {@link Long#MAX_VALUE} where that does not matter
   */
  public record Question(
      int collector, SeriesFilter filter, TimeSplit time, Chunks chunks, long recordedUntil) {}

  /** Takes what is read; the same series comes as the same object most of the time. */
  public interface Visitor {
    /** Takes a series; where chunks are asked for they come instead. */
    void series(Series series);

    /**
     * Takes a chunk row and says whether further ones are wanted.
     *
     * @param directory null where not asked for
     * @param payload null where the directory serves
     * @param texts finds the texts of metadata, in the same view of the database where it is a row;
     *     ids that it does not know are left out
     */
    boolean chunk(
        Series series,
        byte[] directory,
        byte[] payload,
        Function<Set<UUID>, Map<UUID, Metadata>> texts);
  }

  /** Series that were read lately. */
  public SeriesCache cache() {
    return cache;
  }

  /**
   * Reads, as of one moment, where the collectors stand, and the matching series or their chunks:
   * one statement, so that it has one view of the database and takes one round trip when the answer
   * is small.
   *
   * @param inquiry may end it
   * @param then is told the states when all is read; returns without waiting, as the connection is
   *     not yet given back
   */
  public <T> T read(
      Question question, Visitor visitor, Inquiry inquiry, Function<List<CollectorState>, T> then) {
    return database.inTransaction(
        connection -> then.apply(inquiry.on(connection, same -> read(same, question, visitor))));
  }

  /** The texts of these metadata; ids that no row holds are left out. */
  public Map<UUID, Metadata> metadata(Set<UUID> ids) {
    if (ids.isEmpty()) {
      return Map.of();
    }
    return database.run(connection -> metadata(connection, ids));
  }

  private static Map<UUID, Metadata> metadata(Connection connection, Set<UUID> ids)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT id, body FROM metadata WHERE id = ANY (?)")) {
      select.setArray(1, connection.createArrayOf("uuid", ids.toArray()));
      Map<UUID, Metadata> found = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.put(rows.getObject(1, UUID.class), Metadata.ofCanonicalJson(rows.getString(2)));
        }
      }
      return found;
    }
  }

  /** A series or a chunk of it, before it is known what the number stands for. */
  private record Row(int collector, int number, byte[] directory, byte[] payload) {}

  private List<CollectorState> read(Connection connection, Question question, Visitor visitor)
      throws SQLException {
    int fetch = question.chunks() == Chunks.NEWEST_FIRST ? FETCH_NEWEST : FETCH_ROWS;
    try (PreparedStatement select = connection.prepareStatement(QuerySql.of(question))) {
      QuerySql.bind(select, question);
      select.setFetchSize(fetch);
      List<CollectorState> states = new ArrayList<>();
      List<Row> batch = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        boolean isMoreWanted = true;
        while (isMoreWanted && rows.next()) {
          int collector = rows.getInt(1);
          int number = rows.getInt(2);
          if (rows.wasNull()) {
            states.add(new CollectorState(collector, rows.getLong(3), rows.getLong(4)));
          } else {
            batch.add(new Row(collector, number, rows.getBytes(5), rows.getBytes(6)));
          }
          if (batch.size() == fetch) {
            isMoreWanted = visit(connection, batch, question, visitor);
            batch.clear();
          }
        }
        visit(connection, batch, question, visitor);
      }
      return states;
    }
  }

  private boolean visit(Connection connection, List<Row> batch, Question question, Visitor visitor)
      throws SQLException {
    Series[] series = new Series[batch.size()];
    List<Row> unknown = new ArrayList<>();
    for (int i = 0; i < series.length; i++) {
      series[i] = cache.get(batch.get(i).collector(), batch.get(i).number());
      if (series[i] == null) {
        unknown.add(batch.get(i));
      }
    }
    Series[] described = describe(connection, unknown);
    Function<Set<UUID>, Map<UUID, Metadata>> texts = ids -> metadataOrFail(connection, ids);
    int next = 0;
    for (int i = 0; i < series.length; i++) {
      Row row = batch.get(i);
      Series one = series[i] == null ? described[next++] : series[i];
      if (question.chunks() == Chunks.NONE) {
        visitor.series(one);
      } else if (!visitor.chunk(one, row.directory(), row.payload(), texts)) {
        return false;
      }
    }
    return true;
  }

  private static Map<UUID, Metadata> metadataOrFail(Connection connection, Set<UUID> ids) {
    try {
      return metadata(connection, ids);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  private Series[] describe(Connection connection, List<Row> unknown) throws SQLException {
    Series[] described = new Series[unknown.size()];
    if (described.length == 0) {
      return described;
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT place, s.collector, s.number, "
                + CollectorStore.SERIES_COLUMNS
                + " FROM unnest(?::int[], ?::int[]) WITH ORDINALITY AS w (collector, number, place)"
                + " JOIN series s ON s.collector = w.collector AND s.number = w.number")) {
      Integer[] collectors = unknown.stream().map(Row::collector).toArray(Integer[]::new);
      Integer[] numbers = unknown.stream().map(Row::number).toArray(Integer[]::new);
      select.setArray(1, connection.createArrayOf("int4", collectors));
      select.setArray(2, connection.createArrayOf("int4", numbers));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Series one = cache.get(rows.getInt(2), rows.getInt(3));
          if (one == null) {
            one = CollectorStore.readSeries(rows, 4);
            cache.put(rows.getInt(2), rows.getInt(3), one);
          }
          described[rows.getInt(1) - 1] = one;
        }
      }
    }
    return described;
  }
}
