package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.query.LiveSamples;
import io.sonde.server.StreamReader;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.JournalStore;
import io.sonde.store.QueryStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Live streams of one node of two, over real connections; each test has a server of its own.
 * Samples are stored through the other node.
 */
@Timeout(120)
class StreamIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final StreamSettings SETTINGS =
      new StreamSettings(3, 1 << 20, Duration.ofMillis(300), List.of("https://dash.example.org"));
  private static final long FLOOD = 30_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static TestPostgres postgres;
  private static TestNode node;
  private static TestNode other;
  private static int tests;

  private final HttpClient client = HttpClient.newHttpClient();
  private LiveSamples live;
  private URI base;
  private int clock;

  @BeforeAll
  static void startNodes() throws Exception {
    postgres = TestPostgres.start(folder);
    DatabaseSettings database = postgres.newDatabase();
    node = TestNode.start(database, "sonde.collector.flush-interval=0s");
    other = TestNode.join(node, database, "sonde.collector.flush-interval=0s");
  }

  @AfterAll
  static void stopNodes() {
    other.close();
    node.close();
    postgres.close();
  }

  @BeforeEach
  void startServer() throws Exception {
    clock = 100_000 * tests++;
    live =
        LiveSamples.of(
            node.collectors,
            new JournalStore(node.database),
            new QueryStore(node.database),
            SETTINGS.maxStreams(),
            SETTINGS.buffer());
    base = ApiServer.over(node, live, SETTINGS, other);
  }

  @AfterEach
  void endStreams() {
    live.close();
  }

  @Test
  void aStreamHasAllThatIsStoredFromItsBeginningOnAsListingsShowIt() throws Exception {
    store("before", "p", 500);
    try (StreamReader reader = StreamReader.open(base, "");
        StreamReader second = StreamReader.open(base, "")) {
      for (int i = 0; i < 10; i++) {
        store("now", "p", 30);
      }
      Wait.until(SOON, "300 samples", () -> reader.count() >= 300 && second.count() >= 300);

      JsonNode listed = JSON.readTree(get("/v2/samples?q.field=meter&q.value=now&limit=1000"));
      assertThat(reader.events()).extracting(StreamReader.Event::name).containsOnly("sample");
      assertThat(reader.events())
          .extracting(StreamReader.Event::data)
          .containsExactlyInAnyOrderElementsOf(listed);
      reader
          .events()
          .forEach(event -> assertThat(event.id()).isEqualTo(event.data().get("id").asText()));
      for (int resource = 0; resource < 10; resource++) {
        String name = "r" + resource;
        assertThat(reader.events())
            .filteredOn(event -> event.data().get("resource_id").asText().equals(name))
            .extracting(event -> event.data().get("timestamp").asText())
            .hasSize(30)
            .isSorted();
      }
      assertThat(second.events()).containsExactlyInAnyOrderElementsOf(reader.events());
      int comments = reader.comments();
      Wait.until(SOON, "a heartbeat", () -> reader.comments() > comments);
      assertThat(reader.headers().firstValue("Content-Type")).hasValue("text/event-stream");
      assertThat(reader.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
  }

  @Test
  void aFilterChoosesAndACallerIsKeptToItsProject() throws Exception {
    try (StreamReader byMetadata =
            StreamReader.open(
                base,
                "?meter=a&meter=b&q.field=metadata.host&q.value=h3&q.field=resource_id&q.value=r3");
        StreamReader scoped = StreamReader.open(base, "?meter=a", "X-Project-Id", "mine");
        StreamReader all = StreamReader.open(base, "?q.field=project&q.value=yours")) {
      for (String meter : List.of("a", "b", "c")) {
        store(meter, "mine", 50);
        store(meter, "yours", 50);
      }
      Wait.until(SOON, "all of one", () -> all.count() >= 150);
      Wait.until(SOON, "20 by metadata", () -> byMetadata.count() >= 20);
      Wait.until(SOON, "50 of a project", () -> scoped.count() >= 50);
      assertThat(all.count()).isEqualTo(150);
      assertThat(byMetadata.events())
          .hasSize(20)
          .allMatch(event -> event.data().get("metadata").get("host").asText().equals("h3"))
          .allMatch(event -> event.data().get("resource_id").asText().equals("r3"))
          .noneMatch(event -> event.data().get("meter").asText().equals("c"));
      assertThat(scoped.events())
          .hasSize(50)
          .allMatch(event -> event.data().get("project_id").asText().equals("mine"))
          .allMatch(event -> event.data().get("meter").asText().equals("a"));
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedByName() throws Exception {
    refuses("?q.field=timestamp&q.op=gt&q.value=2026-01-01", 400, "timestamp");
    refuses("?q.field=search_offset&q.value=1", 400, "search_offset");
    refuses("?q.field=message_id&q.value=1", 400, "message_id");
    refuses("?q.field=meter&q.op=ne&q.value=x", 400, "meter");
    refuses("?q.field=colour&q.value=x", 400, "colour");
    refuses("?meter=", 400, "meter");
    refuses("?limit=3", 400, "limit");
    refuses("?q.field=project&q.value=yours", 401, "yours", "X-Project-Id", "mine");
    refuses("", 406, "text/event-stream", "Accept", "application/json");
    // None of them holds a place.
    assertThat(openStreams()).isZero();
  }

  @Test
  void pagesOfAllowedOriginsMayReadAndNoOthers() throws Exception {
    try (StreamReader allowed = StreamReader.open(base, "", "Origin", "https://dash.example.org");
        StreamReader stranger = StreamReader.open(base, "", "Origin", "https://example.org")) {
      assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://dash.example.org");
      assertThat(allowed.headers().firstValue("Vary")).hasValue("Origin");
      assertThat(stranger.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  @Test
  void placesAreBoundedAndFreedByWhoGoes() throws Exception {
    List<StreamReader> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(StreamReader.open(base, ""));
    }
    assertThat(openStreams()).isEqualTo(3);
    HttpResponse<String> answer = refuses("", 503, "3 streams");
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();

    readers.forEach(StreamReader::close);
    Wait.until(SOON, "places", () -> openStreams() == 0);
    HttpRequest head =
        HttpRequest.newBuilder(base.resolve("/v2/stream"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    assertThat(client.send(head, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    Wait.until(SOON, "the place of HEAD", () -> openStreams() == 0);
    StreamReader.open(base, "").close();
  }

  @Test
  void whoDoesNotReadIsToldWhatItMissedAndSlowsNobody() throws Exception {
    try (Socket slow = slowReader();
        StreamReader fast = StreamReader.open(base, "")) {
      flood(fast);
      assertThat(fast.events()).extracting(StreamReader.Event::name).containsOnly("sample");
      assertThat(fast.count()).isEqualTo(FLOOD);

      InputStream in = new BufferedInputStream(slow.getInputStream(), 64 * 1024);
      long samples = 0;
      long dropped = 0;
      while (samples + dropped < FLOOD) {
        String event = readUntil(in, "\n\n");
        if (event.contains("event: dropped\n")) {
          String data = event.substring(event.indexOf("data: ") + 6);
          dropped += JSON.readTree(data).get("samples").asLong();
        } else if (event.contains("event: sample\n")) {
          samples++;
        }
      }
      assertThat(samples + dropped).isEqualTo(FLOOD);
      assertThat(dropped).isPositive();
    }
  }

  @Test
  void anEndIsToldAtOnceAlsoToWhoDoesNotRead() throws Exception {
    try (Socket slow = slowReader();
        StreamReader reader = StreamReader.open(base, "")) {
      flood(reader);
      live.close();
      Wait.until(Duration.ofSeconds(5), "the end", reader::isOver);
      refuses("", 503, "stopping");
      Wait.until(Duration.ofSeconds(5), "a connection that is cut off", () -> isCutOff(slow));
    }
  }

  /** Stores more than buffers hold, no faster than one reader can take it. */
  private void flood(StreamReader reader) throws Exception {
    for (long stored = 0; stored < FLOOD; ) {
      store("flood", "p", 1_000);
      stored += 1_000;
      long count = stored;
      Wait.until(SOON, count + " samples", () -> reader.count() >= count);
    }
  }

  /** A connection with a small window whose stream was begun, and is not read any further. */
  private Socket slowReader() throws Exception {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(128 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), base.getPort()));
    socket
        .getOutputStream()
        .write("GET /v2/stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    readUntil(socket.getInputStream(), "retry: 2000");
    return socket;
  }

  private static String readUntil(InputStream in, String end) throws Exception {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      text.append((char) c);
      if (text.length() >= end.length()
          && end.contentEquals(text.subSequence(text.length() - end.length(), text.length()))) {
        return text.toString();
      }
    }
    throw new AssertionError("ended without " + end);
  }

  private static boolean isCutOff(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private HttpResponse<String> refuses(String query, int status, String named, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("/v2/stream" + query));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(query + " " + answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body()).at("/error_message/faultstring").asText())
        .contains(named);
    return answer;
  }

  private String get(String path) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(base.resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private int openStreams() throws Exception {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith("sonde_live_streams "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  /** Stores so many samples of ten resources through the other node. */
  private void store(String meter, String project, int count) throws Exception {
    List<Sample> samples =
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    new Sample(
                        new Series(
                            "s",
                            meter,
                            MeterType.GAUGE,
                            "",
                            "r" + i % 10,
                            project,
                            null,
                            Series.NO_DIMENSIONS),
                        1_767_225_600_000_000L + 1_000_000L * clock++,
                        i,
                        0,
                        Metadata.of(Map.of("host", "h" + i % 10))))
            .toList();
    TestNode.get(other.collectors.add("store", SampleBatch.of(samples)));
  }
}
