package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.query.LiveStreams;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listings page by page and as a stream, over a real node. */
class ListingIT {
  private static final long START = 1_767_225_600_000_000L;
  private static final int SERIES = 90;
  private static final int STEPS = 500;
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>; rel=\"next\"");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;

  private static TestPostgres postgres;
  private static TestNode node;
  private static URI base;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    postgres = TestPostgres.start(folder);
    node =
        TestNode.start(
            postgres.newDatabase(),
            "sonde.collector.chunk-samples=60",
            "sonde.collector.flush-interval=0s");
    base = ApiServer.over(node, LiveStreams.withoutCollectors(0), ApiServer.STREAM, node);
    Random random = Seed.random();
    for (int step = 0; step < STEPS; step += 50) {
      List<Sample> batch = new ArrayList<>();
      for (int s = 0; s < SERIES; s++) {
        for (int i = step; i < step + 50; i++) {
          batch.add(sample(s, i, random));
        }
      }
      TestNode.get(node.collectors.add("store", SampleBatch.of(batch)));
    }
  }

  @AfterAll
  static void stop() {
    node.close();
    postgres.close();
  }

  @Test
  void pagesOfSamplesHoldEachOnceInOrder() throws Exception {
    List<JsonNode> all = pages("/v2/samples?limit=7001");

    assertThat(all).hasSize(SERIES * STEPS);
    assertInOrder(all);
    assertThat(pages("/v2/meters/m1?limit=1000&q.field=resource_id&q.value=r%2F4")).hasSize(STEPS);
  }

  @Test
  void aLongListingIsAStreamOfTheSame() throws Exception {
    HttpResponse<String> answer = get("/v2/samples?limit=1000000", "application/json");
    List<JsonNode> all = new ArrayList<>();
    JSON.readTree(answer.body()).forEach(all::add);

    assertThat(answer.headers().firstValue("Transfer-Encoding")).hasValue("chunked");
    assertThat(all).hasSize(SERIES * STEPS);
    assertInOrder(all);
    assertThat(get("/v2/samples?limit=30000", "application/x-ndjson").body().lines())
        .hasSize(30_000);
    assertThat(get("/v2/samples?limit=30000", "text/csv").body().split("\r\n")).hasSize(30_001);
  }

  @Test
  void pagesOfAComplexQueryHoldEachOnceInItsOrder() throws Exception {
    String resource = "{\"filter\": {\"=\": {\"resource\": \"r/4\"}}, \"limit\": 700";
    List<JsonNode> newest = pages("/v2/query/samples", resource + "}");
    List<JsonNode> byVolume =
        pages(
            "/v2/query/samples",
            resource + ", \"orderby\": [{\"volume\": \"asc\"}, {\"meter\": \"desc\"}]}");

    assertThat(newest).hasSize(3 * STEPS);
    assertInOrder(newest);
    assertThat(byVolume)
        .extracting(one -> one.get("id").asText())
        .doesNotHaveDuplicates()
        .hasSize(3 * STEPS);
    assertThat(byVolume)
        .isSortedAccordingTo(
            Comparator.comparingDouble((JsonNode one) -> one.get("volume").asDouble())
                .thenComparing(
                    Comparator.comparing((JsonNode one) -> one.get("meter").asText()).reversed()));
    // Far more than is in memory otherwise.
    assertThat(
            post(base.resolve("/v2/query/samples"), "{\"limit\": 1000000}")
                .headers()
                .firstValue("Transfer-Encoding"))
        .hasValue("chunked");
  }

  @Test
  void pagesOfResourcesAndMetersHoldEachOnce() throws Exception {
    assertThat(pages("/v2/resources?limit=7&meter_links=0"))
        .extracting(one -> one.get("resource_id").asText())
        .doesNotHaveDuplicates()
        .isSorted()
        .hasSize(30);
    assertThat(pages("/v2/meters?limit=8"))
        .extracting(one -> one.get("name").asText() + one.get("resource_id").asText())
        .doesNotHaveDuplicates()
        .hasSize(SERIES);
    assertThat(pages("/v2/meters?limit=2&unique=true"))
        .extracting(one -> one.get("name").asText())
        .containsExactly("m0", "m1", "m2");
  }

  @Test
  void pagesOfFiguresHoldEachRowOnce() throws Exception {
    for (String path :
        List.of(
            "/v2/meters/m1/statistics?groupby=resource_id",
            "/v2/meters/m1/statistics?period=3600&groupby=metadata.host",
            "/v2/usage?meter=m1&start=2026-01-01&end=2026-01-02&per=hour&groupby=resource_id")) {
      List<JsonNode> whole = pages(path);
      assertThat(whole).as(path).hasSizeGreaterThan(7).doesNotHaveDuplicates();
      assertThat(pages(path + "&limit=7")).as(path).isEqualTo(whole);
      assertThat(get(path + "&limit=3", "application/x-ndjson").body().lines()).hasSize(3);
      assertThat(get(path + "&marker=nonsense", "*/*").statusCode()).as(path).isEqualTo(400);
      String gone = Marker.ofRow(0, "gone").text();
      assertThat(get(path + "&marker=" + gone, "*/*").statusCode()).as(path).isEqualTo(400);
    }
  }

  @Test
  void aMarkerThatNobodyGaveIsAnError() throws Exception {
    for (String path : List.of("/v2/samples", "/v2/meters", "/v2/resources", "/v2/meters/m1")) {
      HttpResponse<String> answer = get(path + "?marker=nonsense", "application/json");
      assertThat(answer.statusCode()).as(path).isEqualTo(400);
      assertThat(answer.body()).contains("marker");
    }
    // One of another listing.
    String marker = new Marker(5, "no-id").text();
    assertThat(get("/v2/samples?marker=" + marker, "application/json").statusCode()).isEqualTo(400);
    assertThat(get("/v2/meters?marker=" + marker, "application/json").statusCode()).isEqualTo(400);
  }

  @Test
  void aQuestionWhoseAskerIsGoneIsGivenUp() throws Exception {
    QueryService gone = node.queries.until(() -> true);
    for (CompletionStage<?> answer :
        List.of(
            gone.samples(SampleFilter.ALL, 1),
            gone.resources(SampleFilter.ALL, 1),
            gone.meters(SampleFilter.ALL, 1))) {
      Throwable failure =
          answer.handle((found, why) -> why).toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertThat(failure).hasRootCauseInstanceOf(CancellationException.class);
    }
  }

  @Test
  void whatAQuestionCostsIsExplained() throws Exception {
    JsonNode hours =
        JSON.readTree(
            get("/v2/meters/m1/statistics?q.field=resource_id&q.value=r%2F4&explain=true", "*/*")
                .body());
    JsonNode samples = JSON.readTree(get("/v2/samples?limit=3&explain=1", "*/*").body());
    for (String path : List.of("/v2/meters", "/v2/meters/m1", "/v2/resources")) {
      JsonNode plan = JSON.readTree(get(path + "?limit=2&explain=1", "*/*").body());
      assertThat(plan.get("answers").asInt()).as(path).isEqualTo(2);
      assertThat(plan.get("readings").get(0).get("collectors").asInt()).as(path).isEqualTo(2);
    }

    assertThat(hours.get("answers").asInt()).isEqualTo(1);
    JsonNode reading = hours.get("readings").get(0);
    assertThat(reading.get("narrowed_by").get("resource_id").asText()).isEqualTo("r/4");
    assertThat(reading.get("collectors").asInt()).isEqualTo(1);
    assertThat(reading.get("opened").asInt()).as("sums serve").isZero();
    assertThat(samples.get("answers").asInt()).isEqualTo(3);
    assertThat(samples.get("readings").get(0).get("collectors").asInt()).isEqualTo(2);
    assertThat(samples.get("readings").get(0).get("samples").asLong()).isPositive();
  }

  @Test
  void usageIsWhatTheSamplesSay() throws Exception {
    List<JsonNode> samples = pages("/v2/meters/m1?limit=1000&q.field=resource_id&q.value=r%2F4");
    BigDecimal volumeMinutes = BigDecimal.ZERO;
    // Newest first. A minute lies between two, and the last one's volume holds for unknown time.
    for (JsonNode one : samples.subList(1, samples.size())) {
      volumeMinutes = volumeMinutes.add(one.get("counter_volume").decimalValue());
    }
    String question = "/v2/usage?meter=m1&resource_id=r%2F4&start=2026-01-01&end=2026-01-02";

    JsonNode whole = JSON.readTree(get(question, "*/*").body());
    JsonNode hours = JSON.readTree(get(question + "&per=hour&groupby=metadata.host", "*/*").body());

    assertThat(whole).hasSize(1);
    assertThat(whole.get(0).get("samples").asInt()).isEqualTo(STEPS);
    assertThat(whole.get(0).get("unit").asText()).isEqualTo("B·h");
    assertThat(whole.get(0).get("covered").asDouble()).isEqualTo(60.0 * (STEPS - 1));
    assertThat(whole.get(0).get("quantity").asDouble())
        .isCloseTo(volumeMinutes.doubleValue() / 60, within(1e-9));
    assertThat(hours).hasSize((STEPS + 59) / 60);
    double sum = 0;
    for (JsonNode hour : hours) {
      assertThat(hour.get("groupby").get("metadata.host").asText()).isEqualTo("h3");
      sum += hour.get("quantity").asDouble();
    }
    assertThat(sum).isCloseTo(whole.get(0).get("quantity").asDouble(), within(1e-9));
    assertThat(get(question + "&per=week", "*/*").statusCode()).isEqualTo(400);
    assertThat(get(question, "text/csv").body()).startsWith("meter,type,quantity,unit,");
  }

  private static void assertInOrder(List<JsonNode> all) {
    Set<String> seen = new HashSet<>();
    String before = null;
    for (JsonNode one : all) {
      String time = one.get("timestamp").asText();
      assertThat(seen.add(one.get("id").asText())).as("%s once", one).isTrue();
      assertThat(before == null || time.compareTo(before) <= 0).as("newest first").isTrue();
      before = time;
    }
  }

  /** Goes from page to page while there is a next one. */
  private List<JsonNode> pages(String path) throws Exception {
    return pages(path, null);
  }

  /** All entries; a body that is not null is posted for each part. */
  private List<JsonNode> pages(String path, String body) throws Exception {
    List<JsonNode> all = new ArrayList<>();
    URI next = base.resolve(path);
    while (next != null) {
      HttpResponse<String> answer = body == null ? get(next, "application/json") : post(next, body);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JSON.readTree(answer.body()).forEach(all::add);
      Matcher link = NEXT.matcher(answer.headers().firstValue("Link").orElse(""));
      next = link.find() ? URI.create(link.group(1)) : null;
    }
    return all;
  }

  private HttpResponse<String> post(URI uri, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String accept) throws Exception {
    return get(base.resolve(path), accept);
  }

  private HttpResponse<String> get(URI uri, String accept) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri).header("Accept", accept).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static Sample sample(int s, int i, Random random) {
    return new Sample(
        new Series(
            "test",
            "m" + s % 3,
            MeterType.GAUGE,
            "B",
            "r/" + s / 3,
            "p",
            null,
            Series.NO_DIMENSIONS),
        START + i * 60_000_000L,
        random.nextInt(100),
        random.nextInt(3) == 0 ? SampleKey.random() : SampleKey.NONE,
        Metadata.of(Map.of("host", "h" + s % 5)));
  }
}
