package io.sonde.store;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Chunk;
import io.sonde.series.DayChunks;
import io.sonde.series.SeriesDay;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** What a collector reads from and writes to the database, its journal apart. All methods block. */
public final class CollectorStore {
  /** Rows of so many samples are not merged again: that would be much work for little. */
  private static final int LARGE_ROW = 4096;

  private final Database database;

  public CollectorStore(Database database) {
    this.database = database;
  }

  /** What became of a flush. */
  public enum FlushOutcome {
    /** Its rows are in the database. */
    WRITTEN,
    /** Nothing of it is; it may be tried again. */
    NOT_WRITTEN,
    /** Another owner has flushed this collector since: this one must not go on. */
    SUPERSEDED
  }

  /**
   * Writes a flush, all or nothing. The first statement is the fence: it matches no row when
   * another owner has flushed.
   *
   * @throws DatabaseException when it is not known whether the flush was written; ask {@link
   *     #outcomeOf}
   */
  public FlushOutcome flush(Flush flush) {
    return database.inTransaction(
        connection -> {
          if (!advance(connection, flush)) {
            return outcomeOf(connection, flush);
          }
          copyChunks(connection, flush);
          insertSeries(connection, flush.collector(), flush.series());
          insertMetadata(connection, flush.metadata());
          insertSnapshot(connection, flush.snapshot(), flush.sequence());
          return FlushOutcome.WRITTEN;
        });
  }

  /** Settles a flush whose answer was lost. */
  public FlushOutcome outcomeOf(Flush flush) {
    return database.run(connection -> outcomeOf(connection, flush));
  }

  /** All series of a collector. */
  public List<SeriesRow> series(int collector) {
    return database.inTransaction(connection -> series(connection, collector));
  }

  static List<SeriesRow> series(Connection connection, int collector) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT number, "
                + SERIES_COLUMNS
                + " FROM series s WHERE collector = ? ORDER BY number")) {
      select.setInt(1, collector);
      select.setFetchSize(10_000);
      List<SeriesRow> all = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          all.add(new SeriesRow(rows.getInt(1), readSeries(rows, 2)));
        }
      }
      return all;
    }
  }

  /** How many collectors there are. */
  public int collectors() {
    return database.run(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT count(*) FROM collector");
              ResultSet rows = select.executeQuery()) {
            rows.next();
            return rows.getInt(1);
          }
        });
  }

  /**
   * The snapshot of a collector.
   *
   * @return null where there is none yet
   */
  public byte[] snapshot(String persistenceId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT snapshot_payload FROM snapshot WHERE persistence_id = ?"
                      + " ORDER BY sequence_number DESC LIMIT 1")) {
            select.setString(1, persistenceId);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? rows.getBytes(1) : null;
            }
          }
        });
  }

  /** The number of the last event that the newest snapshot covers, by its row; 0 without one. */
  public long snapshotSequence(String persistenceId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT coalesce(max(sequence_number), 0) FROM snapshot"
                      + " WHERE persistence_id = ?")) {
            select.setString(1, persistenceId);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
          }
        });
  }

  /**
   * The bytes of one event of a journal.
   *
   * @return null where it is no row
   */
  public byte[] event(String persistenceId, long sequence) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT event_payload FROM event_journal"
                      + " WHERE persistence_id = ? AND sequence_number = ?")) {
            select.setString(1, persistenceId);
            select.setLong(2, sequence);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? rows.getBytes(1) : null;
            }
          }
        });
  }

  /**
   * The payloads of the chunks that cover these samples, {@code timestamps[i]} of the series
   * numbered {@code series[i]}; by series number. Also of chunks that lie under a collector that
   * had the series before this one. A subquery with OFFSET 0 is planned by itself: chunks are
   * always looked up in their primary key, and payloads once each.
   */
  public Map<Integer, List<byte[]>> covering(int collector, Integer[] series, Long[] timestamps) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  """
                  SELECT k.series, p.payload FROM (
                    SELECT DISTINCT n.series, x.* FROM (
                      SELECT d.series, d.at, ?::int AS collector, d.series AS number
                      FROM unnest(?::int[], ?::bigint[]) AS d (series, at)
                      UNION ALL
                      SELECT d.series, d.at, m.former_collector, m.former_number
                      FROM unnest(?::int[], ?::bigint[]) AS d (series, at)
                      CROSS JOIN LATERAL (
                        SELECT former_collector, former_number FROM moved_series
                        WHERE collector = ? AND number = d.series OFFSET 0) m) n
                    CROSS JOIN LATERAL (
                      SELECT c.collector, c.series AS number, c.to_time, c.from_time, c.generation
                      FROM chunk c WHERE c.collector = n.collector AND c.series = n.number
                      AND c.to_time >= n.at AND c.from_time <= n.at OFFSET 0) x) k
                  CROSS JOIN LATERAL (
                    SELECT payload FROM chunk c WHERE c.collector = k.collector
                    AND c.series = k.number AND c.to_time = k.to_time
                    AND c.from_time = k.from_time AND c.generation = k.generation OFFSET 0) p
                  """)) {
            Array numbers = connection.createArrayOf("int4", series);
            Array moments = connection.createArrayOf("int8", timestamps);
            select.setInt(1, collector);
            select.setArray(2, numbers);
            select.setArray(3, moments);
            select.setArray(4, numbers);
            select.setArray(5, moments);
            select.setInt(6, collector);
            Map<Integer, List<byte[]>> found = new HashMap<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                found
                    .computeIfAbsent(rows.getInt(1), number -> new ArrayList<>())
                    .add(rows.getBytes(2));
              }
            }
            return found;
          }
        });
  }

  /** A chunk row as a merge takes it. */
  private record Row(Chunk chunk, long generation) {}

  /**
   * Merges the rows of each of these days of a series into as few as possible; rows that are large
   * already stay. Readers see either the old rows or the new ones, which hold the same samples.
   *
   * @return how many rows were merged; 0 when another owner has merged some of them meanwhile
   */
  public int merge(int collector, List<SeriesDay> days) {
    try {
      return database.inTransaction(connection -> merge(connection, collector, days));
    } catch (MergedElsewhereException e) {
      return 0;
    }
  }

  /** Rolls a merge back. */
  private static final class MergedElsewhereException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static int merge(Connection connection, int collector, List<SeriesDay> days)
      throws SQLException {
    List<Integer> series = new ArrayList<>();
    List<Row> inputs = new ArrayList<>();
    List<ChunkRow> outputs = new ArrayList<>();
    List<Long> generations = new ArrayList<>();
    for (Map.Entry<SeriesDay, List<Row>> day : smallRows(connection, collector, days).entrySet()) {
      List<Row> rows = day.getValue();
      if (rows.size() < 2) {
        continue;
      }
      long generation = rows.stream().mapToLong(Row::generation).max().orElseThrow();
      for (Chunk merged : DayChunks.merge(rows.stream().map(Row::chunk).toList())) {
        outputs.add(new ChunkRow(day.getKey().number(), merged));
        generations.add(generation);
      }
      rows.forEach(row -> series.add(day.getKey().number()));
      inputs.addAll(rows);
    }
    if (inputs.isEmpty()) {
      return 0;
    }
    delete(connection, collector, series, inputs);
    try (BinaryCopy copy = chunkCopy(connection)) {
      for (int i = 0; i < outputs.size(); i++) {
        add(copy, collector, outputs.get(i), generations.get(i));
      }
    }
    return inputs.size();
  }

  private static Map<SeriesDay, List<Row>> smallRows(
      Connection connection, int collector, List<SeriesDay> days) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            SELECT c.series, c.from_time, c.to_time, c.samples, c.payload, c.generation
            FROM unnest(?::int[], ?::bigint[]) AS d (series, begin)
            JOIN chunk c ON c.collector = ? AND c.series = d.series
                        AND c.to_time >= d.begin AND c.to_time < d.begin + ?
            WHERE c.samples < ?
            """)) {
      select.setArray(
          1, connection.createArrayOf("int4", days.stream().map(SeriesDay::number).toArray()));
      select.setArray(
          2, connection.createArrayOf("int8", days.stream().map(SeriesDay::begin).toArray()));
      select.setInt(3, collector);
      select.setLong(4, SeriesDay.MICROS);
      select.setInt(5, LARGE_ROW);
      Map<SeriesDay, List<Row>> found = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Chunk chunk =
              new Chunk(
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getInt(4),
                  0, // As the directory: made anew of the samples.
                  new byte[0],
                  rows.getBytes(5));
          found
              .computeIfAbsent(SeriesDay.of(rows.getInt(1), chunk), day -> new ArrayList<>())
              .add(new Row(chunk, rows.getLong(6)));
        }
      }
      return found;
    }
  }

  private static void delete(
      Connection connection, int collector, List<Integer> series, List<Row> rows)
      throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement(
            """
            DELETE FROM chunk c
            USING unnest(?::int[], ?::bigint[], ?::bigint[], ?::bigint[])
              AS d (series, to_time, from_time, generation)
            WHERE c.collector = ? AND c.series = d.series AND c.to_time = d.to_time
              AND c.from_time = d.from_time AND c.generation = d.generation
            """)) {
      delete.setArray(1, connection.createArrayOf("int4", series.toArray()));
      delete.setArray(
          2, connection.createArrayOf("int8", rows.stream().map(r -> r.chunk().to()).toArray()));
      delete.setArray(
          3, connection.createArrayOf("int8", rows.stream().map(r -> r.chunk().from()).toArray()));
      delete.setArray(
          4, connection.createArrayOf("int8", rows.stream().map(Row::generation).toArray()));
      delete.setInt(5, collector);
      if (delete.executeUpdate() != rows.size()) {
        throw new MergedElsewhereException();
      }
    }
  }

  /**
   * Drops the rows of these series that hold nothing at or after a time, microseconds.
   *
   * @return how many
   */
  public int drop(int collector, Integer[] series, long before) {
    return database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM chunk c USING unnest(?::int[]) AS d (series)"
                      + " WHERE c.collector = ? AND c.series = d.series AND c.to_time < ?")) {
            delete.setArray(1, connection.createArrayOf("int4", series));
            delete.setInt(2, collector);
            delete.setLong(3, before);
            return delete.executeUpdate();
          }
        });
  }

  /** The series columns in the order in which {@link #readSeries} wants them. */
  static final String SERIES_COLUMNS =
      "s.source, s.meter, s.type, s.unit, s.resource_id, s.project_id, s.user_id, s.dimensions";

  static Series readSeries(ResultSet rows, int first) throws SQLException {
    return new Series(
        rows.getString(first),
        rows.getString(first + 1),
        MeterType.ofCode(rows.getInt(first + 2)),
        rows.getString(first + 3),
        rows.getString(first + 4),
        rows.getString(first + 5),
        rows.getString(first + 6),
        dimensions(rows.getBytes(first + 7)));
  }

  private static boolean advance(Connection connection, Flush flush) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE collector SET generation = ?, flushed = ?, flush_token = ?"
                + " WHERE id = ? AND generation = ?")) {
      update.setLong(1, flush.generation());
      update.setLong(2, flush.sequence());
      update.setObject(3, flush.token());
      update.setInt(4, flush.collector());
      update.setLong(5, flush.generation() - 1);
      return update.executeUpdate() == 1;
    }
  }

  private static FlushOutcome outcomeOf(Connection connection, Flush flush) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT generation, flush_token FROM collector WHERE id = ?")) {
      select.setInt(1, flush.collector());
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        if (rows.getLong(1) == flush.generation() - 1) {
          return FlushOutcome.NOT_WRITTEN;
        }
        return flush.token().equals(rows.getObject(2, UUID.class))
            ? FlushOutcome.WRITTEN
            : FlushOutcome.SUPERSEDED;
      }
    }
  }

  private static void copyChunks(Connection connection, Flush flush) throws SQLException {
    try (BinaryCopy copy = chunkCopy(connection)) {
      for (ChunkRow row : flush.chunks()) {
        add(copy, flush.collector(), row, flush.generation());
      }
    }
  }

  private static BinaryCopy chunkCopy(Connection connection) throws SQLException {
    return new BinaryCopy(
        connection,
        "chunk",
        "collector",
        "series",
        "to_time",
        "from_time",
        "generation",
        "samples",
        "directory",
        "payload",
        "recorded");
  }

  private static void add(BinaryCopy copy, int collector, ChunkRow row, long generation) {
    Chunk chunk = row.chunk();
    copy.startRow(9)
        .add(collector)
        .add(row.series())
        .add(chunk.to())
        .add(chunk.from())
        .add(generation)
        .add(chunk.samples())
        .add(chunk.directory())
        .add(chunk.payload())
        .add(chunk.recorded());
  }

  private static void insertSeries(Connection connection, int collector, List<SeriesRow> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO series (collector, number, identity, source, meter, type, unit, resource_id,"
                + " project_id, user_id, dimensions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (SeriesRow row : rows) {
        Series series = row.series();
        insert.setInt(1, collector);
        insert.setInt(2, row.number());
        insert.setLong(3, SampleId.identity(series));
        insert.setString(4, series.source());
        insert.setString(5, series.meter());
        insert.setInt(6, series.type().code());
        insert.setString(7, series.unit());
        insert.setString(8, series.resourceId());
        insert.setString(9, series.projectId());
        insert.setString(10, series.userId());
        insert.setBytes(11, dimensionBytes(series.dimensions()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void insertMetadata(Connection connection, List<Metadata> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO metadata (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
      // In one order in every collector: two flushes that insert the same rows must not wait for
      // each other in a circle.
      List<Metadata> sorted = new ArrayList<>(rows);
      sorted.sort((a, b) -> a.id().compareTo(b.id()));
      for (Metadata metadata : sorted) {
        insert.setObject(1, metadata.id());
        insert.setString(2, metadata.json());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** Akka takes the newest snapshot row and replays what follows it; older rows serve nobody. */
  static void insertSnapshot(Connection connection, Flush.Snapshot snapshot, long sequence)
      throws SQLException {
    try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM snapshot WHERE persistence_id = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO snapshot (persistence_id, sequence_number, created, snapshot_ser_id,"
                    + " snapshot_ser_manifest, snapshot_payload) VALUES (?, ?, ?, ?, ?, ?)")) {
      delete.setString(1, snapshot.persistenceId());
      delete.executeUpdate();
      insert.setString(1, snapshot.persistenceId());
      insert.setLong(2, sequence);
      insert.setLong(3, System.currentTimeMillis());
      insert.setInt(4, snapshot.serializerId());
      insert.setString(5, snapshot.manifest());
      insert.setBytes(6, snapshot.payload());
      insert.executeUpdate();
    }
  }

  private static byte[] dimensionBytes(SortedMap<String, String> dimensions) {
    ByteWriter out = new ByteWriter(16);
    out.writeVarint(dimensions.size());
    dimensions.forEach((label, value) -> out.writeString(label).writeString(value));
    return out.toByteArray();
  }

  private static SortedMap<String, String> dimensions(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int count = in.readCount();
    SortedMap<String, String> dimensions = count == 0 ? Series.NO_DIMENSIONS : new TreeMap<>();
    for (int i = 0; i < count; i++) {
      dimensions.put(in.readString(), in.readString());
    }
    return dimensions;
  }
}
