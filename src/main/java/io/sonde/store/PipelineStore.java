package io.sonde.store;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Versions of the pipelines, and what their stages keep of idle series. Blocks. */
public final class PipelineStore {
  /** Of the persistence ids of stages. */
  private static final String PREFIX = "PipelineStage|";

  private final Database database;

  public PipelineStore(Database database) {
    this.database = database;
  }

  /**
   * Names a memory of a stage.
   *
   * @param transformer the name of the transformer that it belongs to
   * @param key what the memory is kept under, encoded
   */
  public record Key(String transformer, ByteBuffer key) {}

  /** The ids of all stages that ever remembered anything. */
  public List<String> stages() {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  // Few ids with very many rows each: goes from one id to the next.
                  "WITH RECURSIVE ids (id) AS ("
                      + " (SELECT min(persistence_id) FROM event_journal) UNION ALL"
                      + " SELECT (SELECT min(persistence_id) FROM event_journal"
                      + " WHERE persistence_id > id) FROM ids WHERE id IS NOT NULL)"
                      + " SELECT substr(id, length(?) + 1) FROM"
                      + " (SELECT id FROM ids UNION SELECT persistence_id FROM snapshot) AS a"
                      + " WHERE starts_with(id, ?)")) {
            select.setString(1, PREFIX);
            select.setString(2, PREFIX);
            List<String> stages = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                stages.add(rows.getString(1));
              }
            }
            return stages;
          }
        });
  }

  /** Records definitions of pipelines that are in force from now on. */
  public void recordVersion(String hash, String tag, String definitions) {
    database.run(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO pipeline_version (hash, tag, definitions) VALUES (?, ?, ?)"
                      + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, hash);
            insert.setString(2, tag);
            insert.setString(3, definitions);
            return insert.executeUpdate();
          }
        });
  }

  /** Writes memories, over those that are there under the same keys. */
  public void keep(String stage, Map<Key, byte[]> memories) {
    database.inTransaction(
        connection -> {
          try (PreparedStatement upsert =
              connection.prepareStatement(
                  "INSERT INTO stage_remains (stage, transformer, key, memory) VALUES (?, ?, ?, ?)"
                      + " ON CONFLICT (stage, transformer, key) DO UPDATE"
                      + " SET memory = excluded.memory")) {
            for (Map.Entry<Key, byte[]> entry : memories.entrySet()) {
              upsert.setString(1, stage);
              upsert.setString(2, entry.getKey().transformer());
              upsert.setBytes(3, entry.getKey().key().array());
              upsert.setBytes(4, entry.getValue());
              upsert.addBatch();
            }
            return upsert.executeBatch();
          }
        });
  }

  /** The memories that are there of these. */
  public Map<Key, byte[]> recall(String stage, Collection<Key> keys) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT transformer, key, memory FROM stage_remains"
                      + " JOIN unnest(?::text[], ?::bytea[]) AS w (wanted, wanted_key)"
                      + " ON transformer = wanted AND key = wanted_key WHERE stage = ?")) {
            select.setArray(
                1,
                connection.createArrayOf(
                    "text", keys.stream().map(Key::transformer).toArray(String[]::new)));
            select.setArray(
                2,
                connection.createArrayOf(
                    "bytea", keys.stream().map(key -> key.key().array()).toArray(byte[][]::new)));
            select.setString(3, stage);
            Map<Key, byte[]> found = new HashMap<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                found.put(
                    new Key(rows.getString(1), ByteBuffer.wrap(rows.getBytes(2))),
                    rows.getBytes(3));
              }
            }
            return found;
          }
        });
  }
}
