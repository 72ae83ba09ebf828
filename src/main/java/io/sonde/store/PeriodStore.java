package io.sonde.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Sealed periods. All methods block. */
public final class PeriodStore {
  /** Taken by whoever seals, in the one transaction that does. */
  private static final long LOCK = 0x736f_6e64_6570_6572L;

  private static final int AT_ONCE = 1_000;
  private static final String COLUMNS =
      "sequence, id, idempotency_key, selection, start_time, end_time, project_id, meters, groupby,"
          + " gap, recorded_until, sealed_at, digest, note";

  private final Database database;

  public PeriodStore(Database database) {
    this.database = database;
  }

  /**
   * A sealed period without its statement.
   *
   * @param sequence the order of sealing
   * @param id digest of what was asked for
   * @param idempotencyKey with which it was asked for, or null
   * @param selection digest of what was asked for without its time
   * @param start microseconds, inclusive
   * @param end microseconds, exclusive
   * @param projectId null for all
   * @param gap seconds
   * @param recordedUntil the last second of recording that it is made of, since 1970
   * @param digest SHA-256 of the statement
   * @param note names the statement; signed or not
   */
  public record Sealed(
      long sequence,
      String id,
      String idempotencyKey,
      String selection,
      long start,
      long end,
      String projectId,
      List<String> meters,
      List<String> groupBy,
      long gap,
      long recordedUntil,
      Instant sealedAt,
      byte[] digest,
      String note) {}

  /**
   * A figure of a statement.
   *
   * @param type of the meter
   * @param unit of the quantity
   * @param group a JSON object, or null
   * @param samples that it was measured from
   */
  public record Figure(
      String meter, String type, String unit, String group, double quantity, long samples) {}

  /**
   * A figure and the period that it is about.
   *
   * @param about the sequence of an earlier period; 0 for that of the statement itself
   */
  public record FigureAbout(long about, Figure figure) {}

  /** The period with an id. */
  public Optional<Sealed> find(String id) {
    return select("id = ?", statement -> statement.setString(1, id)).stream().findFirst();
  }

  /** The period that was asked for with an idempotency key. */
  public Optional<Sealed> findByKey(String key) {
    return select("idempotency_key = ?", statement -> statement.setString(1, key)).stream()
        .findFirst();
  }

  /**
   * The first ones that were sealed after another one, in the order of sealing.
   *
   * @param sequence of that one; 0 for the beginning
   * @param onlyProject null for all; else those of this project, and those of all projects that
   *     tell projects apart
   */
  public List<Sealed> after(long sequence, String onlyProject, int limit) {
    return select(
        "sequence > ? AND (?::text IS NULL OR project_id = ?"
            + " OR project_id IS NULL AND 'project_id' = ANY (groupby))"
            + " ORDER BY sequence LIMIT ?",
        statement -> {
          statement.setLong(1, sequence);
          statement.setString(2, onlyProject);
          statement.setString(3, onlyProject);
          statement.setInt(4, limit);
        });
  }

  /** Those of a selection, in the order of sealing. */
  public List<Sealed> ofSelection(String selection) {
    return database.run(connection -> ofSelection(connection, selection));
  }

  /** The statement of a period. */
  public byte[] statement(long sequence) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT statement FROM period WHERE sequence = ?")) {
            select.setLong(1, sequence);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getBytes(1);
            }
          }
        });
  }

  /** The meters of which anything is stated about a period. */
  public SortedSet<String> statedMeters(long about) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT DISTINCT meter FROM period_figure WHERE about = ?")) {
            select.setLong(1, about);
            SortedSet<String> meters = new TreeSet<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                meters.add(rows.getString(1));
              }
            }
            return meters;
          }
        });
  }

  /**
   * What is stated of a meter about a period by now: as its statement says, or the last correction.
   */
  public List<Figure> stated(long about, String meter) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT DISTINCT ON (type, unit, group_values)"
                      + " type, unit, group_values, quantity, samples FROM period_figure"
                      + " WHERE about = ? AND meter = ?"
                      + " ORDER BY type, unit, group_values, statement DESC")) {
            select.setLong(1, about);
            select.setString(2, meter);
            List<Figure> figures = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                figures.add(
                    new Figure(
                        meter,
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getDouble(4),
                        rows.getLong(5)));
              }
            }
            return figures;
          }
        });
  }

  /**
   * Adds a period with its statement, all or nothing, unless another one of its selection was added
   * meanwhile, or its id or key is taken.
   *
   * @param period its sequence and the time of its sealing are given here
   * @param after the last one of its selection that it knows of; 0 for none
   * @return whether it was added
   * @throws DatabaseException when it is not known whether it was
   */
  public boolean add(Sealed period, byte[] statement, List<FigureAbout> figures, long after) {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setLong(1, LOCK);
            lock.execute();
          }
          List<Sealed> others = ofSelection(connection, period.selection());
          long last = others.isEmpty() ? 0 : others.get(others.size() - 1).sequence();
          if (last != after) {
            return false;
          }
          long sequence = insert(connection, period, statement);
          if (sequence == 0) {
            return false;
          }
          insert(connection, sequence, figures);
          return true;
        });
  }

  private static List<Sealed> ofSelection(Connection connection, String selection)
      throws SQLException {
    return select(
        connection,
        "selection = ? ORDER BY sequence",
        statement -> statement.setString(1, selection));
  }

  /** Its sequence; 0 where its id or key is taken. */
  private static long insert(Connection connection, Sealed period, byte[] statement)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO period (id, idempotency_key, selection, start_time, end_time, project_id,
                                meters, groupby, gap, recorded_until, sealed_at, statement, digest, note)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING RETURNING sequence
            """)) {
      insert.setString(1, period.id());
      insert.setString(2, period.idempotencyKey());
      insert.setString(3, period.selection());
      insert.setLong(4, period.start());
      insert.setLong(5, period.end());
      if (period.projectId() == null) {
        insert.setNull(6, Types.VARCHAR);
      } else {
        insert.setString(6, period.projectId());
      }
      insert.setArray(7, connection.createArrayOf("text", period.meters().toArray()));
      insert.setArray(8, connection.createArrayOf("text", period.groupBy().toArray()));
      insert.setLong(9, period.gap());
      insert.setLong(10, period.recordedUntil());
      insert.setTimestamp(11, Timestamp.from(period.sealedAt()));
      insert.setBytes(12, statement);
      insert.setBytes(13, period.digest());
      insert.setString(14, period.note());
      try (ResultSet rows = insert.executeQuery()) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  private static void insert(Connection connection, long sequence, List<FigureAbout> figures)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO period_figure"
                + " (statement, about, meter, type, unit, group_values, quantity, samples)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (int from = 0; from < figures.size(); from += AT_ONCE) {
        for (FigureAbout one : figures.subList(from, Math.min(figures.size(), from + AT_ONCE))) {
          insert.setLong(1, sequence);
          insert.setLong(2, one.about() == 0 ? sequence : one.about());
          insert.setString(3, one.figure().meter());
          insert.setString(4, one.figure().type());
          insert.setString(5, one.figure().unit());
          insert.setString(6, one.figure().group());
          insert.setDouble(7, one.figure().quantity());
          insert.setLong(8, one.figure().samples());
          insert.addBatch();
        }
        insert.executeBatch();
      }
    }
  }

  /** Sets the parameters of a statement. */
  @FunctionalInterface
  private interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private List<Sealed> select(String where, Binder binder) {
    return database.run(connection -> select(connection, where, binder));
  }

  private static List<Sealed> select(Connection connection, String where, Binder binder)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT " + COLUMNS + " FROM period WHERE " + where)) {
      binder.bind(select);
      List<Sealed> periods = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          periods.add(sealed(rows));
        }
      }
      return periods;
    }
  }

  private static Sealed sealed(ResultSet row) throws SQLException {
    return new Sealed(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        row.getLong(6),
        row.getString(7),
        texts(row.getArray(8)),
        texts(row.getArray(9)),
        row.getLong(10),
        row.getLong(11),
        row.getTimestamp(12).toInstant(),
        row.getBytes(13),
        row.getString(14));
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
