package io.sonde.dynamic;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A pollster that was started with some definitions. */
final class Polled implements AutoCloseable {
  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  static final int MAX_BODY = 100_000;

  private final Pollster pollster;

  /**
   * @param parameters what stands at {@code sonde.polling.pollsters.dynamic}
   */
  Polled(Config parameters) {
    pollster =
        DynamicPollster.factory()
            .create(ConfigSection.of(parameters, "sonde.polling.pollsters.dynamic"));
    pollster.start(
        new PollingContext(
            "host-1",
            "http://h/",
            MAX_BODY,
            Runnable::run,
            Clock.fixed(NOON, ZoneOffset.UTC),
            count -> {}));
  }

  static Polled with(String definitions, String... more) {
    return new Polled(
        ConfigFactory.parseString(
            "definitions = [" + definitions + "]\n" + String.join("\n", more)));
  }

  static String cloud(AskedServer server) {
    return "cloud { auth-url = \"%s/identity\", username = u, password = %s, project = p }"
        .formatted(server.url(), AskedServer.PASSWORD);
  }

  Findings find(String... meters) throws Exception {
    return find("dynamic", "", Duration.ofSeconds(30), meters);
  }

  Findings find(String discovery, String parameter, Duration deadline, String... meters)
      throws Exception {
    List<String> patterns = meters.length == 0 ? List.of("*") : List.of(meters);
    Discovery one =
        pollster.discoveries().stream()
            .filter(each -> each.name().equals(discovery))
            .findAny()
            .orElseThrow();
    return one.find(new Search("source", parameter, NameFilter.of(patterns, "meters"), deadline))
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  /** {@code resource meter volume} of all samples. */
  static List<String> shown(Findings findings) {
    List<String> shown = new ArrayList<>();
    for (Sample sample : samples(findings)) {
      shown.add(
          sample.series().resourceId() + " " + sample.series().meter() + " " + sample.volume());
    }
    return shown;
  }

  static List<Sample> samples(Findings findings) {
    List<Sample> samples = new ArrayList<>();
    for (Found found : findings.found()) {
      if (found.reading() != null) {
        samples.addAll(found.reading().samples());
      }
    }
    return samples;
  }

  @Override
  public void close() {
    pollster.close();
  }
}
