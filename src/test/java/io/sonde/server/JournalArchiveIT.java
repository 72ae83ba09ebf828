package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.Seed;
import io.sonde.audit.ArchiveSettings;
import io.sonde.audit.AuditSettings;
import io.sonde.audit.JournalArchiver;
import io.sonde.store.ArchivedFile;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.LedgerView;
import io.sonde.store.Migrations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Journals whose older events are in files are read as if they were whole: checked, replayed,
 * proved, explained, after restarts and kills; and what is wrong with a file is told.
 */
@Tag("long")
@Timeout(900)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class JournalArchiveIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int KILLS = Integer.getInteger("sonde.faults.kills", 1);

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static final HttpJson HTTP = new HttpJson();
  private static final History HISTORY = new History();

  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static List<String> options;
  private static String key;
  private static Path archive;
  private static Path outlet;
  private static SondeProcess server;

  @BeforeAll
  static void start() throws Exception {
    Path folder = SONDES.directory();
    Path keyFile = folder.resolve("key");
    key = run("audit", "key", "sonde.test", "--out", keyFile.toString()).output().strip();
    postgres = TestPostgres.start(folder.resolve("shared"));
    settings = postgres.newDatabase();
    archive = Files.createDirectory(folder.resolve("archive"));
    outlet = folder.resolve("checkpoints");
    options = new ArrayList<>();
    for (String one :
        List.of(
            "sonde.polling.sources=[]",
            "sonde.collector.collectors=2",
            "sonde.collector.flush-bytes=64k",
            "sonde.collector.flush-interval=1s",
            "sonde.audit.interval=1s",
            "sonde.audit.key-file=\"" + keyFile + "\"",
            "sonde.audit.outlets=[{file=\"" + outlet + "\"}]",
            "sonde.journal.archive=\"" + archive + "\"",
            "sonde.journal.keep=0s",
            "sonde.journal.interval=1s",
            "sonde.journal.file-size=20k",
            "sonde.database.url=\"" + settings.url() + "\"",
            "sonde.database.user=\"" + settings.user() + "\"",
            "sonde.database.password=\"" + settings.password() + "\"")) {
      options.addAll(List.of("--set", one));
    }
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--set", "sonde.http.port=0"));
    server = SONDES.server("archiving", all.toArray(String[]::new)).start();
  }

  @AfterAll
  static void stop() {
    SONDES.endServers();
    postgres.close();
  }

  @Test
  @Order(1)
  void whatIsArchivedIsReadAsBefore() throws Exception {
    push(500);
    JsonNode first = HTTP.get(server.base(), "v2/samples?limit=1").get(0);
    String id = first.get("id").asText();
    JsonNode explained = HTTP.get(server.base(), "v2/audit/samples/" + id);
    while (files(0).size() < 3 || files(1).size() < 3) {
      push(2_000);
    }
    Wait.until(LIMIT, "pruned journals", () -> number("SELECT min(sequence_number)" + JOURNAL) > 1);
    assertThat(HTTP.get(server.base(), "v2/audit/samples/" + id)).isEqualTo(explained);
    JsonNode extents = HTTP.get(server.base(), "v2/audit/archive");
    assertThat(extents).hasSize(2);
    assertThat(extents.get(0).get("journal").asText()).isEqualTo("collector|0");
    assertThat(extents.get(0).get("last_event").asLong())
        .isGreaterThanOrEqualTo(files(0).get(2).last());
    assertThat(HTTP.answer(server.base(), "metrics").body())
        .contains("sonde_journal_archived_events_total ");
    Path proof = SONDES.directory().resolve("proof");
    assertHolds(configured("audit", "prove", "--sample", id, "--out", proof.toString()));
    assertHolds(run("audit", "check-proof", proof.toString(), "--key", key));
    assertThat(Files.readString(proof)).contains(id);

    SondeCommand verified = configured("audit", "verify");
    assertHolds(verified);
    assertThat(verified.output().lines()).singleElement().asString().startsWith("all holds: ");
    assertHolds(configured("audit", "verify", "--since", "3"));
    assertHolds(configured("audit", "verify", "--since", "2100-01-01"));
    assertHolds(configured("audit", "consistency", outlet.toString(), "--key", key));
    SondeCommand whatIf =
        configured(
            "audit",
            "what-if",
            "--pipeline",
            emptyConfiguration(),
            "--from",
            "2026-01-01",
            "--to",
            "2026-02-01",
            "--door",
            "http");
    assertThat(whatIf.exitCode()).as(whatIf.output() + whatIf.errors()).isZero();
    assertReplayIsEqual();
  }

  @Test
  @Order(2)
  void killsLoseAndDoubleNothing() throws Exception {
    Random random = Seed.random();
    try (Pushing pushing = new Pushing(HISTORY, random.nextInt(), 2)) {
      pushing.to(server.base());
      pushing.start();
      killBetweenFileAndCommit(pushing);
      for (int kill = 0; kill < KILLS; kill++) {
        int before = files(0).size() + files(1).size();
        Wait.until(LIMIT, "another file", () -> files(0).size() + files(1).size() > before);
        // Files follow one another: one may be half written then, or noted and not committed.
        int microseconds = random.nextInt(60_000);
        Wait.reached(Duration.ofNanos(microseconds * 1_000L), () -> false);
        server.kill9();
        HISTORY.nextRound();
        System.out.println("killed with " + (files(0).size() + files(1).size()) + " files");
        server.start();
        pushing.to(server.base());
      }
      pushing.awaitAcknowledged(2_000, LIMIT);
      pushing.finish(LIMIT);
      assertThat(pushing.complaints()).isEmpty();
    }
    HistoryCheck check = new HistoryCheck(HISTORY);
    new StoredSamples(server.base()).list(check, HISTORY.sentCount());
    assertThat(check.findings()).isEmpty();

    endWithEventsToArchive();
    assertHolds(configured("audit", "verify"));
    assertHolds(configured("audit", "consistency", outlet.toString(), "--key", key));
    assertReplayIsEqual();
    for (int collector = 0; collector < 2; collector++) {
      long next = 1;
      for (ArchivedFile file : files(collector)) {
        assertThat(file.first()).isEqualTo(next);
        next = file.last() + 1;
      }
      assertThat(number("SELECT min(sequence_number)" + JOURNAL.replace("|0", "|" + collector)))
          .isEqualTo(next);
    }
    try (var left = Files.list(archive)) {
      assertThat(left.map(Path::toString).filter(name -> name.endsWith(".tmp")).count())
          .isLessThanOrEqualTo(KILLS);
    }
  }

  private static void endWithEventsToArchive() throws Exception {
    try (Connection connection = TestPostgres.connect(settings);
        Statement statement = connection.createStatement()) {
      // As if another node archived this journal now.
      statement.execute("SELECT pg_advisory_lock(" + 0x50e1 + ", 0)");
      long last = lastFile().last();
      Wait.until(
          LIMIT,
          "flushed events that are not archived",
          () -> {
            push(250);
            return number("SELECT flushed FROM collector WHERE id = 0") > last + 5
                && number("SELECT max(first_sequence + events) FROM log_leaves WHERE collector = 0")
                    > last + 5;
          });
      assertThat(server.terminate()).isIn(0, 143);
    }
  }

  /** The file is there, and its events are still rows. */
  private static void killBetweenFileAndCommit(Pushing pushing) throws Exception {
    TestPostgres.execute(
        settings,
        """
        CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$;
        CREATE TRIGGER wait_here BEFORE INSERT ON journal_archive
          FOR EACH ROW EXECUTE FUNCTION wait_here()
        """);
    try (Connection connection = TestPostgres.connect(settings);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(1)");
      Wait.until(
          LIMIT,
          "a file that is not noted yet",
          () ->
              number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                  > 0);
      server.kill9();
    }
    HISTORY.nextRound();
    // The transaction of the killed server must find out that it is.
    Wait.until(
        LIMIT,
        "the end of the killed server's transactions",
        () ->
            number(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND pid <> pg_backend_pid() AND state <> 'idle'")
                == 0);
    TestPostgres.execute(
        settings, "DROP TRIGGER wait_here ON journal_archive; DROP FUNCTION wait_here()");
    int noted = files(0).size() + files(1).size();
    try (var written = Files.list(archive)) {
      assertThat(written.filter(file -> file.toString().endsWith(".journal")).count())
          .isGreaterThan(noted);
    }
    server.start();
    pushing.to(server.base());
  }

  /** Runs after the kills, while no server does. */
  @Test
  @Order(3)
  void onlyWhatIsOldReadAndWholeIsArchived() throws Exception {
    try (Database database = Database.open(settings)) {
      ArchivedFile last = lastFile();
      long first = last.last() + 1;
      Instant now = Instant.now();
      // Any two events are a file now.
      assertThat(archiveOne(database, now, Duration.ofDays(1))).as("too young").isNull();

      TestPostgres.execute(
          settings, "INSERT INTO publisher_position VALUES ('file:///behind', 0, " + first + ")");
      assertThat(archiveOne(database, now, Duration.ZERO).last())
          .as("a publisher waits for the next one")
          .isEqualTo(first);
      assertThat(archiveOne(database, now, Duration.ZERO)).isNull();
      TestPostgres.execute(
          settings, "DELETE FROM publisher_position WHERE publisher = 'file:///behind'");

      String damaged =
          "UPDATE event_journal SET event_payload = set_byte(event_payload, 60,"
              + " get_byte(event_payload, 60) # 1) WHERE persistence_id = 'collector|0'"
              + " AND sequence_number = "
              + (first + 1);
      TestPostgres.execute(settings, damaged);
      assertThat(archiveOne(database, now, Duration.ZERO)).as("damaged").isNull();
      TestPostgres.execute(settings, damaged);
      ArchivedFile next = archiveOne(database, now, Duration.ZERO);
      assertThat(next.first()).isEqualTo(first + 1);
    }
    assertHolds(configured("audit", "verify"));
  }

  private static ArchivedFile lastFile() {
    List<ArchivedFile> files = files(0);
    return files.get(files.size() - 1);
  }

  /** The first file that is made with files as small as can be; null where none is made. */
  private static ArchivedFile archiveOne(Database database, Instant now, Duration keep) {
    long before = lastFile().last();
    new JournalArchiver(
            database,
            1,
            new ArchiveSettings(archive, keep, Duration.ofHours(1), 1),
            Duration.ofDays(1),
            AuditSettings.NONE,
            Clock.fixed(now, ZoneOffset.UTC))
        .tick();
    return files(0).stream().filter(file -> file.first() == before + 1).findFirst().orElse(null);
  }

  @Test
  @Order(4)
  void damageIsToldWithItsPlaceAndAMissingFileByItsName() throws Exception {
    Random random = Seed.random();
    ArchivedFile file = files(0).get(1);
    byte[] whole = Files.readAllBytes(file.path());
    for (int round = 0; round < 2; round++) {
      byte[] damaged = whole.clone();
      int at = random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file.path(), damaged);
      SondeCommand found = configured("audit", "verify");
      assertThat(found.exitCode()).as("byte %d: %s", at, found).isEqualTo(AuditCommand.DAMAGED);
      assertThat(found.output().lines().findFirst().orElseThrow())
          .startsWith("collector 0, events ")
          .contains(file.path().toString());
    }
    SondeCommand inconsistent = configured("audit", "consistency", outlet.toString(), "--key", key);
    assertThat(inconsistent.exitCode()).as(inconsistent.toString()).isEqualTo(AuditCommand.DAMAGED);
    SondeCommand unequal = replay();
    assertThat(unequal.exitCode()).as(unequal.toString()).isEqualTo(AuditCommand.DAMAGED);
    assertThat(unequal.output()).contains(file.path().toString());

    // A file that is whole by itself, and is not the one that was written.
    Files.copy(files(0).get(0).path(), file.path(), StandardCopyOption.REPLACE_EXISTING);
    assertThat(configured("audit", "verify").exitCode()).isEqualTo(AuditCommand.DAMAGED);

    Files.delete(file.path());
    for (SondeCommand missing :
        List.of(
            configured("audit", "verify"),
            configured("audit", "consistency", outlet.toString(), "--key", key),
            replay())) {
      assertThat(missing.exitCode()).as(missing.toString()).isEqualTo(AuditCommand.CANNOT_TELL);
      assertThat(missing.output() + missing.errors()).contains(file.path().toString());
    }
    Files.write(file.path(), whole);

    TestPostgres.execute(
        settings,
        "UPDATE journal_archive SET note = replace(note, 'pruned', 'Pruned') WHERE file = '"
            + file.path().getFileName()
            + "'");
    SondeCommand forged = configured("audit", "verify");
    assertThat(forged.exitCode()).isEqualTo(AuditCommand.DAMAGED);
    assertThat(forged.output())
        .startsWith("collector 0, events %d to %d: ".formatted(file.first(), file.last()));
    TestPostgres.execute(
        settings, "UPDATE journal_archive SET note = replace(note, 'Pruned', 'pruned')");

    // They may lie elsewhere.
    Path moved = archive.resolveSibling("moved");
    Files.move(archive, moved);
    assertThat(configured("audit", "verify").exitCode()).isEqualTo(AuditCommand.CANNOT_TELL);
    assertHolds(configured("audit", "verify", "--set", "sonde.journal.archive=\"" + moved + "\""));
  }

  private static final String JOURNAL = " FROM event_journal WHERE persistence_id = 'collector|0'";

  private static void push(int count) throws Exception {
    long[] numbers = HISTORY.take(count);
    HISTORY.sent(numbers);
    for (int from = 0; from < count; from += 250) {
      long[] some = LongStream.of(numbers).skip(from).limit(250).toArray();
      assertThat(HTTP.post(server.base(), "v2/samples", NumberedSamples.json(some)).statusCode())
          .isEqualTo(201);
      HISTORY.acknowledged(some);
    }
  }

  private static List<ArchivedFile> files(int collector) {
    try (Database database = Database.open(settings)) {
      return LedgerView.at(database, view -> view.archived("collector|" + collector));
    }
  }

  private static long number(String sql) throws SQLException {
    return TestPostgres.number(settings, sql);
  }

  private static String emptyConfiguration() throws Exception {
    return Files.writeString(SONDES.directory().resolve("candidate.conf"), "").toString();
  }

  private static void assertReplayIsEqual() throws Exception {
    SondeCommand replayed = replay();
    assertHolds(replayed);
    assertThat(replayed.output()).contains(" 0 differences");
  }

  private static SondeCommand replay() throws Exception {
    DatabaseSettings copy = postgres.newDatabase();
    Migrations.run(copy);
    return configured("audit", "replay", "--into", copy.url());
  }

  private static void assertHolds(SondeCommand command) {
    assertThat(command.exitCode()).as(command.toString()).isZero();
  }

  private static SondeCommand configured(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    // What is set last goes first.
    for (int i = 0; i < options.size(); i += 2) {
      String set = options.get(i + 1);
      String path = set.substring(0, set.indexOf('=') + 1);
      if (all.stream().noneMatch(one -> one.startsWith(path))) {
        all.addAll(options.subList(i, i + 2));
      }
    }
    return run(all.toArray(String[]::new));
  }

  private static SondeCommand run(String... arguments) {
    return SondeCommand.run(SONDES.directory(), List.of(arguments));
  }
}
