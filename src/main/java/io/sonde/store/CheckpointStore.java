package io.sonde.store;

import static io.sonde.store.Database.sql;

import io.sonde.store.JournalStore.StoredEvent;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;

/** The log of all journals' events, its checkpoints, and how far outlets have them. Blocks. */
public final class CheckpointStore {
  /** Bytes of a hash. */
  private static final int HASH = 32;

  private static final int LOCK = 0x50e0;

  private final Database database;

  public CheckpointStore(Database database) {
    this.database = database;
  }

  /**
   * Consecutive events of a journal that are consecutive leaves.
   *
   * @param firstLeaf the number of the first one's leaf, from 0
   * @param firstSequence the first one's number in the journal
   * @param hashes 32 bytes an event
   */
  public record Leaves(long firstLeaf, int collector, long firstSequence, byte[] hashes) {
    public int count() {
      return hashes.length / HASH;
    }

    /** The hash of one of them, counted from 0. */
    public byte[] hash(int i) {
      return Arrays.copyOfRange(hashes, i * HASH, (i + 1) * HASH);
    }
  }

  /** The hash of an event, as it is in the journal now. */
  public record EventHash(long sequence, byte[] hash) {}

  /**
   * A checkpoint.
   *
   * @param size the number of leaves
   * @param note its text, with signatures
   */
  public record Row(long size, byte[] root, String note, Instant made) {}

  /** Which database this is, wherever it moves. */
  public UUID databaseId() {
    return database.id();
  }

  /** Reads the log as it is at one moment. */
  public <T> T read(Function<Log, T> reading) {
    return database.inSnapshot(
        connection -> reading.apply(new Log(connection, database.archives())));
  }

  /**
   * Writes the log, in one transaction, as nobody else does meanwhile.
   *
   * @return empty when somebody else writes it now
   */
  public <T> Optional<T> tryWrite(Function<Log, T> writing) {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_try_advisory_xact_lock(?)")) {
            lock.setInt(1, LOCK);
            try (ResultSet rows = lock.executeQuery()) {
              rows.next();
              return rows.getBoolean(1)
                  ? Optional.of(writing.apply(new Log(connection, database.archives())))
                  : Optional.empty();
            }
          }
        });
  }

  /** As {@link #tryWrite}, after waiting for whoever writes it now. */
  public <T> T write(Function<Log, T> writing) {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement lock =
              connection.prepareStatement("SELECT pg_advisory_xact_lock(?)")) {
            lock.setInt(1, LOCK);
            lock.execute();
          }
          return writing.apply(new Log(connection, database.archives()));
        });
  }

  /** The newest checkpoints below a size, the newest first. */
  public List<Row> newest(long below, int limit) {
    return database.run(
        connection ->
            checkpoints(connection, "WHERE size < ? ORDER BY size DESC LIMIT ?", below, limit));
  }

  /** The checkpoints above a size, the oldest first. */
  public List<Row> after(long size, int limit) {
    return database.run(
        connection -> checkpoints(connection, "WHERE size > ? ORDER BY size LIMIT ?", size, limit));
  }

  /** The checkpoint of a size. */
  public Optional<Row> at(long size) {
    return database.run(
        connection ->
            checkpoints(connection, "WHERE size = ? LIMIT ?", size, 1).stream().findFirst());
  }

  private static List<Row> checkpoints(Connection connection, String which, long size, int limit)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT size, root, note, made FROM log_checkpoint " + which)) {
      select.setLong(1, size);
      select.setInt(2, limit);
      List<Row> found = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(
              new Row(
                  rows.getLong(1),
                  rows.getBytes(2),
                  rows.getString(3),
                  rows.getTimestamp(4).toInstant()));
        }
      }
      return found;
    }
  }

  /** How many checkpoints there are above a size. */
  public long countAfter(long size) {
    return database.run(
        connection ->
            number(connection, "SELECT count(*) FROM log_checkpoint WHERE size > ?", size)
                .getAsLong());
  }

  /** The size of the last checkpoint that an outlet has got. */
  public OptionalLong position(String outlet) {
    return database.run(
        connection -> number(connection, "SELECT size FROM log_outlet WHERE outlet = ?", outlet));
  }

  /** Remembers the last checkpoint that an outlet has got. */
  public void advance(String outlet, long size) {
    database.run(
        connection -> {
          try (PreparedStatement upsert =
              connection.prepareStatement(
                  "INSERT INTO log_outlet (outlet, size) VALUES (?, ?)"
                      + " ON CONFLICT (outlet) DO UPDATE SET size = excluded.size")) {
            upsert.setString(1, outlet);
            upsert.setLong(2, size);
            return upsert.executeUpdate();
          }
        });
  }

  private static OptionalLong number(Connection connection, String sql, Object... arguments)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        select.setObject(i + 1, arguments[i]);
      }
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /** The log within a transaction. */
  public static final class Log {
    private final Connection connection;
    private final JournalArchive archive;

    private Log(Connection connection, Path archives) {
      this.connection = connection;
      this.archive =
          new JournalArchive(
              (persistenceId, sequence) ->
                  sql(() -> ArchiveStore.holding(connection, archives, persistenceId, sequence)));
    }

    private OptionalLong number(String sql, Object... arguments) {
      return sql(() -> CheckpointStore.number(connection, sql, arguments));
    }

    /** The number of leaves. */
    public long size() {
      return number("SELECT first_leaf + events FROM log_leaves ORDER BY first_leaf DESC LIMIT 1")
          .orElse(0);
    }

    /** The number of the last event of a collector that is in the log; 0 where none is. */
    public long end(int collector) {
      return number(
              "SELECT first_sequence + events - 1 FROM log_leaves WHERE collector = ?"
                  + " ORDER BY first_sequence DESC LIMIT 1",
              collector)
          .orElse(0);
    }

    /** The leaf of an event. */
    public OptionalLong leaf(int collector, long sequence) {
      OptionalLong leaf =
          number(
              """
              SELECT CASE WHEN first_sequence + events > ? THEN first_leaf + ? - first_sequence
                          ELSE -1 END
              FROM log_leaves WHERE collector = ? AND first_sequence <= ?
              ORDER BY first_sequence DESC LIMIT 1
              """,
              sequence,
              sequence,
              collector,
              sequence);
      return leaf.orElse(-1) < 0 ? OptionalLong.empty() : leaf;
    }

    /** The rows that hold the leaves from one up to another, which does not belong to them. */
    public List<Leaves> leaves(long from, long to) {
      return sql(
          () -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    """
                    SELECT first_leaf, collector, first_sequence, hashes FROM log_leaves
                    WHERE first_leaf < ? AND first_leaf >= coalesce(
                      (SELECT max(first_leaf) FROM log_leaves WHERE first_leaf <= ?), 0)
                    ORDER BY first_leaf
                    """)) {
              select.setLong(1, to);
              select.setLong(2, from);
              List<Leaves> found = new ArrayList<>();
              try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                  found.add(
                      new Leaves(
                          rows.getLong(1), rows.getInt(2), rows.getLong(3), rows.getBytes(4)));
                }
              }
              return found;
            }
          });
    }

    /** Hashes of neighbouring subtrees, see the table. */
    public List<byte[]> nodes(int level, long first, int count) {
      return sql(
          () -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    "SELECT hash FROM log_node WHERE level = ? AND place >= ? AND place < ?"
                        + " ORDER BY place")) {
              select.setInt(1, level);
              select.setLong(2, first);
              select.setLong(3, first + count);
              List<byte[]> found = new ArrayList<>();
              try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                  found.add(rows.getBytes(1));
                }
              }
              return found;
            }
          });
    }

    /**
     * The hashes of the events in a journal after a sequence number, in order, as the chain has
     * them: SHA-256 over a domain byte and the event. Computed there, so that no event travels, but
     * for those that are archived.
     */
    public List<EventHash> hashesAfter(String persistenceId, long sequence, int limit) {
      List<EventHash> found = new ArrayList<>();
      List<StoredEvent> archived = archive.after(persistenceId, sequence);
      while (archived != null && found.size() < limit) {
        archived.stream().limit(limit - found.size()).map(Log::hash).forEach(found::add);
        archived = archive.after(persistenceId, found.get(found.size() - 1).sequence());
      }
      if (found.size() < limit) {
        long last = found.isEmpty() ? sequence : found.get(found.size() - 1).sequence();
        found.addAll(hashesOfRows(persistenceId, last, limit - found.size()));
      }
      return found;
    }

    private static EventHash hash(StoredEvent event) {
      MessageDigest digest = ArchiveFile.sha256();
      digest.update((byte) 1);
      return new EventHash(event.sequence(), digest.digest(event.payload()));
    }

    private List<EventHash> hashesOfRows(String persistenceId, long sequence, int limit) {
      return sql(
          () -> {
            try (PreparedStatement select =
                connection.prepareStatement(
                    """
                    SELECT sequence_number, sha256('\\x01'::bytea || event_payload)
                    FROM event_journal WHERE persistence_id = ? AND sequence_number > ?
                    ORDER BY sequence_number LIMIT ?
                    """)) {
              select.setString(1, persistenceId);
              select.setLong(2, sequence);
              select.setInt(3, limit);
              List<EventHash> found = new ArrayList<>();
              try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                  found.add(new EventHash(rows.getLong(1), rows.getBytes(2)));
                }
              }
              return found;
            }
          });
    }

    /** The number of the last event in a journal; 0 where there is none. */
    public long journalEnd(String persistenceId) {
      return number(
              "SELECT coalesce(max(sequence_number), 0) FROM event_journal"
                  + " WHERE persistence_id = ?",
              persistenceId)
          .orElse(0);
    }

    /** Adds leaves. */
    public void add(Leaves leaves) {
      sql(
          () -> {
            try (PreparedStatement insert =
                connection.prepareStatement(
                    "INSERT INTO log_leaves (first_leaf, collector, first_sequence, events, hashes)"
                        + " VALUES (?, ?, ?, ?, ?)")) {
              insert.setLong(1, leaves.firstLeaf());
              insert.setInt(2, leaves.collector());
              insert.setLong(3, leaves.firstSequence());
              insert.setInt(4, leaves.count());
              insert.setBytes(5, leaves.hashes());
              return insert.executeUpdate();
            }
          });
    }

    /** Adds the hash of a subtree. */
    public void addNode(int level, long place, byte[] hash) {
      sql(
          () -> {
            try (PreparedStatement insert =
                connection.prepareStatement(
                    "INSERT INTO log_node (level, place, hash) VALUES (?, ?, ?)")) {
              insert.setInt(1, level);
              insert.setLong(2, place);
              insert.setBytes(3, hash);
              return insert.executeUpdate();
            }
          });
    }

    /** Adds a checkpoint over all leaves. */
    public void addCheckpoint(long size, byte[] root, String note) {
      sql(
          () -> {
            try (PreparedStatement insert =
                connection.prepareStatement(
                    "INSERT INTO log_checkpoint (size, root, note) VALUES (?, ?, ?)")) {
              insert.setLong(1, size);
              insert.setBytes(2, root);
              insert.setString(3, note);
              return insert.executeUpdate();
            }
          });
    }
  }
}
