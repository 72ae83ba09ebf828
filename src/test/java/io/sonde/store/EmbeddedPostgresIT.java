package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  void recoversAfterItWasKilled() throws SQLException {
    execute("CREATE TABLE survives AS SELECT 43 AS answer");

    kill(postgres.pid());
    postgres = EmbeddedPostgres.start(directory);

    assertThat(query("SELECT answer FROM survives")).isEqualTo("43");
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
    execute("CREATE TABLE late AS SELECT i FROM generate_series(1, 300000) i");
    new ProcessBuilder("sh", "-c", "kill -INT " + postgres.pid()).inheritIO().start().waitFor();

    postgres = EmbeddedPostgres.start(directory);

    assertThat(query("SELECT count(*) FROM late")).isEqualTo("300000");
  }

  @Test
  void leavesAStrangerAloneThatGotTheProcessId() throws Exception {
    kill(postgres.pid());
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Path mark = data().resolve("postmaster.pid");
      List<String> lines = Files.readAllLines(mark, StandardCharsets.UTF_8);
      String rest = String.join("\n", lines.subList(1, lines.size()));
      Files.writeString(mark, stranger.pid() + "\n" + rest + "\n");

      postgres = EmbeddedPostgres.start(directory);

      assertThat(query("SELECT 1")).isEqualTo("1");
      assertThat(stranger.isAlive()).isTrue();
    } finally {
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
    return DriverManager.getConnection(postgres.url(), postgres.user(), postgres.password());
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
