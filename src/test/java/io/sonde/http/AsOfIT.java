package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.query.LiveStreams;
import io.sonde.server.TestNode;
import io.sonde.server.TestPostgres;
import io.sonde.server.Wait;
import io.sonde.store.DatabaseSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An answer as of a second has the same digits whenever it is asked, wherever samples lie. */
class AsOfIT {
  private static final long MICROS = 1_000_000;
  private static final long DAY = 86_400 * MICROS;
  private static final List<MeterType> TYPES = List.of(MeterType.values());
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] SETTINGS = {
    "sonde.collector.flush-interval=0s",
    "sonde.collector.chunk-samples=30",
    "sonde.collector.keep-flushed=1s"
  };

  @TempDir static Path folder;

  private final long today = Instant.now().getEpochSecond() / 86_400 * DAY;

  /** What hours sum up to serves, where nothing of them was recorded later. */
  private final String hours =
      "/v2/meters/m0/statistics?period=3600&q.field=timestamp&q.op=ge&q.value="
          + time(today - 2 * DAY);

  private final Random random = Seed.random();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Set<String> known = new TreeSet<>();
  private URI base;

  @Test
  void staysWhatItWas() throws Exception {
    try (TestPostgres postgres = TestPostgres.start(folder)) {
      DatabaseSettings settings = postgres.newDatabase();
      List<Long> seconds = new ArrayList<>();
      List<Set<String>> pushed = new ArrayList<>();
      Map<String, String> answers = new HashMap<>();
      try (TestNode node = TestNode.start(settings, SETTINGS)) {
        serve(node);
        for (int round = 0; round < 4; round++) {
          pushed.add(push(node));
          long recorded = now();
          seconds.add(recorded);
          for (String question : questions()) {
            String plain = answer(question);
            String asOf = answer(asOf(question, recorded));
            assertThat(asOf).as("as of now: %s", question).isEqualTo(plain);
            answers.put(asOf(question, recorded), asOf);
          }
          Wait.until(Duration.ofSeconds(5), "another second", () -> now() > recorded);
        }
        assertUnchanged(answers);
        for (int from = 0; from < 3; from++) {
          for (int to = from + 1; to < 4; to++) {
            Set<String> late = new TreeSet<>();
            pushed.subList(from + 1, to + 1).forEach(late::addAll);
            assertThat(late(seconds.get(from), seconds.get(to))).isEqualTo(late);
          }
        }
        // Late samples came to the first of the days: its rows are merged.
        String ofFirstDay = " FROM chunk WHERE to_time < " + (today - DAY);
        Wait.until(
            Duration.ofSeconds(20),
            "a row for each series and day",
            () ->
                TestPostgres.number(settings, "SELECT count(*)" + ofFirstDay)
                    == TestPostgres.number(
                        settings, "SELECT count(DISTINCT (collector, series))" + ofFirstDay));
        assertUnchanged(answers);
        assertThat(opened(asOf(hours, seconds.get(3)))).as("nothing came later").isZero();
        assertThat(opened(asOf(hours, seconds.get(0)))).as("late samples").isPositive();
      }
      try (TestNode node = TestNode.start(settings, SETTINGS)) {
        serve(node);
        assertUnchanged(answers);
        // As rows are that were written before the second was kept.
        TestPostgres.execute(settings, "UPDATE chunk SET recorded = NULL");
        assertUnchanged(answers);
        assertThat(opened(asOf(hours, seconds.get(3)))).isPositive();
        assertThat(opened(hours)).isZero();
        assertRefusals();
      }
    }
  }

  private void serve(TestNode node) throws Exception {
    base = ApiServer.over(node, LiveStreams.withoutCollectors(0), ApiServer.STREAM, node);
  }

  /** Samples of the two days before today, late as they are. */
  private Set<String> push(TestNode node) throws Exception {
    List<Sample> batch = new ArrayList<>();
    Set<String> ids = new TreeSet<>();
    while (batch.size() < 150) {
      int meter = random.nextInt(3);
      Series series =
          new Series(
              "s",
              "m" + meter,
              TYPES.get(meter),
              "B",
              "r" + random.nextInt(3),
              "p" + random.nextInt(2),
              null,
              Series.NO_DIMENSIONS);
      Sample sample =
          new Sample(
              series,
              today - DAY - random.nextLong(DAY / MICROS) * MICROS + DAY / 2,
              random.nextGaussian(),
              SampleKey.NONE,
              Metadata.of(Map.of("n", random.nextInt(3) + 0L)));
      String id = SampleId.of(series, sample.timestamp(), sample.key());
      if (known.add(id)) {
        ids.add(id);
        batch.add(sample);
      }
    }
    TestNode.get(node.collectors.add("store", SampleBatch.of(batch)));
    return ids;
  }

  private List<String> questions() {
    String period = "start=" + time(today - 2 * DAY) + "&end=" + time(today);
    return List.of(
        "/v2/samples?limit=10000",
        "/v2/meters/m1?limit=40",
        "/v2/meters/m0/statistics?period=3600",
        "/v2/meters/m1/statistics?groupby=project_id&groupby=metadata.n",
        "/v2/meters/m2/statistics?aggregate.func=stddev&aggregate.func=sum",
        "/v2/meters/m0/statistics?q.field=timestamp&q.op=gt&q.value=" + time(today - DAY + 7),
        "/v2/usage?meter=m0&gap=7200&per=day&groupby=resource_id&" + period,
        "/v2/usage?meter=m1&groupby=metadata.n&" + period,
        "/v2/usage?meter=m2&groupby=project_id&" + period);
  }

  private void assertUnchanged(Map<String, String> answers) throws Exception {
    for (Map.Entry<String, String> each : answers.entrySet()) {
      assertThat(answer(each.getKey())).as(each.getKey()).isEqualTo(each.getValue());
    }
  }

  /** The ids of late samples, page by page. */
  private Set<String> late(long after, long until) throws Exception {
    Set<String> ids = new TreeSet<>();
    String next =
        "/v2/audit/late?limit=70&after=" + time(after * MICROS) + "&until=" + time(until * MICROS);
    while (next != null) {
      HttpResponse<String> page = get(next);
      JSON.readTree(page.body()).forEach(sample -> ids.add(sample.get("id").asText()));
      next =
          page.headers()
              .firstValue("Link")
              .map(link -> link.replaceAll("<[^>]*?(/v2[^>]*)>.*", "$1"))
              .orElse(null);
    }
    return ids;
  }

  private int opened(String question) throws Exception {
    int opened = 0;
    for (JsonNode reading : JSON.readTree(answer(question + "&explain=true")).get("readings")) {
      opened += reading.get("opened").asInt();
      assertThat(reading.get("narrowed_by").has("as_of")).isEqualTo(question.contains("as_of="));
    }
    return opened;
  }

  private void assertRefusals() throws Exception {
    String future = time((now() + 3_600) * MICROS);
    for (String path :
        List.of("/v2/samples?", "/v2/meters/m0?", "/v2/meters/m0/statistics?", usage())) {
      assertRefused(path + "as_of=" + future, "as_of. Value: '" + future + "'. a time up to now");
      assertRefused(path + "as_of=noon", "as_of. Value: 'noon'.");
    }
    assertRefused("/v2/audit/late", "field/attribute after. Value: 'None'. Mandatory");
    assertRefused("/v2/audit/late?after=" + future, "after. Value: '" + future);
    assertRefused(
        "/v2/audit/late?after=2020-01-02&until=2020-01-02", "until. Value: '2020-01-02'. a time");
  }

  private static String usage() {
    return "/v2/usage?meter=m0&start=2020-01-01&end=2020-01-02&";
  }

  private void assertRefused(String question, String why) throws Exception {
    HttpResponse<String> answer = get(question);
    assertThat(answer.statusCode()).as(question).isEqualTo(400);
    assertThat(JSON.readTree(answer.body()).at("/error_message/faultstring").asText())
        .contains(why);
  }

  private String answer(String question) throws Exception {
    HttpResponse<String> answer = get(question);
    assertThat(answer.statusCode()).as("%s: %s", question, answer.body()).isEqualTo(200);
    return answer.body();
  }

  private HttpResponse<String> get(String question) throws Exception {
    return client.send(
        HttpRequest.newBuilder(base.resolve(question)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String asOf(String question, long second) {
    return question + "&as_of=" + time(second * MICROS);
  }

  private static String time(long micros) {
    return Timestamps.format(micros);
  }

  private static long now() {
    return Instant.now().getEpochSecond();
  }
}
