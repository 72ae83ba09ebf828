package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sonde.audit.AuditSettings;
import io.sonde.audit.Checkpoint;
import io.sonde.audit.Checkpoints;
import io.sonde.audit.JournalConsistency;
import io.sonde.store.CheckpointStore;
import io.sonde.store.Database;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.Migrations;
import io.sonde.store.Slots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
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
 * Checkpoints of a real server, sent to a file, a web server and a second database; a proof that is
 * verified without any of it; and damages that only an older checkpoint can tell of.
 */
@Tag("long")
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CheckpointsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> TABLES =
      List.of("event_journal", "log_leaves", "log_node", "log_checkpoint");

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static final HttpJson HTTP = new HttpJson();
  private static final List<String> POSTED = new CopyOnWriteArrayList<>();
  private static volatile boolean takesPosts = true;

  private static TestPostgres postgres;
  private static DatabaseSettings settings;
  private static DatabaseSettings second;
  private static HttpServer consumer;
  private static Path outlet;
  private static String key;
  private static SondeProcess server;
  private static long pushed;

  @BeforeAll
  static void start() throws Exception {
    Path folder = SONDES.directory();
    Path keyFile = folder.resolve("key");
    SondeCommand made = run("audit", "key", "sonde.test", "--out", keyFile.toString());
    assertThat(made.exitCode()).as(made.errors()).isZero();
    key = made.output().strip();
    postgres = TestPostgres.start(folder.resolve("shared"));
    settings = postgres.newDatabase();
    second = postgres.newDatabase();
    consumer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    consumer.createContext("/", CheckpointsIT::take);
    consumer.start();
    outlet = Files.createDirectory(folder.resolve("outlet")).resolve("checkpoints");
    List<String> options = new ArrayList<>(List.of("--set", "sonde.http.port=0"));
    for (String one :
        List.of(
            "sonde.polling.sources=[]",
            "sonde.audit.interval=1s",
            "sonde.audit.key-file=\"" + keyFile + "\"",
            ("sonde.audit.outlets=[{file=\"" + outlet + "\"}")
                + (",{url=\"http://127.0.0.1:" + consumer.getAddress().getPort() + "/in?secret\"}")
                + (",{database=\"" + second.url() + "\",user=\"" + second.user() + "\"")
                + (",password=\"" + second.password() + "\"}]"))) {
      options.addAll(List.of("--set", one));
    }
    options.addAll(databaseOptions());
    server = SONDES.server("audited", options.toArray(String[]::new)).start();
  }

  private static void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String note = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (takesPosts) {
        POSTED.add(note);
      }
      exchange.sendResponseHeaders(takesPosts ? 204 : 503, -1);
    }
  }

  @AfterAll
  static void stop() {
    consumer.stop(0);
    SONDES.endServers();
    postgres.close();
  }

  @Test
  @Order(1)
  void checkpointsComeByThemselvesAndOutletsGetAllAfterAnOutage() throws Exception {
    push();
    Wait.until(LIMIT, "a checkpoint everywhere", () -> inFile() > 0 && inSecond() > 0);
    Wait.until(LIMIT, "a posted checkpoint", () -> !POSTED.isEmpty());

    takesPosts = false;
    Path away = SONDES.directory().resolve("away");
    Files.move(outlet.getParent(), away);
    allowSecond(false);
    for (int i = 0; i < 3; i++) {
      push();
      checkpoint();
    }
    Wait.until(LIMIT, "failures of all outlets", () -> failures() >= 3);
    assertThat(HTTP.answer(server.base(), "metrics").body())
        .contains("sonde_audit_outlet_behind_checkpoints{outlet=\"" + outlet + "\"}")
        .doesNotContain("secret");

    allowSecond(true);
    Files.move(away, outlet.getParent());
    takesPosts = true;
    push();
    checkpoint();
    List<String> all = new ArrayList<>();
    HTTP.get(server.base(), "v2/audit/checkpoints?limit=1000")
        .forEach(each -> all.add(0, each.get("note").asText()));
    assertThat(all).hasSizeGreaterThanOrEqualTo(5);
    String first = POSTED.get(0);
    List<String> due = all.subList(all.indexOf(first), all.size());
    Wait.until(LIMIT, "all that was missed, posted", () -> POSTED.size() >= due.size());
    Wait.until(LIMIT, "all in the file", () -> inFile() >= due.size());
    Wait.until(LIMIT, "all in the second database", () -> inSecond() >= due.size());
    assertThat(POSTED).isEqualTo(due);
    assertThat(Checkpoint.read(outlet).stream().map(each -> each.note().toString()))
        .containsExactlyElementsOf(due);
    assertThat(HTTP.answer(server.base(), "v2/audit/checkpoints/latest").body())
        .isEqualTo(all.get(all.size() - 1));
  }

  @Test
  @Order(2)
  void aProofOfASampleNeedsOnlyThePublicKey() throws Exception {
    JsonNode sample = HTTP.get(server.base(), "v2/samples?limit=1").get(0);
    String id = sample.get("id").asText();
    JsonNode served = HTTP.get(server.base(), "v2/audit/proof/" + id);
    Path proof = SONDES.directory().resolve("proof");
    SondeCommand prove = run("audit", "prove", "--sample", id, "--out", proof.toString());
    assertThat(prove.exitCode()).as(prove.errors()).isZero();
    assertThat(Files.readString(proof).strip()).isEqualTo(served.toPrettyString());
    System.out.println("a proof has " + served.toString().length() + " bytes");

    SondeCommand check = checkProof(proof, key);
    assertThat(check.exitCode()).as(check.output() + check.errors()).isZero();
    assertThat(check.output())
        .contains(
            "sample: " + id,
            "meter: " + sample.get("meter").asText(),
            "resource: " + sample.get("resource_id").asText(),
            "volume: " + sample.get("volume").asDouble());

    // As large as the server says of the log, but of another root.
    Path forged = SONDES.directory().resolve("forged");
    String note = served.get("checkpoint").asText();
    String root = note.lines().skip(2).findFirst().orElseThrow();
    Files.writeString(
        forged, Files.readString(proof).replace(root, "A" + root.substring(1, 43) + "="));
    check = checkProof(forged, key);
    assertThat(check.exitCode()).isEqualTo(AuditCommand.DAMAGED);
    assertThat(check.output()).contains("the signature of sonde.test does not hold");
  }

  @Test
  @Order(3)
  void aProofOfTwoCheckpointsNeedsNoDatabase() throws Exception {
    List<Checkpoint.Noted> all = Checkpoint.read(outlet);
    Checkpoint.Noted first = all.get(0);
    Checkpoint.Noted last = all.get(all.size() - 1);
    Path old = write("old", first.note().toString());
    Path newer = write("new", last.note().toString());
    String shown =
        HTTP.answer(
                server.base(),
                "v2/audit/consistency?from=%d&to=%d"
                    .formatted(first.checkpoint().size(), last.checkpoint().size()))
            .body();
    SondeCommand holds = consistency(old, newer, write("consistency", shown));
    assertThat(holds.exitCode()).as(holds.output() + holds.errors()).isZero();
    assertThat(holds.output())
        .isEqualTo("1 checkpoints hold, of up to %d events%n".formatted(last.checkpoint().size()));

    String other =
        HTTP.answer(
                server.base(),
                "v2/audit/consistency?from=%d&to=%d"
                    .formatted(first.checkpoint().size() - 1, last.checkpoint().size()))
            .body();
    SondeCommand refused = consistency(old, newer, write("consistency-of-others", other));
    assertThat(refused.exitCode()).isEqualTo(AuditCommand.DAMAGED);
    assertThat(refused.output()).contains("does not begin with");
  }

  /** Without any configuration. */
  private static SondeCommand consistency(Path old, Path newer, Path proof) {
    return SondeCommand.run(
        SONDES.directory(),
        List.of(
            "audit",
            "consistency",
            old.toString(),
            newer.toString(),
            "--proof",
            proof.toString(),
            "--key",
            key));
  }

  private static Path write(String name, String content) throws IOException {
    return Files.writeString(SONDES.directory().resolve(name), content);
  }

  @Test
  @Order(4)
  void whatAnOlderCheckpointSaysIsCompared() throws Exception {
    assertThat(server.terminate()).isIn(0, 143);
    SondeCommand holds = consistency(outlet);
    assertThat(holds.exitCode()).as(holds.output() + holds.errors()).isZero();

    Path forged = SONDES.directory().resolve("forged-checkpoint");
    List<Checkpoint.Noted> all = Checkpoint.read(outlet);
    long size = all.get(0).checkpoint().size();
    Files.writeString(
        forged, all.get(0).note().toString().replace("\n" + size + "\n", "\n" + (size - 1) + "\n"));
    SondeCommand refused = consistency(forged);
    assertThat(refused.exitCode()).isEqualTo(AuditCommand.DAMAGED);
    assertThat(refused.output()).contains("the signature of sonde.test does not hold");

    SondeCommand between =
        run("audit", "consistency", outlet.toString(), outlet.toString(), "--key", key);
    assertThat(between.exitCode()).as(between.output() + between.errors()).isZero();

    // A command makes them too; here the newest has everything.
    SondeCommand made = run("audit", "checkpoint");
    assertThat(made.exitCode()).as(made.errors()).isZero();
    assertThat(made.output()).isEqualTo(all.get(all.size() - 1).note().toString());
  }

  @Test
  @Order(5)
  void damageIsFoundByAnOlderCheckpoint() throws Exception {
    List<Checkpoint> all =
        Checkpoint.read(outlet).stream().map(Checkpoint.Noted::checkpoint).toList();
    Checkpoint first = all.get(0);
    Checkpoint last = all.get(all.size() - 1);
    try (Database database = Database.open(settings)) {
      assertThat(damage(database, all)).isNull();
      for (String table : TABLES) {
        execute("CREATE TABLE " + table + "_as_it_was AS SELECT * FROM " + table);
      }

      // The tail of a journal is gone.
      execute(
          "DELETE FROM event_journal WHERE persistence_id = 'collector|0' AND sequence_number ="
              + " (SELECT max(sequence_number) FROM event_journal"
              + " WHERE persistence_id = 'collector|0')");
      assertThat(damage(database, all)).contains("collector 0, event ").contains("found no event");
      mend();

      // An event is another one.
      String event = "persistence_id = 'collector|1' AND sequence_number = 2";
      rewrite(event);
      assertThat(damage(database, all)).startsWith("collector 1, event 2 (leaf ");
      // With the log made to agree with it.
      execute(
          "UPDATE log_leaves SET hashes = overlay(hashes PLACING (SELECT sha256('\\x01'::bytea ||"
              + (" event_payload) FROM event_journal WHERE " + event + ")")
              + " FROM (2 - first_sequence)::int * 32 + 1 FOR 32)"
              + " WHERE collector = 1 AND first_sequence <= 2 AND first_sequence + events > 2");
      assertThat(damage(database, all))
          .startsWith("leaf ")
          .contains("journal and log were rewritten there");
      mend();

      // All is as it was at the first checkpoint.
      execute(
          "DELETE FROM event_journal USING log_leaves WHERE persistence_id = 'collector|' || collector"
              + " AND sequence_number >= first_sequence AND sequence_number < first_sequence + events"
              + " AND first_leaf >= "
              + first.size());
      execute("DELETE FROM log_leaves WHERE first_leaf >= " + first.size());
      execute("DELETE FROM log_checkpoint WHERE size > " + first.size());
      assertThat(damage(database, List.of(first))).isNull();
      assertThat(damage(database, List.of(last)))
          .startsWith("leaf " + first.size() + ": ")
          .contains("found the end of the log");
      SondeCommand found = consistency(outlet);
      assertThat(found.exitCode()).isEqualTo(AuditCommand.DAMAGED);
      assertThat(found.output()).startsWith("leaf " + first.size() + ": ");
      mend();
      assertThat(damage(database, all)).isNull();
    }
  }

  @Test
  @Order(6)
  void checkpointsMadeAtOnceHaveEveryEventOnce() throws Exception {
    int events = 300;
    DatabaseSettings shared = postgres.newDatabase();
    Migrations.run(shared);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Database ofNode = Database.open(shared);
        Database ofCommand = Database.open(shared)) {
      Slots.loadOrCreate(ofNode, 2);
      AtomicBoolean isOver = new AtomicBoolean();
      Future<Integer> node = threads.submit(() -> make(isOver, checkpoints(ofNode)::tryMake));
      Future<Integer> command = threads.submit(() -> make(isOver, checkpoints(ofCommand)::make));
      for (int i = 0; i < events; i++) {
        TestPostgres.execute(
            shared,
            "INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id,"
                + (" event_ser_manifest, event_payload) VALUES ('collector|" + i % 2 + "', ")
                + ((i / 2 + 1) + ", 'test', 1, 'event', sha256('" + i + "'))"));
      }
      isOver.set(true);
      int made = node.get() + command.get() + checkpoints(ofNode).make().made().size();

      List<Checkpoint> all =
          checkpoints(ofNode).newest(Long.MAX_VALUE, events + 1).stream()
              .map(row -> new Checkpoint("sonde.test", row.size(), row.root()))
              .toList();
      assertThat(all).hasSize(made).hasSizeGreaterThan(1);
      assertThat(all.get(0).size()).isEqualTo(events);
      assertThat(
              TestPostgres.number(
                  shared,
                  "SELECT count(DISTINCT (collector, event)) FROM log_leaves,"
                      + " generate_series(first_sequence, first_sequence + events - 1) AS event"))
          .isEqualTo(events);
      assertThat(damage(ofCommand, all)).isNull();
    } finally {
      threads.shutdownNow();
    }
  }

  private static Checkpoints checkpoints(Database database) {
    return new Checkpoints(
        new CheckpointStore(database),
        2,
        new AuditSettings(Optional.empty(), null, "sonde.test", List.of()));
  }

  /** Again and again, and counts those that were made. */
  private static int make(AtomicBoolean isOver, Supplier<Checkpoints.Made> making) {
    int made = 0;
    while (!isOver.get()) {
      made += making.get().made().size();
    }
    return made;
  }

  private static String damage(Database database, List<Checkpoint> older) {
    return new JournalConsistency(new CheckpointStore(database), older, events -> {}).firstDamage();
  }

  /** Flips a bit. */
  private static void rewrite(String event) throws SQLException {
    execute(
        "UPDATE event_journal SET event_payload = set_byte(event_payload, 60,"
            + " get_byte(event_payload, 60) # 1) WHERE "
            + event);
  }

  private static void mend() throws SQLException {
    for (String table : TABLES) {
      execute("DELETE FROM " + table);
      execute("INSERT INTO " + table + " SELECT * FROM " + table + "_as_it_was");
    }
  }

  private static void execute(String sql) throws SQLException {
    TestPostgres.execute(settings, sql);
  }

  private static void allowSecond(boolean allowed) throws SQLException {
    String name = second.url().replaceAll(".*/([a-z_0-9]+).*", "$1");
    execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS " + allowed);
  }

  private static void push() throws Exception {
    long[] numbers = LongStream.range(pushed, pushed + 200).toArray();
    pushed += numbers.length;
    assertThat(HTTP.post(server.base(), "v2/samples", NumberedSamples.json(numbers)).statusCode())
        .isEqualTo(201);
  }

  /** Of what came, whoever made it. */
  private static void checkpoint() throws Exception {
    assertThat(HTTP.post(server.base(), "v2/audit/checkpoints", "").statusCode()).isIn(200, 201);
  }

  private static long inFile() throws Exception {
    return Files.exists(outlet) ? Checkpoint.read(outlet).size() : 0;
  }

  private static long inSecond() throws SQLException {
    return TestPostgres.number(second, "SELECT to_regclass('sonde_checkpoint')::oid::bigint") == 0
        ? 0
        : TestPostgres.number(second, "SELECT count(*) FROM sonde_checkpoint");
  }

  private static long failures() {
    return HTTP.answer(server.base(), "metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("sonde_audit_outlet_failures_total{"))
        .count();
  }

  private static SondeCommand consistency(Path checkpoints) {
    return run("audit", "consistency", checkpoints.toString(), "--key", key);
  }

  /** Without any configuration. */
  private static SondeCommand checkProof(Path proof, String verifier) {
    return SondeCommand.run(
        SONDES.directory(), List.of("audit", "check-proof", proof.toString(), "--key", verifier));
  }

  private static SondeCommand run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (settings != null) {
      all.addAll(databaseOptions());
    }
    return SondeCommand.run(SONDES.directory(), all);
  }

  private static List<String> databaseOptions() {
    return List.of(
        "--set",
        "sonde.database.url=\"" + settings.url() + "\"",
        "--set",
        "sonde.database.user=\"" + settings.user() + "\"",
        "--set",
        "sonde.database.password=\"" + settings.password() + "\"");
  }
}
