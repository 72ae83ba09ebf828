package io.sonde.store;

import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.series.TimeSplit;
import io.sonde.store.QueryStore.Chunks;
import io.sonde.store.QueryStore.Question;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The statement that answers a {@link Question}. Its columns: collector, series number, two
 * numbers, directory, payload. Rows without a series number are collectors, with generation and
 * sequence number. A subquery with OFFSET 0 is planned by itself: chunks are always looked up
 * series by series in their primary key, and payloads are read last, for rows that are wanted.
 */
final class QuerySql {
  private static final String STATES =
      """
      SELECT id AS collector, NULL::int AS number, generation AS a,
             (SELECT coalesce(max(sequence_number), 0) FROM event_journal
              WHERE persistence_id = 'collector|' || id) AS b""";

  private QuerySql() {}

  static String of(Question question) {
    String states = STATES + "%s FROM collector" + (isForOne(question) ? " WHERE id = ?" : "");
    boolean isPlain = isPlain(question.chunks());
    String union = states.formatted(isPlain ? ", NULL::bytea, NULL::bytea" : ", 0::bigint, 0");
    if (question.filter().isSatisfiable()) {
      union += " UNION ALL " + rows(question);
    }
    return isPlain
        ? union
        : "SELECT k.collector, k.number, k.a, k.b, NULL::bytea, p.payload FROM (SELECT * FROM ("
            + union
            + ") u (collector, number, a, b, generation, kind) ORDER BY kind, a DESC) k"
            + " LEFT JOIN LATERAL (SELECT payload FROM chunk c WHERE k.kind = 1"
            + " AND c.collector = k.collector AND c.series = k.number AND c.to_time = k.a"
            + " AND c.from_time = k.b AND c.generation = k.generation OFFSET 0) p ON true"
            + " ORDER BY k.kind, k.a DESC";
  }

  /** Sets the parameters of the statement. */
  static void bind(PreparedStatement statement, Question question) throws SQLException {
    int next = 1;
    if (isForOne(question)) {
      statement.setInt(next++, question.collector());
    }
    if (!question.filter().isSatisfiable()) {
      return;
    }
    TimeSplit time = question.time();
    if (question.chunks() == Chunks.SUMMARIES) {
      boolean hasWholeHours = time.hasWholeHours();
      long start = hasWholeHours ? 0 : time.start();
      long length = hasWholeHours ? 0 : time.length();
      statement.setLong(next++, TimeSplit.isHour(time.from()) ? Long.MIN_VALUE : time.from());
      statement.setLong(next++, TimeSplit.isHour(time.to()) ? Long.MAX_VALUE : time.to());
      statement.setLong(next++, start);
      statement.setLong(next++, length);
      statement.setLong(next++, start);
      statement.setLong(next++, length);
      if (isAsOf(question)) {
        statement.setLong(next++, question.recordedUntil());
      }
    }
    if (question.chunks() != Chunks.NONE) {
      statement.setLong(next++, time.from());
      statement.setLong(next++, time.to());
    }
    for (SeriesField field : SeriesField.values()) {
      String value = question.filter().equal().get(field);
      if (value != null) {
        statement.setString(next++, value);
      }
    }
  }

  private static boolean isPlain(Chunks chunks) {
    return chunks != Chunks.NEWEST_FIRST && chunks != Chunks.EDGES;
  }

  private static boolean isAsOf(Question question) {
    return question.recordedUntil() != Long.MAX_VALUE;
  }

  private static boolean isForOne(Question question) {
    return question.collector() >= 0;
  }

  private static String rows(Question question) {
    String key = "c.to_time AS a, c.from_time AS b, ";
    return switch (question.chunks()) {
      case NONE ->
          "SELECT s.collector, s.number, 0::bigint, 0::bigint, NULL::bytea, NULL::bytea"
              + " FROM series s WHERE "
              + condition(question);
      case ALL -> rows(key + "NULL::bytea, c.payload", question);
      // The end of TimeSplit.isServedByHours, with divisions that differ from it before the bounds
      // only, where a difference does not matter.
      case SUMMARIES ->
          rows(
              key
                  + "c.directory, CASE WHEN c.from_time < ? OR c.to_time >= ?"
                  + " OR (c.from_time - ?) / nullif(?, 0) <> (c.to_time - ?) / nullif(?, 0)"
                  + (isAsOf(question) ? " OR c.recorded > ? OR c.recorded IS NULL" : "")
                  + " THEN c.payload END",
              question);
      case NEWEST_FIRST -> rows(key + "c.generation, 1", question);
      // All that end or begin alike: which of their samples is the newest is decided by their ids.
      case EDGES ->
          "SELECT collector, number, a, b, generation, 1 FROM (SELECT r.*,"
              + " rank() OVER (PARTITION BY collector, number ORDER BY a DESC) AS newest,"
              + " rank() OVER (PARTITION BY collector, number ORDER BY b) AS oldest FROM ("
              + rows(key + "c.generation", question)
              + ") r) e WHERE newest = 1 OR oldest = 1";
    };
  }

  private static String rows(String columns, Question question) {
    return "SELECT s.collector, s.number, x.* FROM series s CROSS JOIN LATERAL (SELECT "
        + columns
        + " FROM chunk c WHERE c.collector = s.collector AND c.series = s.number"
        + " AND c.to_time >= ? AND c.from_time < ? OFFSET 0) x WHERE "
        + condition(question);
  }

  private static String condition(Question question) {
    // Not by collector: rows from before a slot moved lie under the former one.
    StringBuilder sql = new StringBuilder("true");
    SeriesFilter filter = question.filter();
    // In one order whatever the map's: equal questions are one prepared statement.
    for (SeriesField field : SeriesField.values()) {
      if (filter.equal().containsKey(field)) {
        sql.append(" AND s.").append(field.wireName());
        sql.append(filter.equal().get(field) == null ? " IS NULL" : " = ?");
      }
    }
    return sql.toString();
  }
}
