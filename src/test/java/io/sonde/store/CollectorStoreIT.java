package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.DayChunks;
import io.sonde.series.SeriesDay;
import io.sonde.server.TestPostgres;
import io.sonde.store.CollectorStore.FlushOutcome;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flushes, looks into chunk rows and refusals at start, on a real PostgreSQL. */
class CollectorStoreIT {
  @TempDir static Path folder;
  private static TestPostgres postgres;
  private DatabaseSettings settings;
  private Database database;
  private CollectorStore store;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void open() throws Exception {
    settings = postgres.newDatabase();
    Migrations.run(settings);
    database = Database.open(settings);
    Slots.loadOrCreate(database, 2);
    store = new CollectorStore(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aFlushIsWrittenOnceHoweverOftenItIsTried() throws Exception {
    Flush flush = flush(1, chunk(0, 10, 20));
    assertThat(store.outcomeOf(flush)).isEqualTo(FlushOutcome.NOT_WRITTEN);
    assertThat(store.flush(flush)).isEqualTo(FlushOutcome.WRITTEN);
    assertThat(store.flush(flush)).isEqualTo(FlushOutcome.WRITTEN);
    assertThat(store.outcomeOf(flush)).isEqualTo(FlushOutcome.WRITTEN);
    assertThat(number("SELECT count(*) FROM chunk")).isEqualTo(1);
    assertThat(number("SELECT count(*) FROM snapshot")).isEqualTo(1);
    assertThat(number("SELECT flushed FROM collector WHERE id = 0")).isEqualTo(100);
    assertThat(store.series(0)).containsExactly(new SeriesRow(1, series(1)));
    assertThat(store.series(1)).isEmpty();
  }

  @Test
  void aRivalsFlushIsRefusedAndLeavesNothing() throws Exception {
    assertThat(store.flush(flush(1, chunk(0, 10, 20)))).isEqualTo(FlushOutcome.WRITTEN);
    assertThat(store.flush(flush(1, chunk(0, 30, 40)))).isEqualTo(FlushOutcome.SUPERSEDED);
    assertThat(store.flush(flush(3, chunk(0, 30, 40)))).isEqualTo(FlushOutcome.SUPERSEDED);
    assertThat(number("SELECT count(*) FROM chunk")).isEqualTo(1);
    assertThat(store.flush(flush(2, chunk(0, 30, 40)))).isEqualTo(FlushOutcome.WRITTEN);
    assertThat(number("SELECT count(*) FROM snapshot")).as("the newest only").isEqualTo(1);
  }

  @Test
  void aFlushThatFailsLeavesNothing() throws Exception {
    Flush twice = flush(1, chunk(0, 10, 20), chunk(0, 10, 20));
    assertThatThrownBy(() -> store.flush(twice)).isInstanceOf(DatabaseException.class);
    assertThat(store.outcomeOf(twice)).isEqualTo(FlushOutcome.NOT_WRITTEN);
    assertThat(number("SELECT count(*) FROM chunk")).isZero();
    assertThat(store.flush(flush(1, chunk(0, 10, 20)))).isEqualTo(FlushOutcome.WRITTEN);
  }

  @Test
  void findsTheChunksThatCoverAMoment() {
    store.flush(flush(1, chunk(0, 10, 20), chunk(0, 15, 30), chunk(0, 31, 40), chunk(1, 5, 6)));
    Map<Integer, List<byte[]>> covering =
        store.covering(0, new Integer[] {0, 0, 1, 2}, new Long[] {16L, 20L, 7L, 1L});
    assertThat(covering).containsOnlyKeys(0);
    assertThat(covering.get(0)).containsExactlyInAnyOrder(new byte[] {10, 20}, new byte[] {15, 30});
    assertThat(store.covering(1, new Integer[] {0}, new Long[] {16L})).isEmpty();
    assertThat(store.covering(0, new Integer[0], new Long[0])).isEmpty();
  }

  @Test
  void mergesTheRowsOfADayAndNoOthers() throws Exception {
    long day = SeriesDay.MICROS;
    store.flush(flush(1, real(0, day + 10, day + 20), real(0, 5, 6), real(1, day, day + 1)));
    store.flush(flush(2, real(0, day + 15, day + 30), real(0, 2 * day, 2 * day + 1)));
    assertThat(store.merge(0, List.of(new SeriesDay(0, 1), new SeriesDay(1, 1)))).isEqualTo(2);
    assertThat(number("SELECT count(*) FROM chunk")).isEqualTo(4);
    assertThat(
            number(
                "SELECT samples FROM chunk WHERE series = 0 AND generation = 2 AND from_time = "
                    + (day + 10)
                    + " AND to_time = "
                    + (day + 30)))
        .isEqualTo(4);
    List<byte[]> merged = store.covering(0, new Integer[] {0}, new Long[] {day + 15}).get(0);
    Columns columns = ChunkCodec.decode(merged.get(0));
    assertThat(columns.size()).isEqualTo(4);
    assertThat(columns.timestamp(1)).isEqualTo(day + 15);
    assertThat(store.merge(0, List.of(new SeriesDay(0, 1), new SeriesDay(7, 1)))).isZero();
  }

  @Test
  void dropsRowsThatAreOldAsAWhole() throws Exception {
    store.flush(flush(1, real(0, 10, 20), real(0, 30, 40), real(1, 10, 20), real(2, 10, 20)));
    assertThat(store.drop(0, new Integer[] {0, 1}, 35)).isEqualTo(2);
    assertThat(store.drop(1, new Integer[] {2}, 35)).isZero();
    assertThat(number("SELECT count(*) FROM chunk")).isEqualTo(2);
  }

  /** A chunk of two samples. */
  private static ChunkRow real(int series, long from, long to) {
    Block block = new Block();
    block.add(from, 1, 0, Metadata.EMPTY.id(), 7);
    block.add(to, 2, 0, Metadata.EMPTY.id(), 7);
    return new ChunkRow(series, DayChunks.of(block.freeze()).get(0));
  }

  @Test
  void aDatabaseThatLosesWhatItConfirmsIsRefused() throws Exception {
    TestPostgres.execute(
        settings,
        "ALTER DATABASE "
            + settings.url().substring(settings.url().lastIndexOf('/') + 1)
            + " SET synchronous_commit = off");
    assertThatThrownBy(() -> Database.open(settings))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "the database runs with synchronous_commit = off, so a crash would lose what it"
                + " confirmed: set it on");
    assertThat(
            number(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sonde'"
                    + " AND datname = current_database() AND pid <> pg_backend_pid()"))
        .as("only the other pool is open")
        .isLessThanOrEqualTo(8);
  }

  @Test
  void aDatabaseThatIsNotThereIsTold() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    DatabaseSettings nowhere =
        new DatabaseSettings(
            "jdbc:postgresql://127.0.0.1:" + port + "/x?password=secret",
            "u",
            "p",
            2,
            Duration.ofMillis(500));
    long start = System.nanoTime();
    assertThatThrownBy(() -> Database.open(nowhere))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith(
            "the database at jdbc:postgresql://127.0.0.1:" + port + "/x cannot be reached: ")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1))
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> Migrations.run(nowhere))
        .isInstanceOf(StartupException.class)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1))
        .hasMessageNotContaining("secret");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  private long number(String sql) throws Exception {
    return TestPostgres.number(settings, sql);
  }

  private static Flush flush(long generation, ChunkRow... chunks) {
    int number = (int) generation;
    return new Flush(
        0,
        generation,
        UUID.randomUUID(),
        generation * 100,
        List.of(chunks),
        List.of(new SeriesRow(number, series(number))),
        List.of(Metadata.of(Map.of("k", "same")), Metadata.of(Map.of("k", generation))),
        new Flush.Snapshot("collector|0", 1, "m", new byte[] {1}));
  }

  private static ChunkRow chunk(int series, long from, long to) {
    return new ChunkRow(
        series, new Chunk(from, to, 2, 0, new byte[] {1}, new byte[] {(byte) from, (byte) to}));
  }

  private static Series series(int number) {
    return new Series(
        "s",
        "m😀",
        MeterType.GAUGE,
        "",
        "r" + number,
        null,
        "u",
        Series.dimensions(Map.of("a", "b", "ü", "")));
  }
}
