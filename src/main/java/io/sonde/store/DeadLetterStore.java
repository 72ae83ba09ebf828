package io.sonde.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Notifications that nothing could be made of. All methods block. */
public final class DeadLetterStore {
  private static final String COLUMNS =
      "id, origin, message_id, event_type, reason, attempts, first_seen, parked, body";

  private final Database database;

  public DeadLetterStore(Database database) {
    this.database = database;
  }

  /**
   * A message that was given up.
   *
   * @param origin from where it came
   * @param messageId null where it could not be read; likewise the type
   * @param attempts how often it was tried
   */
  public record NewLetter(
      String origin,
      String messageId,
      String eventType,
      String reason,
      int attempts,
      byte[] body) {}

  /**
   * A message that lies here.
   *
   * @param firstSeen when it was put here
   * @param parked when it was tried last
   */
  public record Letter(
      long id,
      String origin,
      String messageId,
      String eventType,
      String reason,
      int attempts,
      Instant firstSeen,
      Instant parked,
      byte[] body) {}

  /** Puts messages here, all or none. One that lies here already stays, and is counted again. */
  public void add(List<NewLetter> letters) {
    database.inTransaction(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  """
                  INSERT INTO dead_notification AS d
                    (digest, origin, message_id, event_type, reason, attempts, body)
                  VALUES (?, ?, ?, ?, ?, ?, ?)
                  ON CONFLICT (digest) DO UPDATE
                    SET reason = excluded.reason, attempts = d.attempts + excluded.attempts,
                        parked = now()
                  """)) {
            for (NewLetter letter : letters) {
              insert.setBytes(1, digest(letter.body()));
              insert.setString(2, letter.origin());
              insert.setString(3, letter.messageId());
              insert.setString(4, letter.eventType());
              insert.setString(5, letter.reason());
              insert.setInt(6, letter.attempts());
              insert.setBytes(7, letter.body());
              insert.executeUpdate();
            }
            return null;
          }
        });
  }

  /** The first ones with ids above this one, by id. */
  public List<Letter> after(long id, int limit) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT "
                      + COLUMNS
                      + " FROM dead_notification WHERE id > ? ORDER BY id LIMIT ?")) {
            select.setLong(1, id);
            select.setInt(2, limit);
            List<Letter> letters = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                letters.add(letter(rows));
              }
            }
            return letters;
          }
        });
  }

  /** One of them. */
  public Optional<Letter> find(long id) {
    return after(id - 1, 1).stream().filter(letter -> letter.id() == id).findFirst();
  }

  /**
   * Takes one out.
   *
   * @return whether it was here
   */
  public boolean delete(long id) {
    return database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM dead_notification WHERE id = ?")) {
            delete.setLong(1, id);
            return delete.executeUpdate() > 0;
          }
        });
  }

  /**
   * Drops those that were tried last before this moment.
   *
   * @return how many
   */
  public int drop(Instant before) {
    return database.run(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM dead_notification WHERE parked < ?")) {
            delete.setTimestamp(1, Timestamp.from(before));
            return delete.executeUpdate();
          }
        });
  }

  private static Letter letter(ResultSet row) throws SQLException {
    return new Letter(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getInt(6),
        row.getTimestamp(7).toInstant(),
        row.getTimestamp(8).toInstant(),
        row.getBytes(9));
  }

  private static byte[] digest(byte[] body) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
