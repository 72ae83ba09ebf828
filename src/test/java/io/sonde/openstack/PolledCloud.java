package io.sonde.openstack;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A cloud and the pollster that reads it. */
final class PolledCloud implements AutoCloseable {
  static final Duration DEADLINE = Duration.ofSeconds(10);

  final TestCloud cloud = new TestCloud();
  private Pollster pollster;

  PolledCloud() throws IOException {
    configure("");
  }

  /** Begins anew with these parameters. */
  void configure(String more) {
    Config parameters =
        ConfigFactory.parseString(
            """
            cloud { auth-url = "%s/identity", username = sonde, password = %s, project = service }
            %s
            """
                .formatted(cloud.url(), TestCloud.PASSWORD, more));
    pollster = OpenStackPollster.factory().create(ConfigSection.of(parameters, "openstack"));
    pollster.start(cloud.context());
  }

  Pollster pollster() {
    return pollster;
  }

  Findings find(String discovery, String... meters) {
    return find(discovery, DEADLINE, meters);
  }

  Findings find(String discovery, Duration deadline, String... meters) {
    List<String> patterns = meters.length == 0 ? List.of("*") : List.of(meters);
    Discovery found =
        pollster.discoveries().stream()
            .filter(one -> one.name().equals(discovery))
            .findFirst()
            .orElseThrow();
    return found
        .find(new Search("source", "", NameFilter.of(patterns, "meters"), deadline))
        .toCompletableFuture()
        .join();
  }

  /** All samples, each as {@code resource project meter type unit volume}, in their order. */
  static List<String> lines(Findings findings) {
    return findings.found().stream()
        .filter(found -> found.reading() != null)
        .flatMap(found -> found.reading().samples().stream())
        .map(PolledCloud::line)
        .toList();
  }

  static String line(Sample sample) {
    return String.join(
        " ",
        sample.series().resourceId(),
        String.valueOf(sample.series().projectId()),
        sample.series().meter(),
        sample.series().type().toString().toLowerCase(Locale.ROOT),
        sample.series().unit().isEmpty() ? "''" : sample.series().unit(),
        String.valueOf(sample.volume()));
  }

  /** The metadata of a resource that was read. */
  static String metadata(Findings findings, String resourceId) {
    Found found =
        findings.found().stream()
            .filter(one -> one.target().resourceId().equals(resourceId))
            .findFirst()
            .orElseThrow();
    return found.reading().metadata(0).json();
  }

  /** Why resources could not be read, by their ids. */
  static Map<String, String> failures(Findings findings) {
    Map<String, String> failures = new TreeMap<>();
    for (Found found : findings.found()) {
      if (found.failure() != null) {
        failures.put(found.target().resourceId(), found.failure());
      }
    }
    return failures;
  }

  @Override
  public void close() {
    cloud.close();
  }
}
