package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorSystem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.sonde.audit.Explainer;
import io.sonde.cluster.ClusterView;
import io.sonde.cluster.ClusterView.NodeView;
import io.sonde.cluster.EntityKind;
import io.sonde.cluster.Members;
import io.sonde.cluster.NodeReport;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.cluster.Role;
import io.sonde.model.Door;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.Timestamps;
import io.sonde.notification.Notifications;
import io.sonde.pipeline.LivePipelines;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.polling.Polling;
import io.sonde.polling.PollingSettings;
import io.sonde.polling.PollsterSet;
import io.sonde.query.EventService;
import io.sonde.query.LifecycleService;
import io.sonde.query.LiveSamples;
import io.sonde.query.LiveStreams;
import io.sonde.server.TestNode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A real server on a free port, over fakes, asked by the JDK's client. */
public final class ApiServer implements AutoCloseable {
  static final int MAX_BODY = 64 * 1024;
  static final long NOON = Timestamps.parse("2016-05-06T12:00:00");
  static final String PUSH =
      """
      [{"counter_name": "cpu", "counter_type": "cumulative", "counter_unit": "ns",
        "counter_volume": 1.5, "resource_id": "r1", "project_id": "p1",
        "resource_metadata": {"a.b": "x"}}]""";

  static final RemoteWriteSettings REMOTE_WRITE =
      RemoteWriteSettings.from(
          ConfigFactory.parseResources("application.conf")
              .resolve()
              .getConfig("sonde.remote-write"));

  static final StreamSettings STREAM =
      StreamSettings.from(
          ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde.stream"));

  private static final Instant NOW = Instant.parse("2016-05-06T12:34:56.5Z");
  private static final long DAY = 86_400_000_000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  final FakeQueries queries;
  volatile Door takenBy;
  volatile SampleBatch taken;
  volatile Receipt receipt = new Receipt(1, 0, 0);
  volatile RuntimeException intakeFailure;
  volatile String unready;

  private static final PipelineSettings PIPELINES =
      PipelineSettings.from(
          ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde"));

  /** Two nodes, of which one did not answer. */
  private static final ClusterView CLUSTER =
      new ClusterView(
          "10.0.0.1:25520",
          List.of(Role.NOTIFICATION),
          List.of(
              new NodeView(
                  new Members.Node(
                      "10.0.0.1:25520", EnumSet.of(Role.COLLECTOR, Role.API), "up", true),
                  new NodeReport(
                      "10.0.0.1:25520",
                      "0.1.0",
                      TimeUnit.MICROSECONDS.toMillis(NOON),
                      "http://10.0.0.1:8777",
                      "the collectors are recovering",
                      12,
                      List.of(
                          new Hosted(EntityKind.COLLECTOR, 2, 2),
                          new Hosted(EntityKind.POLLED_RESOURCE, -1, -1)),
                      List.of(
                          new CollectorState(
                              1,
                              2,
                              30,
                              4,
                              5_000,
                              6,
                              TimeUnit.MICROSECONDS.toMillis(NOON),
                              "written")),
                      List.of(new PublisherLag("udp://10.0.0.9:4952", 7, 8, 9)),
                      List.of(new StageBacklog("cpu-rate~0", 10, 11)),
                      false)),
              new NodeView(
                  new Members.Node("10.0.0.2:25520", EnumSet.of(Role.POLLER), "up", false), null)));

  private final ActorTestKit testKit = ActorTestKit.create(ConfigFactory.load("no-such-file"));
  private final HttpClient client = HttpClient.newHttpClient();
  private final InetSocketAddress address;

  ApiServer() throws Exception {
    this(MAX_BODY);
  }

  ApiServer(int maxBody) throws Exception {
    this(maxBody, null, null, null);
  }

  /**
   * With events that are really stored.
   *
   * @param eventIntake takes them
   */
  ApiServer(
      int maxBody,
      EventService events,
      LifecycleService lifecycles,
      Function<List<Event>, CompletionStage<Receipt>> eventIntake)
      throws Exception {
    this(maxBody, events, lifecycles, eventIntake, null, true);
  }

  /** With notifications that are turned into what they tell. */
  ApiServer(Notifications notifications) throws Exception {
    this(MAX_BODY, null, null, null, notifications, true);
  }

  /** Of a node that does not have the role api. */
  static ApiServer withoutApi() throws Exception {
    return new ApiServer(MAX_BODY, null, null, null, null, false);
  }

  private ApiServer(
      int maxBody,
      EventService events,
      LifecycleService lifecycles,
      Function<List<Event>, CompletionStage<Receipt>> eventIntake,
      Notifications notifications,
      boolean isApi)
      throws Exception {
    queries = new FakeQueries(lifecycles);
    ApiServices services =
        new ApiServices(
            queries,
            LiveStreams.withoutCollectors(0),
            new LivePipelines(PIPELINES, () -> PIPELINES, version -> {}),
            system().executionContext(),
            events,
            this::take,
            eventIntake,
            notifications,
            new Polling(system(), nothingPolled(), Runnable::run).service(),
            null,
            null,
            List.of("*"),
            micros -> micros > NOON + DAY ? "too far in the future" : null,
            () -> unready,
            isApi,
            () -> CompletableFuture.completedFuture(CLUSTER),
            null);
    HttpSettings settings = settings(0, maxBody);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    address = bind(system(), settings, STREAM, services, clock);
  }

  private static PollingSettings nothingPolled() {
    return new PollingSettings(
        "host", 1, 1, Duration.ofSeconds(1), PollsterSet.of(Map.of()), List.of());
  }

  private static InetSocketAddress bind(
      ActorSystem<?> system,
      HttpSettings settings,
      StreamSettings stream,
      ApiServices services,
      Clock clock)
      throws Exception {
    return HttpServer.bind(
            system,
            settings,
            ApiRoutes.create(system, settings, REMOTE_WRITE, stream, services, clock))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /**
   * Answers from a node, without events and pipelines, until that ends.
   *
   * @param taker stores what is pushed
   * @return what URLs begin with
   */
  static URI over(TestNode node, LiveSamples live, StreamSettings stream, TestNode taker)
      throws Exception {
    return over(node, live, stream, taker, null);
  }

  /** Answers questions from a node and these events until the node ends. */
  public static URI over(TestNode node, EventService events) throws Exception {
    return over(node, LiveStreams.withoutCollectors(0), STREAM, node, events);
  }

  private static URI over(
      TestNode node, LiveSamples live, StreamSettings stream, TestNode taker, EventService events)
      throws Exception {
    ApiServices services =
        new ApiServices(
            node.queries,
            live,
            null,
            node.system.executionContext(),
            events,
            (door, batch) -> taker.collectors.add("store", batch),
            null,
            null,
            null,
            null,
            null,
            List.of("*"),
            micros -> null,
            () -> null,
            true,
            null,
            new Explainer(node.database));
    InetSocketAddress address = bind(node.system, settings(0), stream, services, Clock.systemUTC());
    return URI.create("http://127.0.0.1:" + address.getPort());
  }

  static HttpSettings settings(int port) {
    return settings(port, MAX_BODY);
  }

  private static HttpSettings settings(int port, int maxBody) {
    return new HttpSettings(
        "127.0.0.1",
        port,
        64,
        maxBody,
        4L * maxBody,
        Duration.ofSeconds(20),
        Duration.ofSeconds(5),
        100,
        false);
  }

  ActorSystem<?> system() {
    return testKit.system();
  }

  int port() {
    return address.getPort();
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  static JsonNode tree(String json) throws Exception {
    return JSON.readTree(json);
  }

  static void assertError(HttpResponse<String> response, int status, String faultstring)
      throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = tree(response.body()).get("error_message");
    assertThat(error.get("debuginfo").isNull()).isTrue();
    assertThat(error.get("faultcode").asText()).isEqualTo(status < 500 ? "Client" : "Server");
    assertThat(error.get("faultstring").asText()).isEqualTo(faultstring);
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("application/json; charset=UTF-8");
  }

  @Override
  public void close() {
    testKit.shutdownTestKit();
  }

  private CompletionStage<Receipt> take(Door door, SampleBatch batch) {
    takenBy = door;
    taken = batch;
    return intakeFailure == null
        ? CompletableFuture.completedFuture(receipt)
        : CompletableFuture.failedFuture(intakeFailure);
  }
}
