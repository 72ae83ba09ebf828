package io.sonde.store;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** What tells where a sample comes from, beside the journal. Blocks. */
public final class OriginStore {
  private final Database database;
  private final QueryStore queries;

  public OriginStore(Database database) {
    this.database = database;
    this.queries = new QueryStore(database);
  }

  /** A series under a number that a collector gave it. */
  public record Numbered(int collector, int number, Series series) {}

  /**
   * A version of the pipelines.
   *
   * @param hash SHA-256 of the definitions, in hex
   * @param definitions canonical JSON
   * @param firstUsed when it was put on record
   */
  public record PipelineVersion(String hash, String definitions, Instant firstUsed) {}

  /** The series of this identity that rows hold, under each of their numbers. */
  public List<Numbered> withIdentity(long identity) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT s.collector, s.number, "
                      + CollectorStore.SERIES_COLUMNS
                      + " FROM series s WHERE s.identity = ? ORDER BY s.collector, s.number")) {
            select.setLong(1, identity);
            return numbered(select);
          }
        });
  }

  /** The series of a resource that a collector has numbered and that rows hold. */
  public List<Numbered> ofResource(int collector, String resource) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT s.collector, s.number, "
                      + CollectorStore.SERIES_COLUMNS
                      + " FROM series s WHERE s.resource_id = ? AND s.collector = ?")) {
            select.setString(1, resource);
            select.setInt(2, collector);
            return numbered(select);
          }
        });
  }

  private static List<Numbered> numbered(PreparedStatement select) throws SQLException {
    List<Numbered> found = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.add(new Numbered(rows.getInt(1), rows.getInt(2), CollectorStore.readSeries(rows, 3)));
      }
    }
    return found;
  }

  /** Up to which event of its journal a collector is flushed; nothing of one that is not there. */
  public OptionalLong flushed(int collector) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT flushed FROM collector WHERE id = ?")) {
            select.setInt(1, collector);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
            }
          }
        });
  }

  /** The text of metadata, where a row holds it. */
  public Optional<Metadata> metadata(UUID id) {
    return Optional.ofNullable(queries.metadata(Set.of(id)).get(id));
  }

  /** The version of the pipelines with this tag, where it is on record. */
  public Optional<PipelineVersion> pipelines(String tag) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT hash, definitions, first_used FROM pipeline_version WHERE tag = ?"
                      + " ORDER BY first_used LIMIT 1")) {
            select.setString(1, tag);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next()
                  ? Optional.of(
                      new PipelineVersion(
                          rows.getString(1), rows.getString(2), rows.getTimestamp(3).toInstant()))
                  : Optional.empty();
            }
          }
        });
  }
}
