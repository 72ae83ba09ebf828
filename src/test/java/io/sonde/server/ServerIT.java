package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One server with the pipeline that comes with it, polling what it polls by default, only faster.
 */
@Timeout(120)
class ServerIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final double MIB = 1 << 20;

  @RegisterExtension static final SondeProcesses SONDES = new SondeProcesses();

  private static SondeProcess server;

  private final HttpJson http = new HttpJson();

  /** What is stored of one series, by time. */
  private record Volumes(TreeMap<LocalDateTime, Double> byTime) {
    private static Volumes of(JsonNode samples) {
      TreeMap<LocalDateTime, Double> byTime = new TreeMap<>();
      for (JsonNode sample : samples) {
        LocalDateTime time = LocalDateTime.parse(sample.required("timestamp").asText());
        assertThat(byTime.put(time, sample.required("counter_volume").asDouble()))
            .as("a second sample at " + time)
            .isNull();
      }
      return new Volumes(byTime);
    }

    private LocalDateTime newest() {
      return byTime.isEmpty() ? LocalDateTime.MIN : byTime.lastKey();
    }
  }

  @BeforeAll
  static void startServer() {
    server =
        SONDES
            .server(
                "data",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.sources=[{name=host,discovery=local-host,interval=1s},"
                    + "{name=self,discovery=local-metrics,interval=1s}]")
            .start();
  }

  @Test
  void theHostIsMeteredWithinHalfAMinute() throws IOException {
    List<String> expected =
        new ArrayList<>(List.of("cpu", "cpu_util", "vcpus", "hardware.cpu.load.1min", "memory"));
    expected.addAll(List.of("memory.usage", "memory.available", "disk.capacity", "disk.usage"));
    if (hasNetwork()) {
      for (String meter : List.of("incoming.bytes", "outgoing.bytes", "incoming.packets")) {
        expected.addAll(List.of("network." + meter, "network." + meter + ".rate"));
      }
    }
    Wait.until(SOON, "meters " + expected, () -> meters().keySet().containsAll(expected));
    assertThat(meters()).containsEntry("cpu", "cumulative").containsEntry("cpu_util", "gauge");
  }

  @Test
  void itsOwnMetricsAreMeters() {
    List<String> expected =
        List.of(
            "sonde_collector_samples_total", "sonde_poll_outcomes_total", "jvm_threads_current");
    Wait.until(SOON, "meters " + expected, () -> meters().keySet().containsAll(expected));
    assertThat(meters())
        .containsEntry("sonde_collector_samples_total", "cumulative")
        .containsEntry("jvm_threads_current", "gauge");
  }

  @Test
  void theUseOfProcessorsIsAPercentage() {
    String question = "v2/meters/cpu_util/statistics?period=60";
    Wait.until(SOON, "statistics of cpu_util", () -> !ask(question).isEmpty());
    for (JsonNode row : ask(question)) {
      assertThat(row.required("unit").asText()).isEqualTo("%");
      assertThat(row.required("period").asInt()).isEqualTo(60);
      assertThat(row.required("count").asInt()).isPositive();
      double min = row.required("min").asDouble();
      double max = row.required("max").asDouble();
      assertThat(min).isBetween(0.0, max);
      assertThat(max).isLessThanOrEqualTo(100);
      assertThat(row.required("avg").asDouble()).isBetween(min, max);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theTimeOfProcessorsIsTheKernels() throws IOException {
    LocalDateTime begin = LocalDateTime.now(Clock.systemUTC());
    double before = busyNanos();
    Wait.until(SOON, "a sample of cpu", () -> samples("cpu").newest().isAfter(begin));
    double after = busyNanos();
    // Sonde counts in whole ticks, too.
    assertThat(samples("cpu").byTime().higherEntry(begin).getValue()).isBetween(before, after);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void memoryIsTheKernels() throws IOException {
    Wait.until(SOON, "memory", () -> !samples("memory.available").byTime().isEmpty());
    double total = kibibytes("MemTotal") * 1024 / MIB;
    assertThat(samples("memory").byTime().values()).containsOnly(total);
    assertThat(samples("memory.available").byTime().lastEntry().getValue())
        .isCloseTo(kibibytes("MemAvailable") * 1024 / MIB, within(total / 8));
  }

  @Test
  void healthAndMetricsAnswer() {
    assertThat(answer("health/live").statusCode()).isEqualTo(200);
    assertThat(answer("health/ready").statusCode()).isEqualTo(200);
    HttpResponse<String> metrics = answer("metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain")
        .contains("version=0.0.4");
    assertThat(metrics.body())
        .containsPattern("(?m)^# TYPE sonde_notification_received_samples_total counter$")
        .containsPattern("(?m)^sonde_collector_events_total [0-9.E]+$")
        .containsPattern("(?m)^jvm_memory_used_bytes\\{area=\"heap\"} [0-9.E]+$");
  }

  /** Anybody may push a meter of this name: rates are made of what Sonde itself has read only. */
  @Test
  void nothingIsDerivedFromWhatIsPushed() throws IOException, InterruptedException {
    String sample =
        "{\"counter_name\":\"cpu\",\"counter_type\":\"cumulative\",\"counter_unit\":\"ns\","
            + "\"counter_volume\":%d000000000,\"resource_id\":\"pushed\","
            + "\"timestamp\":\"2026-01-01T00:00:0%d\",\"message_id\":\"pushed-%d\"}";
    String body =
        "["
            + String.join(
                ",", IntStream.range(1, 9).mapToObj(i -> sample.formatted(i, i, i)).toList())
            + "]";
    assertThat(http.post(server.base(), "v2/samples", body).statusCode()).isEqualTo(201);
    // The answer comes after all that is made of it is stored.
    String ofPushed = "?q.field=resource_id&q.value=pushed";
    assertThat(ask("v2/meters/cpu" + ofPushed)).hasSize(8);
    assertThat(ask("v2/meters" + ofPushed)).hasSize(1);
  }

  @Test
  void aRestartKeepsWhatIsStoredAndRatesGoOn() throws IOException, InterruptedException {
    String event =
        "[{\"message_id\":\"e-1\",\"event_type\":\"power.on\","
            + "\"generated\":\"2026-01-01T00:00:00\",\"traits\":[[\"watts\",2,350]]}]";
    assertThat(http.post(server.base(), "v2/events", event).statusCode()).isEqualTo(201);
    JsonNode recorded = ask("v2/events/e-1");
    Wait.until(SOON, "a rate", () -> !samples("cpu_util").byTime().isEmpty());
    Volumes before = samples("cpu");
    Volumes ratesBefore = samples("cpu_util");

    long begin = System.nanoTime();
    assertThat(server.terminate()).as("exit code after SIGTERM").isEqualTo(143);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(took).isLessThan(STOP);
    assertThat(server.postgresRuns()).as("PostgreSQL after a clean stop").isFalse();
    assertThat(server.output()).doesNotContain(" WARN ", " ERROR ");
    LocalDateTime stopped = LocalDateTime.now(Clock.systemUTC());
    System.out.println("ServerIT: stopped within " + took.toMillis() + " ms");

    server.start();
    Wait.until(
        SOON,
        "two rates after the restart",
        () -> samples("cpu_util").byTime().tailMap(stopped).size() >= 2);
    Volumes rates = samples("cpu_util");
    Volumes readings = samples("cpu");
    assertThat(readings.byTime()).containsAllEntriesOf(before.byTime());
    assertThat(rates.byTime()).containsAllEntriesOf(ratesBefore.byTime());
    assertThat(ask("v2/events?q.field=watts&q.op=gt&q.value=349&q.type=integer"))
        .containsExactly(recorded);
    // Nothing begins anew: the first rate after the restart spans it.
    assertThat(answer("metrics").body())
        .doesNotContain("sonde_pipeline_skipped_samples_total{reason=\"first\",sink=\"cpu-rate\"}");
    assertRatesFollowFrom(readings, rates);
    assertThat(server.output()).doesNotContain(" WARN ", " ERROR ");
  }

  /**
   * A stop in the middle of a poll may have stored its reading or its rate only. Rates are made
   * with the poller's own clock; timestamps are whole milliseconds of the wall clock.
   */
  private void assertRatesFollowFrom(Volumes readings, Volumes rates) {
    double processors = samples("vcpus").byTime().lastEntry().getValue();
    LocalDateTime last = readings.byTime().firstKey();
    int compared = 0;
    for (Map.Entry<LocalDateTime, Double> rate : rates.byTime().entrySet()) {
      LocalDateTime now = rate.getKey();
      Double from = readings.byTime().get(last);
      Double to = readings.byTime().get(now);
      if (from != null && to != null) {
        double nanos = Duration.between(last, now).toNanos();
        assertThat(rate.getValue())
            .as("rate from " + last + " to " + now)
            .isCloseTo(Math.min(100, 100 * (to - from) / nanos / processors), within(0.5));
        compared++;
      }
      last = now;
    }
    assertThat(compared).isGreaterThanOrEqualTo(rates.byTime().size() - 2);
    Set<LocalDateTime> withoutRate = new TreeSet<>(readings.byTime().headMap(last).keySet());
    withoutRate.removeAll(rates.byTime().keySet());
    assertThat(withoutRate).as("readings without a rate").hasSizeLessThanOrEqualTo(2);
  }

  private Map<String, String> meters() {
    Map<String, String> types = new TreeMap<>();
    for (JsonNode meter : ask("v2/meters?unique=True&limit=10000")) {
      types.put(meter.required("name").asText(), meter.required("type").asText());
    }
    return types;
  }

  /** The volumes of a meter of the host as a whole. */
  private Volumes samples(String meter) {
    JsonNode vcpus = ask("v2/meters/vcpus?limit=1");
    if (vcpus.isEmpty()) {
      return new Volumes(new TreeMap<>());
    }
    String host = HttpJson.encode(vcpus.get(0).required("resource_id").asText());
    return Volumes.of(
        ask("v2/meters/" + meter + "?q.field=resource_id&q.value=" + host + "&limit=10000"));
  }

  private JsonNode ask(String pathAndQuery) {
    return http.get(server.base(), pathAndQuery);
  }

  private HttpResponse<String> answer(String path) {
    return http.answer(server.base(), path);
  }

  private static boolean hasNetwork() throws IOException {
    for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
      if (one.isUp() && !one.isLoopback() && one.getHardwareAddress() != null) {
        return true;
      }
    }
    return false;
  }

  /** User, nice, system, interrupts and stolen time of all processors. */
  private static double busyNanos() throws IOException {
    String[] ticks = firstLine(Path.of("/proc/stat")).split(" +", -1);
    double nanosOfTick = 1e7;
    return IntStream.of(1, 2, 3, 6, 7, 8).mapToLong(i -> Long.parseLong(ticks[i])).sum()
        * nanosOfTick;
  }

  private static String firstLine(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.US_ASCII)) {
      return lines.findFirst().orElseThrow();
    }
  }

  private static double kibibytes(String name) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"), StandardCharsets.US_ASCII)) {
      String line = lines.filter(one -> one.startsWith(name + ":")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    }
  }
}
