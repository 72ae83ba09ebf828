package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.audit.Report;
import io.sonde.audit.Since;
import io.sonde.audit.Verification;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.Block;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.Checksum;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plants each kind of damage in a copy of a real database: {@code audit verify} finds it and says
 * where, or the damage is one that only a checkpoint or a replay can find. Without damage it finds
 * nothing.
 */
@Tag("long")
@Timeout(600)
class AuditDamageIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long START = 1_767_225_600_000_000L;
  private static final int BATCHES = 60;

  /** Random bits that are flipped, one after the other. */
  private static final int FLIPS = Integer.getInteger("sonde.test.flips", 300);

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private static DatabaseSettings base;
  private static DatabaseSettings backup;

  private DatabaseSettings copy;
  private Random random;

  @BeforeAll
  static void fill() throws Exception {
    postgres = TestPostgres.start(folder.resolve("postgres"));
    base = postgres.newDatabase();
    try (TestNode node = node(base, "0s")) {
      for (int i = 0; i < BATCHES; i++) {
        TestNode.get(node.collectors.add("store", batch(i)));
      }
      awaitFlush(BATCHES);
    }
    backup = postgres.copyOf(base);
    // What comes now stays in the journal.
    try (TestNode node = node(base, "1h")) {
      for (int i = BATCHES; i < BATCHES + 20; i++) {
        TestNode.get(node.collectors.add("store", batch(i)));
      }
    }
  }

  private static void awaitFlush(int batches) {
    Wait.until(
        LIMIT,
        "chunk rows of all samples",
        () ->
            TestPostgres.number(base, "SELECT coalesce(sum(samples), 0) FROM chunk")
                == batches * 40L);
  }

  private static TestNode node(DatabaseSettings at, String flushInterval) throws Exception {
    return TestNode.start(
        at,
        "sonde.collector.collectors=2",
        "sonde.collector.chunk-samples=10",
        "sonde.collector.flush-interval=" + flushInterval,
        "sonde.collector.keep-flushed=1s");
  }

  /** Forty samples of ten series, over some days; each batch has metadata of its own. */
  private static SampleBatch batch(int number) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Series series =
          new Series(
              "test", "m", MeterType.GAUGE, "B", "r" + i % 10, "p", null, Series.NO_DIMENSIONS);
      long time = START + (number * 4L + i / 10) * 1_200_000_000L;
      samples.add(
          new Sample(
              series,
              time,
              number * 1.25 + i,
              i % 2 == 0 ? SampleKey.NONE : SampleKey.ofMessageId("id" + number + "/" + i),
              Metadata.of(Map.of("batch", (long) number))));
    }
    return SampleBatch.of(samples);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void seed() {
    random = Seed.random();
  }

  /** Something that is done to a copy. */
  @FunctionalInterface
  private interface Plant {
    void in(DatabaseSettings database) throws SQLException;
  }

  /**
   * A damage.
   *
   * @param found what the report's first line begins with; null where it finds nothing
   */
  private record Damage(String name, Plant plant, String found) {}

  @TestFactory
  Stream<DynamicTest> everyDamageIsFoundWhereItIs() {
    return damages().stream()
        .map(damage -> DynamicTest.dynamicTest(damage.name(), () -> findsOf(damage)));
  }

  private void findsOf(Damage damage) throws SQLException {
    copy = postgres.copyOf(base);
    damage.plant().in(copy);
    List<String> lines = Verified.report(copy);
    if (damage.found() == null) {
      assertThat(lines).as(damage.name()).hasSize(1);
      assertThat(lines.get(0)).startsWith("all holds: ");
    } else {
      assertThat(lines.get(0)).as(damage.name()).startsWith(damage.found());
      assertThat(lines.get(lines.size() - 1)).startsWith(lines.size() - 1 + " damaged: ");
    }
  }

  private List<Damage> damages() {
    long flushed = flushed(0);
    long end = end(0);
    assertThat(end).isGreaterThan(flushed + 4);
    assertThat(flushed).isGreaterThan(10);
    return List.of(
        new Damage("nothing", database -> {}, null),
        new Damage("a bit in an event", at -> flipEvent(at, 5, -20), "collector 0, event 5: "),
        new Damage("a bit in a hash", at -> flipEvent(at, 5, 10), "collector 0, event 5: "),
        new Damage(
            "an event with another second and a new checksum",
            at -> change(at, 5),
            "collector 0, event 5: expected hash "),
        new Damage(
            "an event behind the flush, changed so",
            at -> change(at, flushed + 2),
            "collector 0, event " + (flushed + 2) + ": expected hash "),
        // Nothing names the last event but checkpoints.
        new Damage("the last event, changed so", at -> change(at, end), null),
        new Damage(
            "an event removed",
            at -> execute(at, delete("= 7")),
            "collector 0, event 7: expected event 7, found event 8 in its place"),
        new Damage(
            "the first events removed",
            at -> execute(at, delete("< 3")),
            "collector 0, event 1: expected event 1, found event 3 in its place"),
        new Damage(
            "an event inserted",
            at -> {
              shiftFrom(at, 8);
              insert(at, 8, changed(payload(at, 9)));
            },
            "collector 0, event 9: expected event 9 of collector 0, found event 8"),
        new Damage(
            "an event twice",
            at -> {
              shiftFrom(at, 8);
              insert(at, 8, payload(at, 7));
            },
            "collector 0, event 8: expected event 8 of collector 0, found event 7"),
        new Damage(
            "two events swapped",
            at -> {
              byte[] first = payload(at, 6);
              put(at, 6, payload(at, 7));
              put(at, 7, first);
            },
            "collector 0, event 6: expected event 6 of collector 0, found event 7"),
        new Damage(
            "an event of another collector",
            at -> put(at, 6, bytes(at, "event_payload", "event_journal", row(1, "= 6"))),
            "collector 0, event 6: expected event 6 of collector 0, found event 6 of collector 1"),
        new Damage(
            "the end removed, up to what was flushed",
            at -> execute(at, delete(">= " + (flushed - 1))),
            "collector 0, event " + (flushed - 1) + ": expected a journal up to event " + flushed),
        // Of these events nothing else knows but checkpoints.
        new Damage(
            "the end removed behind what was flushed",
            at -> execute(at, delete("> " + (flushed + 1))),
            null),
        new Damage(
            "an event that Akka passes over",
            at -> execute(at, "UPDATE event_journal SET deleted = true WHERE " + row(0, "= 4")),
            "collector 0, event 4: expected a row that is not deleted"),
        new Damage(
            "an event for another serializer",
            at -> execute(at, "UPDATE event_journal SET event_ser_id = 1 WHERE " + row(0, "= 4")),
            "collector 0, event 4: expected serializer 50100 and manifest event-1"),
        new Damage(
            "a journal under another name",
            at ->
                execute(
                    at,
                    "INSERT INTO event_journal (persistence_id, sequence_number, writer,"
                        + " event_ser_id, event_ser_manifest, event_payload) SELECT 'collector|01',"
                        + " sequence_number, writer, event_ser_id, event_ser_manifest,"
                        + " event_payload FROM event_journal WHERE "
                        + row(0, "= 1")),
            "journal collector|01: "),
        new Damage(
            "a bit in a snapshot",
            at -> flip(at, "snapshot", "snapshot_payload", "persistence_id = 'collector|0'", 30),
            "collector 0, snapshot of event " + flushed + ": expected a snapshot that can be read"),
        new Damage(
            "the snapshot of another collector",
            at ->
                execute(
                    at,
                    "UPDATE snapshot s SET snapshot_payload = o.snapshot_payload FROM snapshot o"
                        + " WHERE s.persistence_id = 'collector|0'"
                        + " AND o.persistence_id = 'collector|1'"),
            "collector 0, snapshot of event " + flushed + ": expected event "),
        new Damage(
            "a snapshot that names another hash",
            this::otherHashInSnapshot,
            "collector 0, snapshot of event " + flushed + ": expected hash "),
        new Damage(
            "a snapshot that is said to be older",
            at ->
                execute(
                    at,
                    "UPDATE snapshot SET sequence_number = sequence_number - 1"
                        + " WHERE persistence_id = 'collector|0'"),
            "collector 0, snapshot of event " + (flushed - 1) + ": expected one of event "),
        new Damage(
            "no snapshot",
            at -> execute(at, "DELETE FROM snapshot WHERE persistence_id = 'collector|0'"),
            "collector 0, snapshot of event " + flushed + ": expected a snapshot, found none"),
        new Damage(
            "a collector's row that is behind",
            at -> execute(at, "UPDATE collector SET flushed = flushed - 1 WHERE id = 0"),
            "collector 0, snapshot of event " + flushed + ": expected one of event "),
        new Damage(
            "no row of a collector",
            at -> execute(at, "DELETE FROM collector WHERE id = 0"),
            "collector 0: expected a row of the collector, found none"),
        new Damage(
            "a bit in a chunk",
            at -> flip(at, "chunk", "payload", someChunk(at), 20),
            "collector 0, chunk of series 0 from 2026-01-"),
        new Damage(
            "a bit in a directory",
            at -> flip(at, "chunk", "directory", someChunk(at), 5),
            "collector 0, chunk of series 0 from 2026-01-"),
        new Damage(
            "other samples in a chunk",
            at -> putChunk(at, rewritten(at), false),
            "collector 0, chunk of series 0 from 2026-01-"),
        // Only a replay knows what the samples were.
        new Damage(
            "other samples in a chunk and its directory",
            at -> putChunk(at, rewritten(at), true),
            null),
        new Damage(
            "a chunk of another time",
            at -> execute(at, "UPDATE chunk SET from_time = from_time - 1 WHERE " + someChunk(at)),
            "collector 0, chunk of series 0 from "),
        new Damage(
            "a chunk of a flush that was not",
            at -> execute(at, "UPDATE chunk SET generation = 9999 WHERE " + someChunk(at)),
            "collector 0, chunk of series 0 from "),
        new Damage(
            "a chunk of another series",
            at -> execute(at, "UPDATE chunk SET series = 77 WHERE " + someChunk(at)),
            "collector 0, chunk of series 77 from "),
        // As above: the number of rows stands nowhere but in the journal.
        new Damage(
            "a chunk removed", at -> execute(at, "DELETE FROM chunk WHERE " + someChunk(at)), null),
        new Damage(
            "a series of another project",
            at -> execute(at, "UPDATE series SET project_id = 'q' WHERE " + SERIES),
            "collector 0, series 1: expected identity "),
        new Damage(
            "a series removed",
            at -> execute(at, "DELETE FROM series WHERE " + SERIES),
            "collector 0, series 1: expected a row"),
        new Damage(
            "other metadata",
            at -> execute(at, "UPDATE metadata SET body = '{\"batch\":9}' WHERE " + METADATA),
            "metadata "),
        new Damage(
            "metadata removed",
            at -> execute(at, "DELETE FROM metadata WHERE " + METADATA),
            "collector "),
        // All of it is as it was once: only a checkpoint tells that there was more.
        new Damage("a backup in its place", at -> copy = postgres.copyOf(backup), null));
  }

  private static final String SERIES = "collector = 0 AND number = 1";
  private static final String METADATA = "body = '{\"batch\":3}'";

  @Test
  void everyFlippedBitIsFound() throws SQLException {
    copy = postgres.copyOf(base);
    List<Bytes> all = new ArrayList<>();
    all.addAll(rows(copy, "event_journal", "event_payload"));
    all.addAll(rows(copy, "chunk", "payload"));
    all.addAll(rows(copy, "chunk", "directory"));
    try (Connection connection = TestPostgres.connect(copy);
        Database database = Database.open(copy)) {
      for (int i = 0; i < FLIPS; i++) {
        Bytes row = all.get(random.nextInt(all.size()));
        byte[] damaged = row.bytes().clone();
        int bit = random.nextInt(8 * damaged.length);
        damaged[bit / 8] ^= (byte) (1 << (bit % 8));
        write(connection, row, damaged);
        List<String> lines = Verified.report(database);
        assertThat(lines).as("bit %d of %s", bit, row).hasSize(2);
        assertThat(lines.get(1)).startsWith("1 damaged: ");
        write(connection, row, row.bytes());
      }
      assertThat(Verified.report(database)).hasSize(1);
    }
  }

  @Test
  void nothingIsFoundBesideANodeThatFlushes() throws Exception {
    copy = postgres.copyOf(base);
    try (TestNode node = node(copy, "0s");
        Database database = Database.open(copy)) {
      long generation = TestPostgres.number(copy, "SELECT sum(generation) FROM collector");
      int verified = 0;
      int batch = BATCHES + 20;
      while (TestPostgres.number(copy, "SELECT sum(generation) FROM collector") < generation + 8) {
        for (int i = 0; i < 5; i++) {
          node.collectors.add("store", batch(batch++));
        }
        assertThat(Verified.report(database)).hasSize(1);
        verified++;
      }
      System.out.println("verified " + verified + " times, " + batch + " batches");
      assertThat(verified).isGreaterThan(2);
    }
  }

  @Test
  void theCommandTellsWhatItFoundByItsExitCode() throws SQLException {
    copy = postgres.copyOf(base);
    SondeCommand whole = command();
    assertThat(whole.exitCode()).as(whole.errors()).isZero();
    assertThat(whole.output()).startsWith("all holds: 2 collectors, 3,200 samples in ");

    flipEvent(copy, 5, -20);
    SondeCommand damaged = command();
    assertThat(damaged.exitCode()).isEqualTo(1);
    assertThat(damaged.output()).startsWith("collector 0, event 5: expected ");

    SondeCommand since = command("--collector", "0", "--since", "7");
    assertThat(since.exitCode()).as(since.output()).isZero();
    assertThat(since.output()).startsWith("collector 0: begins at event 7, and takes event 6, ");
    assertThat(command("--set", "sonde.database.password=wrong").exitCode()).isEqualTo(2);
  }

  @Test
  void aCheckOfWhatCameSinceTakesTheRestAsGiven() throws SQLException {
    copy = postgres.copyOf(base);
    flipEvent(copy, 5, -20);
    try (Database database = Database.open(copy)) {
      assertThat(since(database, "2020-01-01")).contains("collector 0, event 5: ");
      assertThat(since(database, "5")).contains("collector 0, event 5: ");
      assertThat(since(database, "6")).contains("begins at event 6, and takes event 5, ");
      assertThat(since(database, "2199-01-01")).contains("all holds: 2 collectors, 0 samples");
      change(copy, flushed(0));
      assertThat(since(database, "" + (flushed(0) + 1))).contains("snapshot of event ");
    }
  }

  private static String since(Database database, String since) {
    StringWriter out = new StringWriter();
    Report report = new Report(new PrintWriter(out), new PrintWriter(Writer.nullWriter()));
    new Verification(database, report, null).since(Since.parse(since), List.of(0, 1));
    return out.toString();
  }

  private SondeCommand command(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "audit",
                "verify",
                "--set",
                "sonde.database.url=\"" + copy.url() + "\"",
                "--set",
                "sonde.database.user=\"" + copy.user() + "\"",
                "--set",
                "sonde.database.password=\"" + copy.password() + "\""));
    arguments.addAll(List.of(more));
    return SondeCommand.run(folder, arguments);
  }

  private static long flushed(int collector) {
    return number("SELECT flushed FROM collector WHERE id = " + collector);
  }

  private static long end(int collector) {
    return number("SELECT max(sequence_number) FROM event_journal WHERE " + row(collector, "> 0"));
  }

  private static long number(String sql) {
    try {
      return TestPostgres.number(base, sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  // Rows

  private static String row(int collector, String sequence) {
    return "persistence_id = 'collector|" + collector + "' AND sequence_number " + sequence;
  }

  private static String delete(String sequence) {
    return "DELETE FROM event_journal WHERE " + row(0, sequence);
  }

  private static byte[] payload(DatabaseSettings at, long sequence) throws SQLException {
    return bytes(at, "event_payload", "event_journal", row(0, "= " + sequence));
  }

  private static void put(DatabaseSettings at, long sequence, byte[] payload) throws SQLException {
    put(at, "event_journal", "event_payload", row(0, "= " + sequence), payload);
  }

  private static void flipEvent(DatabaseSettings at, long sequence, int place) throws SQLException {
    flip(at, "event_journal", "event_payload", row(0, "= " + sequence), place);
  }

  /** Flips a bit of the byte at a place, counted from the end where it is negative. */
  private static void flip(DatabaseSettings at, String table, String column, String row, int place)
      throws SQLException {
    byte[] bytes = bytes(at, column, table, row);
    bytes[place < 0 ? bytes.length + place : place] ^= 4;
    put(at, table, column, row, bytes);
  }

  private static void change(DatabaseSettings at, long sequence) throws SQLException {
    put(at, sequence, changed(payload(at, sequence)));
  }

  /** An event that was recorded in another second, with a checksum that is right. */
  private static byte[] changed(byte[] event) {
    ByteReader in = new ByteReader(event);
    in.readByte();
    in.readVarint();
    in.readVarint();
    byte[] changed = Arrays.copyOf(event, event.length - Checksum.BYTES);
    changed[event.length - in.remaining()] ^= 1;
    return Checksum.append(new ByteWriter(event.length).writeRaw(changed));
  }

  /** The hash stands behind version, collector, sequence number and generation. */
  private void otherHashInSnapshot(DatabaseSettings at) throws SQLException {
    String row = "persistence_id = 'collector|0'";
    byte[] snapshot = bytes(at, "snapshot_payload", "snapshot", row);
    ByteReader in = new ByteReader(snapshot);
    in.readByte();
    in.readVarint();
    in.readVarint();
    in.readVarint();
    byte[] changed = Arrays.copyOf(snapshot, snapshot.length - Checksum.BYTES);
    changed[snapshot.length - in.remaining()] ^= 1;
    put(
        at,
        "snapshot",
        "snapshot_payload",
        row,
        Checksum.append(new ByteWriter(snapshot.length).writeRaw(changed)));
  }

  private static void shiftFrom(DatabaseSettings at, long sequence) throws SQLException {
    String behind = row(0, ">= " + sequence);
    execute(at, "UPDATE event_journal SET sequence_number = -1 - sequence_number WHERE " + behind);
    execute(
        at, "UPDATE event_journal SET sequence_number = -sequence_number WHERE " + row(0, "< 0"));
  }

  private static void insert(DatabaseSettings at, long sequence, byte[] payload)
      throws SQLException {
    execute(
        at,
        "INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id,"
            + " event_ser_manifest, event_payload) SELECT persistence_id, "
            + sequence
            + ", writer, event_ser_id, event_ser_manifest, event_payload FROM event_journal WHERE "
            + row(0, "= 1"));
    put(at, sequence, payload);
  }

  /** A chunk row of collector 0, always the same. */
  private static String someChunk(DatabaseSettings at) throws SQLException {
    return "collector = 0 AND series = 0 AND from_time = "
        + TestPostgres.number(
            at, "SELECT min(from_time) FROM chunk WHERE collector = 0 AND series = 0");
  }

  /** The same chunk with a volume that is a little larger. */
  private static Chunk rewritten(DatabaseSettings at) throws SQLException {
    Columns columns = ChunkCodec.decode(bytes(at, "payload", "chunk", someChunk(at)));
    Block block = new Block();
    for (int i = 0; i < columns.size(); i++) {
      double volume = i == 1 ? Math.nextUp(columns.volume(i)) : columns.volume(i);
      block.add(
          columns.timestamp(i), volume, columns.key(i), columns.metadata(i), columns.recorded(i));
    }
    return ChunkCodec.encode(block.freeze());
  }

  private static void putChunk(DatabaseSettings at, Chunk chunk, boolean withDirectory)
      throws SQLException {
    put(at, "chunk", "payload", someChunk(at), chunk.payload());
    if (withDirectory) {
      put(at, "chunk", "directory", someChunk(at), chunk.directory());
    }
  }

  /** The bytes of a row. */
  private record Bytes(String table, String column, String place, byte[] bytes) {
    @Override
    public String toString() {
      return table + "." + column + " " + place;
    }
  }

  private static List<Bytes> rows(DatabaseSettings at, String table, String column)
      throws SQLException {
    String key =
        table.equals("chunk")
            ? "format('collector = %s AND series = %s AND to_time = %s AND from_time = %s AND"
                + " generation = %s', collector, series, to_time, from_time, generation)"
            : "format('persistence_id = ''%s'' AND sequence_number = %s', persistence_id,"
                + " sequence_number)";
    try (Connection connection = TestPostgres.connect(at);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT " + key + ", " + column + " FROM " + table)) {
      List<Bytes> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(new Bytes(table, column, found.getString(1), found.getBytes(2)));
      }
      return rows;
    }
  }

  private static byte[] bytes(DatabaseSettings at, String column, String table, String row)
      throws SQLException {
    try (Connection connection = TestPostgres.connect(at);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT " + column + " FROM " + table + " WHERE " + row)) {
      assertThat(found.next()).as(row).isTrue();
      return found.getBytes(1);
    }
  }

  private static void put(
      DatabaseSettings at, String table, String column, String row, byte[] bytes)
      throws SQLException {
    try (Connection connection = TestPostgres.connect(at)) {
      write(connection, new Bytes(table, column, row, bytes), bytes);
    }
  }

  private static void write(Connection connection, Bytes row, byte[] bytes) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE " + row.table() + " SET " + row.column() + " = ? WHERE " + row.place())) {
      update.setBytes(1, bytes);
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private static void execute(DatabaseSettings at, String sql) throws SQLException {
    TestPostgres.execute(at, sql);
  }
}
