package io.sonde.http;

import static io.sonde.http.ApiServer.NOON;
import static io.sonde.http.ApiServer.PUSH;
import static io.sonde.http.ApiServer.assertError;
import static io.sonde.http.ApiServer.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.Order;
import io.sonde.query.ResourceView;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsRow;
import io.sonde.query.StoredSample;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the routes answer when all is well. */
class HttpRoutesActorTest {
  private static ApiServer server;

  private static final Series CPU =
      new Series(
          "openstack",
          "cpu",
          MeterType.CUMULATIVE,
          "ns",
          "r1",
          "p1",
          null,
          new TreeMap<>(Map.of("mode", "user")));

  @BeforeAll
  static void bind() throws Exception {
    server = new ApiServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void reset() {
    server.queries.reset();
    server.taken = null;
    server.receipt = new Receipt(1, 0, 0);
    server.intakeFailure = null;
    server.unready = null;
  }

  @Test
  void listsMeters() throws Exception {
    server.queries.meters = List.of(CPU);

    HttpResponse<String> response = server.get("/v2/meters?limit=5");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("application/json; charset=UTF-8");
    assertThat(tree(response.body()))
        .isEqualTo(
            tree(
                """
                [{"name": "cpu", "type": "cumulative", "unit": "ns", "resource_id": "r1",
                  "project_id": "p1", "user_id": null, "source": "openstack",
                  "meter_id": "cjErY3B1"}]"""));
    assertThat(server.queries.askedFilter).isEqualTo(SampleFilter.ALL);
  }

  @Test
  void listsMeterDefinitionsOnce() throws Exception {
    server.queries.meters = List.of(CPU, CPU.as("cpu", MeterType.CUMULATIVE, "ns"));

    assertThat(tree(server.get("/v2/meters/?unique=True").body()))
        .isEqualTo(
            tree(
                """
                [{"name": "cpu", "type": "cumulative", "unit": "ns", "resource_id": null,
                  "project_id": null, "user_id": null, "source": null,
                  "meter_id": "Tm9uZStjcHU="}]"""));
  }

  @Test
  void listsSamplesOfOneMeterInTheOlderShape() throws Exception {
    server.queries.samples = List.of(stored());

    assertThat(tree(server.get("/v2/meters/cpu").body()))
        .isEqualTo(
            tree(
                """
                [{"counter_name": "cpu", "counter_type": "cumulative", "counter_unit": "ns",
                  "counter_volume": 1.5, "resource_id": "r1", "project_id": "p1", "user_id": null,
                  "source": "openstack", "timestamp": "2016-05-06T12:00:00",
                  "recorded_at": "2016-05-06T12:00:01", "message_id": "the-id",
                  "resource_metadata": {"a.b:c": "True", "mode": "user"}}]"""));
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.METER, "cpu"));
    // One more tells whether there is a next page.
    assertThat(server.queries.askedLimit).isEqualTo(101);
  }

  @Test
  void listsSamples() throws Exception {
    server.queries.samples = List.of(stored());

    assertThat(
            tree(
                server
                    .get(
                        "/v2/samples?q.field=timestamp&q.op=gt&q.value=2016-05-06T12%3A00%3A00%2B00:00"
                            + "&q.field=meter&q.op=eq&q.value=cpu")
                    .body()))
        .isEqualTo(
            tree(
                """
                [{"id": "the-id", "meter": "cpu", "type": "cumulative", "unit": "ns",
                  "volume": 1.5, "resource_id": "r1", "project_id": "p1", "user_id": null,
                  "source": "openstack", "timestamp": "2016-05-06T12:00:00",
                  "recorded_at": "2016-05-06T12:00:01",
                  "metadata": {"a.b:c": "True", "mode": "user"}}]"""));
    assertThat(server.queries.askedFilter.from()).isEqualTo(NOON + 1);
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.METER, "cpu"));
  }

  @ParameterizedTest
  @CsvSource({
    "disk.root.size, disk.root.size",
    "meter.jpg, meter.jpg",
    "a%2Fb, a/b",
    "a%252Fb, a%2Fb",
    "%C3%A9%20x+y, \u00e9 x+y",
    "statistics, statistics",
  })
  void meterNamesAreOneEncodedSegment(String path, String meter) throws Exception {
    assertThat(server.get("/v2/meters/" + path).statusCode()).isEqualTo(200);
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.METER, meter));
    assertThat(server.get("/v2/meters/" + path + "/statistics/").statusCode()).isEqualTo(200);
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.METER, meter));
  }

  @Test
  void givesStatistics() throws Exception {
    server.queries.statistics =
        List.of(
            row(new TreeMap<>(Map.of("project_id", "p1")), NOON - 60_000_000, NOON + 1_500_000),
            row(new TreeMap<>(), NOON - 60_000_000, NOON - 1));

    JsonNode rows =
        tree(
            server
                .get(
                    "/v2/meters/cpu/statistics?period=3600&groupby=project_id"
                        + "&q.field=timestamp&q.op=ge&q.value=2016-05-06T12:00:00"
                        + "&q.field=search_offset&q.op=eq&q.value=1")
                .body());

    assertThat(rows.get(0))
        .isEqualTo(
            tree(
                """
                {"unit": "ns", "groupby": {"project_id": "p1"}, "period": 3600,
                 "period_start": "2016-05-06T11:59:00", "period_end": "2016-05-06T12:59:00",
                 "duration": 1.5, "duration_start": "2016-05-06T12:00:00",
                 "duration_end": "2016-05-06T12:00:01.500000",
                 "count": 2, "min": 1.0, "max": 2.0, "sum": 3.0, "avg": 1.5}"""));
    assertThat(rows.get(1).get("groupby").isNull()).isTrue();
    assertThat(rows.get(1).get("duration").isNull()).isTrue();
    assertThat(rows.get(1).get("duration_start").isNull()).isTrue();
    assertThat(server.queries.asked.periodSeconds()).isEqualTo(3600);
    assertThat(server.queries.asked.groupBy()).isEqualTo(Map.of("project_id", Field.PROJECT_ID));
    assertThat(server.queries.askedFilter.from()).isEqualTo(NOON - 60_000_000);
    assertThat(rows).hasSize(2);
    assertThat(tree(server.get("/v2/meters/cpu/statistics?limit=1").body())).hasSize(1);
  }

  @Test
  void givesWhatOfStatisticsIsAskedFor() throws Exception {
    server.queries.statistics = List.of(row(new TreeMap<>(), NOON, NOON + 1));

    JsonNode row =
        tree(server
                .get(
                    "/v2/meters/cpu/statistics?groupby=resource_metadata.a.b&groupby=user_id"
                        + "&aggregate.func=cardinality&aggregate.param=user_id"
                        + "&aggregate.func=max&aggregate.func=stddev&aggregate.func=max")
                .body())
            .get(0);

    assertThat(row.get("aggregate"))
        .isEqualTo(tree("{\"cardinality/user_id\": 4, \"max\": 2.0, \"stddev\": 0.5}"));
    assertThat(row.get("max").asDouble()).isEqualTo(2);
    for (String absent : List.of("count", "min", "avg", "sum", "stddev")) {
      assertThat(row.has(absent)).as(absent).isFalse();
    }
    assertThat(server.queries.asked.hasDeviation()).isTrue();
    assertThat(server.queries.asked.distinct()).containsExactly(SeriesField.USER_ID);
    assertThat(server.queries.asked.groupBy())
        .isEqualTo(
            Map.of(
                "resource_metadata.a.b", new Field.MetadataKey("a.b"), "user_id", Field.USER_ID));
    Metadata metadata = Metadata.of(Map.of("a", Map.of("b", List.of(true, "x"))));
    assertThat(server.queries.asked.shown().apply(metadata, "a.b")).isEqualTo("[True, 'x']");
    assertThat(server.queries.asked.shown().apply(metadata, "a.b[0]")).isEqualTo("True");
    assertThat(server.queries.asked.shown().apply(metadata, "a")).isNull();
  }

  @Test
  void givesOneSample() throws Exception {
    server.queries.samples = List.of(stored());
    HttpRequest request = server.request("/v2/samples/a%2Fb/").header("X-Project-Id", "p1").build();

    HttpResponse<String> response = server.send(request);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(tree(response.body()).get("id").asText()).isEqualTo("the-id");
    assertThat(server.queries.askedFilter.rest())
        .isEqualTo(Condition.equal(Field.Column.MESSAGE_ID, "a/b"));
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.PROJECT_ID, "p1"));
  }

  @Test
  void answersComplexQueries() throws Exception {
    server.queries.samples = List.of(stored());
    String body =
        """
        {"filter": "{\\"=\\": {\\"resource\\": \\"r1\\"}}", "orderby": "[{\\"volume\\": \\"asc\\"}]",
         "limit": 3}""";

    for (String path : List.of("/v2/query/samples", "/v2/query/samples/")) {
      HttpResponse<String> response = server.post(path, body);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(tree(response.body()).get(0).get("meter").asText()).isEqualTo("cpu");
      assertThat(server.queries.askedFilter)
          .isEqualTo(SampleFilter.ALL.with(Map.of(SeriesField.RESOURCE_ID, "r1")));
      assertThat(server.queries.askedOrders).containsExactly(new Order(Field.Column.VOLUME, false));
      // One more tells whether there are more.
      assertThat(server.queries.askedLimit).isEqualTo(4);
    }
  }

  @Test
  void tellsItsCapabilities() throws Exception {
    JsonNode all = tree(server.get("/v2/capabilities").body());

    assertThat(all.get("api").get("samples:query:complex").asBoolean()).isTrue();
    assertThat(all.get("api").get("statistics:aggregation:selectable:stddev").asBoolean()).isTrue();
    assertThat(all.get("storage")).isEqualTo(tree("{\"storage:production_ready\": true}"));
    assertThat(all.get("event_storage")).isEqualTo(all.get("storage"));
  }

  @Test
  void listsResourcesWithLinks() throws Exception {
    server.queries.resources =
        List.of(
            new ResourceView(
                "a/b",
                "p1",
                null,
                "openstack",
                Metadata.EMPTY,
                NOON,
                NOON + 1,
                new TreeSet<>(List.of("cpu"))));
    String host = "http://127.0.0.1:" + server.port();

    assertThat(tree(server.get("/v2/resources").body()))
        .isEqualTo(
            tree(
                """
                [{"resource_id": "a/b", "project_id": "p1", "user_id": null,
                  "source": "openstack", "metadata": {},
                  "first_sample_timestamp": "2016-05-06T12:00:00",
                  "last_sample_timestamp": "2016-05-06T12:00:00.000001",
                  "links": [
                    {"href": "HOST/v2/resources/a%252Fb", "rel": "self"},
                    {"href": "HOST/v2/meters/cpu?q.field=resource_id&q.value=a%2Fb",
                     "rel": "cpu"}]}]"""
                    .replace("HOST", host)));
    assertThat(tree(server.get("/v2/resources?meter_links=0").body()).get(0).get("links"))
        .hasSize(1);
    assertThat(server.get("/v2/resources/a%252Fb").statusCode()).isEqualTo(200);
    assertThat(server.queries.askedFilter.equal())
        .isEqualTo(Map.of(SeriesField.RESOURCE_ID, "a/b"));
  }

  @Test
  void linksToResourcesNamedByDots() throws Exception {
    for (String dots : List.of(".", "..")) {
      server.queries.resources =
          List.of(
              new ResourceView(
                  dots,
                  null,
                  null,
                  "s",
                  Metadata.EMPTY,
                  NOON,
                  NOON,
                  new TreeSet<>(List.of("cpu"))));

      assertThat(tree(server.get("/v2/resources").body()).at("/0/links/0/href").asText())
          .endsWith("/v2/resources/" + dots.replace(".", "%252E"));
    }
  }

  @Test
  void pushesAnySamples() throws Exception {
    server.receipt = new Receipt(3, 2, 1);

    HttpResponse<String> response = server.post("/v2/samples", PUSH);

    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.body()).isEqualTo("[]");
    assertThat(response.headers().firstValue("Sonde-Accepted")).contains("3");
    assertThat(response.headers().firstValue("Sonde-Duplicate")).contains("2");
    assertThat(response.headers().firstValue("Sonde-Refused")).contains("0");
    assertThat(server.taken.size()).isEqualTo(1);
    assertThat(server.taken.timestamp(0)).isEqualTo(Timestamps.parse("2016-05-06T12:34:56.5"));
    assertThat(server.taken.metadata(0).json()).isEqualTo("{\"a.b\":\"x\"}");
  }

  @Test
  void pushesToAMeterAndEchoes() throws Exception {
    HttpResponse<String> response = server.post("/v2/meters/cpu/?direct=1", PUSH);

    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.headers().firstValue("Sonde-Accepted")).contains("1");
    Sample sample = server.taken.sample(0);
    assertThat(sample.metadata().json()).isEqualTo("{\"a\":{\"b\":\"x\"}}");
    assertThat(tree(response.body()))
        .isEqualTo(
            tree(
                """
                [{"counter_name": "cpu", "counter_type": "cumulative", "counter_unit": "ns",
                  "counter_volume": 1.5, "resource_id": "r1", "project_id": "p1",
                  "user_id": null, "source": "p1:openstack",
                  "timestamp": "2016-05-06T12:34:56.500000",
                  "resource_metadata": {"a.b": "x"}, "message_id": "ID"}]"""
                    .replace(
                        "ID", SampleId.of(sample.series(), sample.timestamp(), sample.key()))));
  }

  @Test
  void aCallerIsKeptToItsProject() throws Exception {
    HttpRequest own = server.request("/v2/samples").header("X-Project-Id", "p1").build();
    assertThat(server.send(own).statusCode()).isEqualTo(200);
    assertThat(server.queries.askedFilter.equal()).isEqualTo(Map.of(SeriesField.PROJECT_ID, "p1"));

    HttpRequest other =
        server
            .request("/v2/samples?q.field=project_id&q.value=p2")
            .header("X-Project-Id", "p1")
            .header("X-Roles", "member")
            .build();
    assertError(server.send(other), 401, "Not Authorized to access project p2");

    HttpRequest admin =
        server
            .request("/v2/samples")
            .header("X-Project-Id", "p1")
            .header("X-Roles", "member, Admin")
            .build();
    assertThat(server.send(admin).statusCode()).isEqualTo(200);
    assertThat(server.queries.askedFilter).isEqualTo(SampleFilter.ALL);
  }

  @Test
  void headIsGetWithoutTheBody() throws Exception {
    for (String path : List.of("/", "/health/live", "/v2/meters", "/metrics")) {
      HttpResponse<String> response =
          server.send(
              server.request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  void tellsItsVersionsHealthAndMetrics() throws Exception {
    assertThat(tree(server.get("/").body()).at("/versions/values/0/id").asText()).isEqualTo("v2");
    assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    assertThat(server.get("/health/ready/").statusCode()).isEqualTo(200);
    server.unready = "collector 3 recovers";
    assertError(server.get("/health/ready"), 503, "collector 3 recovers");
    assertThat(server.get("/health/live").statusCode()).isEqualTo(200);

    assertThat(server.get("/metrics").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    HttpRequest open =
        server
            .request("/metrics")
            .header("Accept", "application/openmetrics-text; version=1.0.0")
            .build();
    assertThat(server.send(open).body()).endsWith("# EOF\n");
  }

  private static StoredSample stored() {
    Metadata metadata = Metadata.of(Map.of("a", Map.of("b", Map.of("c", true))));
    return new StoredSample(
        "the-id", new Sample(CPU, NOON, 1.5, 7, metadata), NOON / 1_000_000 + 1);
  }

  private static StatisticsRow row(SortedMap<String, String> group, long first, long last) {
    return new StatisticsRow(
        "ns",
        group,
        3600,
        NOON - 60_000_000,
        NOON - 60_000_000 + 3_600_000_000L,
        first,
        last,
        2,
        1,
        2,
        3,
        1.5,
        0.5,
        new TreeMap<>(Map.of(SeriesField.USER_ID, 4L)));
  }
}
