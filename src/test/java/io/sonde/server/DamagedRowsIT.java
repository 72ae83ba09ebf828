package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.series.Block;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.CorruptDataException;
import io.sonde.server.HistoryCheck.Finding;
import io.sonde.server.HistoryCheck.Kind;
import io.sonde.server.StoredSamples.Totals;
import io.sonde.store.DatabaseSettings;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Plants damage in the tables of a real database. What is lost, doubled or changed must be seen by
 * the comparison that all fault tests end with; a flipped bit must be an error to that and to the
 * server, and never another figure.
 */
@Tag("long")
@Timeout(300)
class DamagedRowsIT {
  private static final int COUNT = 6_000;
  private static final int FLIPS = 12;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static final List<String> TABLES = List.of("event_journal", "snapshot", "chunk");

  private static final History HISTORY = new History();
  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static Map<String, Totals> totals;

  private final Random random = Seed.random();
  private final HttpJson http = new HttpJson();
  private final StoredRows rows = new StoredRows(settings);

  @BeforeAll
  static void storeSamples() throws Exception {
    Path folder = SONDES.directory().resolve("shared");
    postgres = TestPostgres.start(folder);
    settings = postgres.newDatabase();
    SondeProcess server = server("filled", "0s").start();
    push(server.base(), COUNT / 2);
    Wait.until(
        LIMIT,
        "chunk rows of all samples",
        () -> TestPostgres.number(settings, "SELECT sum(samples) FROM chunk") == COUNT / 2);
    assertThat(server.terminate()).isIn(0, 143);
    // The other half stays in the journal.
    server = server("filled-again", "1h").start();
    push(server.base(), COUNT / 2);
    totals = new StoredSamples(server.base()).statistics();
    assertThat(totals.values().stream().mapToLong(Totals::count).sum()).isEqualTo(COUNT);
    assertThat(server.terminate()).isIn(0, 143);
    for (String table : TABLES) {
      execute("CREATE TABLE " + table + "_as_it_was AS SELECT * FROM " + table);
    }
  }

  @AfterEach
  void mend() throws SQLException {
    for (String table : TABLES) {
      mend(table);
    }
  }

  @AfterAll
  static void stopPostgres() {
    SONDES.endServers();
    postgres.close();
  }

  @BeforeEach
  void allIsWell() throws SQLException {
    assertThat(rows.journals(HISTORY).findings()).isEmpty();
    assertThat(rows.journals(HISTORY).observedCount()).isEqualTo(COUNT);
    assertThat(rows.chunks(HISTORY).findings()).isEmpty();
    assertThat(rows.chunks(HISTORY).observedCount()).isEqualTo(COUNT);
  }

  @Test
  void aLostRowIsSeen() throws SQLException {
    Row event = someEvent("");
    execute("DELETE FROM event_journal WHERE " + event.place());
    // In the middle of a journal the gap itself is seen, at its end the samples are missed.
    assertThatThrownBy(() -> assertThat(kinds(rows.journals(HISTORY))).isEmpty())
        .isInstanceOf(AssertionError.class);
    mend("event_journal");

    Row last =
        someEvent(
            "AND sequence_number = (SELECT max(sequence_number) FROM event_journal l"
                + " WHERE l.persistence_id = t.persistence_id)");
    execute("DELETE FROM event_journal WHERE " + last.place());
    assertThat(kinds(rows.journals(HISTORY))).containsOnly(Kind.LOST);
    mend("event_journal");

    Row chunk = someChunk();
    execute("DELETE FROM chunk WHERE " + chunk.place());
    assertThat(kinds(rows.chunks(HISTORY))).containsOnly(Kind.LOST);
  }

  @Test
  void aDoubledRowIsSeen() throws SQLException {
    Row chunk = someChunk();
    execute(
        "INSERT INTO chunk SELECT collector, series, to_time, from_time, generation + 1000, samples,"
            + " directory, payload FROM chunk WHERE "
            + chunk.place());
    assertThat(kinds(rows.chunks(HISTORY))).containsOnly(Kind.DOUBLED);
  }

  @Test
  void aChangedVolumeIsSeen() throws SQLException {
    Row chunk = someChunk();
    Columns columns = ChunkCodec.decode(chunk.payload());
    int changed = random.nextInt(columns.size());
    Block block = new Block();
    for (int i = 0; i < columns.size(); i++) {
      double volume = i == changed ? Math.nextUp(columns.volume(i)) : columns.volume(i);
      block.add(
          columns.timestamp(i), volume, columns.key(i), columns.metadata(i), columns.recorded(i));
    }
    put("chunk", "payload", chunk, ChunkCodec.encode(block.freeze()).payload());
    assertThat(kinds(rows.chunks(HISTORY))).containsExactly(Kind.CHANGED);
  }

  @Test
  void aFlippedBitInAChunkIsAnErrorAndNeverAnotherFigure() throws SQLException {
    SondeProcess server = server("reads-chunks", "1h").start();
    for (int i = 0; i < FLIPS; i++) {
      Row chunk = someChunk("payload");
      put("chunk", "payload", chunk, flipped(chunk.payload()));
      assertThatThrownBy(() -> rows.chunks(HISTORY)).isInstanceOf(CorruptDataException.class);
      // What needs the samples cannot be told; hours are told by the directory, which is whole.
      String meter = "v2/meters/" + chunk.meter();
      assertThat(status(server, meter + "?limit=10000")).isEqualTo(500);
      NumberedSamples.METERS.forEach(one -> assertThat(count(server, one)).isEqualTo(total(one)));
      mend("chunk");

      Row directory = someChunk("directory");
      put("chunk", "directory", directory, flipped(directory.payload()));
      for (String one : NumberedSamples.METERS) {
        if (one.equals(directory.meter())) {
          assertThat(status(server, "v2/meters/" + one + "/statistics")).isEqualTo(500);
        } else {
          assertThat(count(server, one)).isEqualTo(total(one));
        }
      }
      mend("chunk");
    }
    assertThat(new StoredSamples(server.base()).statistics()).isEqualTo(totals);
    assertThat(server.output()).contains("CorruptDataException");
    server.kill9();
  }

  private int status(SondeProcess server, String question) {
    return http.answer(server.base(), question).statusCode();
  }

  private long count(SondeProcess server, String meter) {
    return http.get(server.base(), "v2/meters/" + meter + "/statistics")
        .get(0)
        .required("count")
        .asLong();
  }

  private static long total(String meter) {
    return totals.get(meter).count();
  }

  @Test
  void aFlippedBitInTheJournalKeepsItsCollectorFromAnswering() throws Exception {
    Row event =
        someEvent(
            "AND sequence_number > (SELECT max(sequence_number) FROM snapshot s"
                + " WHERE s.persistence_id = t.persistence_id)");
    put("event_journal", "event_payload", event, flipped(event.payload()));
    assertThatThrownBy(() -> rows.journals(HISTORY)).isInstanceOf(CorruptDataException.class);

    tellsNothingAndTakesSamples("damaged-event");
  }

  @Test
  void aFlippedBitInASnapshotKeepsItsCollectorFromAnswering() throws Exception {
    Row snapshot = some("snapshot_payload", "snapshot t", "''", "persistence_id LIKE 'collector%'");
    put("snapshot", "snapshot_payload", snapshot, flipped(snapshot.payload()));

    tellsNothingAndTakesSamples("damaged-snapshot");
  }

  /** Some of the meter's series are the damaged collector's: there is no answer without them. */
  private void tellsNothingAndTakesSamples(String name) throws Exception {
    SondeProcess server = server(name, "1h").start();
    HttpResponse<String> answer = http.answer(server.base(), "v2/meters/fault.cpu/statistics");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertThat(answer.body()).contains("collector ", ", event ", ": expected ", ", found ");
    String samples =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    "{\"counter_name\": \"other\", \"counter_type\": \"gauge\", \"counter_unit\": \"\","
                        + " \"counter_volume\": 1, \"resource_id\": \"other-"
                        + i
                        + "\"}")
            .collect(Collectors.joining(",", "[", "]"));
    assertThat(http.post(server.base(), "v2/samples", samples).statusCode()).isEqualTo(201);
    server.kill9();
  }

  private static SondeProcess server(String name, String flushInterval, String... more) {
    List<String> options = new ArrayList<>();
    List<String> set =
        new ArrayList<>(
            List.of(
                "sonde.http.port=0",
                "sonde.http.request-timeout=5s",
                "sonde.polling.sources=[]",
                "sonde.collector.flush-interval=" + flushInterval,
                "sonde.collector.idle-after=0s",
                "sonde.database.url=\"" + settings.url() + "\"",
                "sonde.database.user=\"" + settings.user() + "\"",
                "sonde.database.password=\"" + settings.password() + "\""));
    set.addAll(List.of(more));
    set.forEach(one -> options.addAll(List.of("--set", one)));
    return SONDES.server(name, options.toArray(String[]::new));
  }

  private static void push(URI base, int count) throws Exception {
    long[] all = HISTORY.take(count);
    HttpJson http = new HttpJson();
    for (int from = 0; from < count; from += 500) {
      long[] batch = LongStream.of(all).skip(from).limit(500).toArray();
      HISTORY.sent(batch);
      assertThat(http.post(base, "v2/samples", NumberedSamples.json(batch)).statusCode())
          .isEqualTo(201);
      HISTORY.acknowledged(batch);
    }
  }

  /**
   * A row with bytes.
   *
   * @param place which row it is, as a condition
   * @param meter whose samples it holds, where it holds those of one series
   */
  private record Row(String place, String meter, byte[] payload) {}

  private Row someChunk() throws SQLException {
    return someChunk("payload");
  }

  private Row someChunk(String column) throws SQLException {
    return some(
        column,
        "chunk t JOIN series s ON s.collector = t.collector AND s.number = t.series",
        "s.meter",
        "true");
  }

  private Row someEvent(String condition) throws SQLException {
    return some(
        "event_payload", "event_journal t", "''", "persistence_id LIKE 'collector%' " + condition);
  }

  private Row some(String payload, String from, String meter, String condition)
      throws SQLException {
    try (Connection connection = TestPostgres.connect(settings);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                ("SELECT t.ctid, " + meter + ", t." + payload + " FROM " + from)
                    + (" WHERE " + condition + " ORDER BY t.ctid"))) {
      List<Row> all = new ArrayList<>();
      while (found.next()) {
        all.add(
            new Row("ctid = '" + found.getString(1) + "'", found.getString(2), found.getBytes(3)));
      }
      return all.get(random.nextInt(all.size()));
    }
  }

  private byte[] flipped(byte[] payload) {
    byte[] damaged = payload.clone();
    int bit = random.nextInt(8 * payload.length);
    damaged[bit / 8] ^= (byte) (1 << (bit % 8));
    return damaged;
  }

  private static void put(String table, String column, Row row, byte[] payload)
      throws SQLException {
    try (Connection connection = TestPostgres.connect(settings);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE " + table + " SET " + column + " = ? WHERE " + row.place())) {
      update.setBytes(1, payload);
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private static void mend(String table) throws SQLException {
    execute("DELETE FROM " + table);
    execute("INSERT INTO " + table + " SELECT * FROM " + table + "_as_it_was");
  }

  private static void execute(String sql) throws SQLException {
    TestPostgres.execute(settings, sql);
  }

  private static List<Kind> kinds(HistoryCheck check) {
    return check.findings().stream().map(Finding::kind).toList();
  }
}
