package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** All tests share one data directory, as the starts of one server do. */
class EmbeddedPostgresIT {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  @TempDir private static Path temporary;
  private static Path path;
  private static DataDirectory directory;
  private EmbeddedPostgres postgres;

  @BeforeAll
  static void leaveTracesOfAFirstStartThatWasKilled() throws IOException {
    path = temporary.resolve("Sonde's data; all of it");
    Path home = Files.createDirectories(path.resolve("postgresql"));
    Files.createDirectory(home.resolve("initdb-1"));
    Files.writeString(home.resolve("initdb-1").resolve("PG_VERSION"), "17");
    Files.createDirectory(home.resolve("unpacking-1"));
  }

  @BeforeEach
  void start() {
    directory = DataDirectory.open(path);
    postgres = EmbeddedPostgres.start(directory);
  }

  @AfterEach
  void stop() {
    postgres.stop();
    directory.close();
  }

  @AfterAll
  static void leavesNothingBehind() throws IOException {
    try (var files = Files.list(path.resolve("postgresql"))) {
      assertThat(files.map(f -> f.getFileName().toString().replaceFirst("bin-.*", "bin")))
          .containsExactlyInAnyOrder("bin", "data", "password", "postgresql.log");
    }
  }

  @Test
  void flushesEveryCommit() throws SQLException {
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      assertThat(query("SHOW " + setting)).as(setting).isEqualTo("on");
    }
    assertThat(query("SHOW data_checksums")).isEqualTo("on");
  }

  @Test
  void speaksUtf8WithoutALocaleAndListensOnLoopback() throws SQLException {
    assertThat(query("SHOW server_encoding")).isEqualTo("UTF8");
    assertThat(query("SELECT datcollate FROM pg_database WHERE datname = 'sonde'")).isEqualTo("C");
    assertThat(query("SHOW listen_addresses")).isEqualTo("127.0.0.1");
    assertThat(query("SHOW unix_socket_directories")).isEmpty();
  }

  @Test
  void refusesWhoDoesNotKnowThePassword() throws IOException {
    assertThatThrownBy(() -> DriverManager.getConnection(postgres.url(), postgres.user(), null))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> DriverManager.getConnection(postgres.url(), postgres.user(), "guess"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
    Path file = path.resolve("postgresql").resolve("password");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(postgres.password()).hasSizeGreaterThan(40);
  }

  @Test
  void keepsDataAndPasswordOverARestart() throws SQLException {
    execute("CREATE TABLE kept AS SELECT 42 AS answer");
    String password = postgres.password();

    postgres.stop();
    postgres.stop();
    assertThatThrownBy(() -> query("SELECT 1")).isInstanceOf(SQLException.class);
    postgres = EmbeddedPostgres.start(directory);

    assertThat(query("SELECT answer FROM kept")).isEqualTo("42");
    assertThat(postgres.password()).isEqualTo(password);
  }

  @Test
  void isStartedAgainWhereItWasAfterItWasKilled() throws SQLException {
    execute("CREATE TABLE survives AS SELECT 43 AS answer");
    String url = postgres.url();

    for (int i = 0; i < 3; i++) {
      long killed = postgres.pid();
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      await(() -> postgres.pid() != killed);

      assertThat(query("SELECT answer FROM survives")).isEqualTo("43");
    }
    assertThat(postgres.url()).isEqualTo(url);
  }

  @Test
  void isStartedAgainAfterSomebodyElseStoppedIt() throws Exception {
    long stopped = postgres.pid();
    signal(stopped, "INT");
    await(() -> postgres.pid() != stopped);

    assertThat(query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void isNotStartedOnceMoreWhenItIsStoppedWhileItStarts() throws Exception {
    Random random = Seed.random();
    for (int i = 0; i < 5; i++) {
      ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();
      // The time that a start takes, about.
      long wait = random.nextInt(200) * 1_000_000L;
      long begin = System.nanoTime();
      await(() -> System.nanoTime() - begin > wait);
      postgres.stop();

      assertThat(Postmaster.running(data())).isEmpty();
      assertThat(new Postmaster(postgres.pid(), data()).isAlive()).isFalse();
      postgres = EmbeddedPostgres.start(directory);
    }
  }

  /** As long as the cause lasts it is tried; then it works without a word from outside. */
  @Test
  void isTriedUntilItStarts() throws Exception {
    Path version = data().resolve("PG_VERSION");
    long killed = postgres.pid();
    Files.writeString(version, "12\n");
    try {
      ProcessHandle.of(killed).orElseThrow().destroyForcibly();
      PostgresLog log = PostgresCluster.in(path).log();
      long before = log.size();
      await(() -> logged(log, before).contains("incompatible"));
      assertThat(postgres.pid()).isEqualTo(killed);
    } finally {
      Files.writeString(version, "17\n");
    }
    await(() -> postgres.pid() != killed);
    assertThat(query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void takesOverFromAJvmThatWasKilled() throws Exception {
    execute("CREATE TABLE inherited AS SELECT 44 AS answer");
    stop();
    long old;
    try (OtherServer other = OtherServer.postgres(path)) {
      String answer = other.answer();
      assertThat(answer).startsWith("postgres ");
      old = Long.parseLong(answer.substring("postgres ".length()));
    }
    assertThat(ProcessHandle.of(old)).as("outlives its JVM").isPresent();

    start();

    assertThat(new Postmaster(old, data()).isAlive()).isFalse();
    assertThat(query("SELECT answer FROM inherited")).isEqualTo("44");
  }

  @Test
  void waitsForAServerThatIsShuttingDown() throws Exception {
    stop();
    long old;
    try (OtherServer other = OtherServer.postgres(path)) {
      old = Long.parseLong(other.answer().substring("postgres ".length()));
      int port = new Postmaster(old, data()).readyPort().orElseThrow();
      try (Connection connection = connect("jdbc:postgresql://127.0.0.1:" + port + "/sonde");
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLE late AS SELECT i FROM generate_series(1, 300000) i");
      }
    }
    signal(old, "INT");

    start();

    assertThat(query("SELECT count(*) FROM late")).isEqualTo("300000");
  }

  @Test
  void leavesAStrangerAloneThatGotTheProcessId() throws Exception {
    Path mark = data().resolve("postmaster.pid");
    String left = Files.readString(mark);
    postgres.stop();
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(mark, left.replaceFirst("\\d+", Long.toString(stranger.pid())));

      postgres = EmbeddedPostgres.start(directory);

      assertThat(query("SELECT 1")).isEqualTo("1");
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroy();
    }
  }

  /** Two servers on one directory would ruin it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void waitsForOrphansAlsoWhereAStrangerGotTheProcessId() throws Exception {
    stop();
    Process stranger = new ProcessBuilder("sleep", "600").start();
    List<ProcessHandle> orphans = List.of();
    try {
      try (OtherServer other = OtherServer.postgres(path)) {
        long old = Long.parseLong(other.answer().substring("postgres ".length()));
        orphans = ProcessHandle.of(old).orElseThrow().children().toList();
        for (ProcessHandle orphan : orphans) {
          signal(orphan.pid(), "STOP");
        }
        other.kill();
        kill(old);
      }
      Path mark = data().resolve("postmaster.pid");
      Files.writeString(
          mark, Files.readString(mark).replaceFirst("\\d+", Long.toString(stranger.pid())));
      PostgresLog log = PostgresCluster.in(path).log();
      long before = log.size();
      CompletableFuture<Void> start = CompletableFuture.runAsync(this::start);
      await(() -> start.isDone() || logged(log, before).contains("pre-existing shared memory"));
      assertThat(start).isNotDone();

      orphans.forEach(ProcessHandle::destroyForcibly);

      start.get(20, TimeUnit.SECONDS);
      assertThat(query("SELECT 1")).isEqualTo("1");
    } finally {
      orphans.forEach(ProcessHandle::destroyForcibly);
      stranger.destroy();
    }
  }

  @Test
  void saysWhyItCannotStart() throws IOException {
    postgres.stop();
    Path version = data().resolve("PG_VERSION");
    Files.writeString(version, "12\n");
    try {
      assertThatThrownBy(() -> EmbeddedPostgres.start(directory))
          .isInstanceOf(StartupException.class)
          .hasMessage(
              "the embedded PostgreSQL cannot start: database files are incompatible with server");
    } finally {
      Files.writeString(version, "17\n");
    }
  }

  @Test
  void refusesAPathThatPostgresqlCannotWorkWith() throws IOException {
    try (DataDirectory costly = DataDirectory.open(temporary.resolve("$HOME"))) {
      assertThatThrownBy(() -> EmbeddedPostgres.start(costly))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("must not hold");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void isOutOfReachOfCtrlC() throws IOException {
    assertThat(processGroup(postgres.pid()))
        .isEqualTo(postgres.pid())
        .isNotEqualTo(processGroup(ProcessHandle.current().pid()));
  }

  private static long processGroup(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // Behind the name, which may hold blanks: state, parent, group.
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[2]);
  }

  private static Path data() {
    return directory.path().resolve("postgresql").resolve("data");
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      return result.getString(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Connection connect() throws SQLException {
    return connect(postgres.url());
  }

  private Connection connect(String url) throws SQLException {
    return DriverManager.getConnection(url, postgres.user(), postgres.password());
  }

  private static String logged(PostgresLog log, long from) {
    try {
      return log.reasonSince(from);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void signal(long pid, String name) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid).inheritIO().start().waitFor();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    Postmaster killed = new Postmaster(pid, data());
    await(() -> !killed.isAlive());
  }

  private static void await(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).isLessThan(DEADLINE.toNanos());
      Thread.onSpinWait();
    }
  }
}
