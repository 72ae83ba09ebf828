package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.polling.PollingSettings;
import io.sonde.polling.PollingSource;
import io.sonde.polling.PollsterFactory;
import io.sonde.server.Pollsters;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CeilometerImportTest {
  private static final Config SONDE = ConfigFactory.load().getConfig("sonde");
  private static final List<PollsterFactory> POLLSTERS = Pollsters.all();

  @TempDir Path folder;

  @Test
  void aFileOfNewtonBecomesPipelinesThatSondeTakes() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.NEWTON, POLLSTERS);
    files.pipeline(given("newton_pipeline.yaml"));
    Imported imported = files.result();

    PipelineSettings settings =
        PipelineSettings.from(
            ConfigFactory.parseString(imported.text()).getConfig("sonde").withFallback(SONDE));
    assertThat(settings.sources())
        .extracting(source -> source.name() + source.meters() + source.sinks())
        .containsExactly("everything[*, !power.*][store]", "processor-source[cpu][processor_sink]");
    assertThat(settings.sinks())
        .extracting(sink -> sink.name() + sink.publishers())
        .containsExactly("store[collector://]", "processor_sink[collector://]");
    assertThat(settings.sinks().get(1).transformers())
        .extracting(step -> step.name())
        .containsExactly("rate_of_change", "unit_conversion");
    assertThat(imported.summary()).startsWith("carried over: 4 sources, 2 sinks; 5 notes; ");
    assertThat(imported.remarks())
        .extracting(Remark::toString)
        .anyMatch(
            each ->
                each.contains(":14: lost: polling of processor source: the resource opendaylight:"))
        .anyMatch(
            each ->
                each.contains(
                    ":10: note: polling of processor source is left out: the source everything polls"
                        + " its meters at the same interval"));
    assertThat(imported.remarks())
        .filteredOn(remark -> !remark.text().startsWith("polling of"))
        .extracting(remark -> remark.line() + " " + remark.kind())
        .containsExactly("10 NOTE", "16 NOTE", "23 NOTE", "46 NOTE", "47 LOST", "50 LOST");
    List<PollingSource> sources = polled(imported).sources();
    assertThat(sources)
        .extracting(source -> source.name() + " " + source.interval().toSeconds() + source.meters())
        .containsExactly(
            "host 10[*]",
            "self 10[*]",
            "everything 600[*, !power.*]",
            "everything-nova 600[instance]");
    assertThat(sources.get(2).discoveries())
        .extracting(PollingSource.DiscoveryCall::toString)
        .contains("libvirt", "cinder-volumes", "swift", "dynamic")
        .doesNotContain("nova");
  }

  @Test
  void theTextNamesThePlacesAndWhatIsLost() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    Path pipeline = given("pipeline.yaml");
    files.pipeline(pipeline);
    Path polling = given("polling.yaml");
    files.polling(polling);

    assertThat(files.result().text())
        .startsWith(
            """
            # Written by sonde import-ceilometer --release current from
            #   %1$s
            #   %2$s
            # Not carried over:
            #   %2$s:8: lost: polling of projects: Sonde has no pollster for energy

            """
                .formatted(pipeline, polling))
        .endsWith(
            """

            sonde.pipeline {
              sources = [
                # %1$s:3
                {
                  name = "meter_source"
                  meters = ["*"]
                  sinks = ["meter_sink"]
                }
              ]

              sinks = [
                # %1$s:9
                {
                  name = "meter_sink"
                  publishers = ["collector://"]
                }
              ]
            }

            sonde.polling {
              # %2$s:3
              sources += {
                name = "instances"
                interval = "300s"
                timeout = "60s"
                meters = ["cpu", "disk.device.*"]
                discovery = ["libvirt"]
              }
              # %2$s:8
              sources += {
                name = "projects"
                interval = "3600s"
                timeout = "60s"
                meters = ["storage.*"]
                discovery = ["swift"]
              }
            }
            """
                .formatted(pipeline, polling));
    assertThat(files.result().summary())
        .isEqualTo("carried over: 3 sources, 1 sink; 3 notes; 1 lost");
  }

  @Test
  void eventPipelinesAreWritten() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.eventPipeline(given("event_pipeline.yaml"));
    Imported imported = files.result();

    assertThat(ConfigFactory.parseString(imported.text()))
        .isEqualTo(
            ConfigFactory.parseString(
                """
                sonde.event-pipeline {
                  sources = [
                    {
                      name = instances
                      events = ["compute.instance.*", "compute.server_group.*"]
                      sinks = [both]
                    }
                  ]
                  sinks = [
                    {
                      name = both
                      publishers = ["collector://", "file:///var/tmp/events.jsonl?json"]
                    }
                  ]
                }
                """));
    assertThat(imported.summary()).isEqualTo("carried over: 1 source, 1 sink; 0 notes; 0 lost");
  }

  @Test
  void aPublisherThatTakesNoEventsIsSaid() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.eventPipeline(
        written(
            """
            sources: [{name: a, events: ['*'], sinks: [s]}]
            sinks:
              - name: s
                publishers: ['gnocchi://', 'udp://consumer']
            """));
    assertThat(files.result().remarks())
        .extracting(remark -> remark.line() + " " + remark.kind() + " " + remark.text())
        .contains(
            "4 LOST udp://consumer is not taken: \"udp://consumer\" is not the URL of a publisher"
                + " that takes events: docs/publishers.md");
    assertThat(
            ConfigFactory.parseString(files.result().text())
                .getConfigList("sonde.event-pipeline.sinks")
                .get(0)
                .getStringList("publishers"))
        .containsExactly("collector://");
  }

  @Test
  void pipelinesThatAreLostAltogetherDoNotEmptySondes() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.pipeline(
        written(
            """
            sources: [{name: a, meters: [x], sinks: [s]}]
            sinks: [{name: s, publishers: ['zaqar://?queue=q']}]
            """));
    Imported imported = files.result();

    assertThat(ConfigFactory.parseString(imported.text())).isEqualTo(ConfigFactory.empty());
    assertThat(imported.remarks())
        .anyMatch(
            remark ->
                remark.line() == 1
                    && remark.text().contains("no source is left")
                    && remark.text().endsWith("Sonde's own pipelines stay in force"));
  }

  @Test
  void nothingOfAFileBreaksOutOfItsComment() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.pipeline(
        written(
            """
            sources: [{name: "a\\nsonde.data-dir=x", meters: ['${HOME}"'], sinks: [s]}]
            sinks:
            - {name: s, publishers: [notifier]}
            - {name: "t\\nsonde.http.port=1", publishers: ["x\\ny=1://"]}
            """));
    Config config = ConfigFactory.parseString(files.result().text());

    assertThat(config.getConfig("sonde").root().keySet()).containsExactly("pipeline");
    assertThat(config.root().keySet()).containsExactly("sonde");
    assertThat(config.getConfigList("sonde.pipeline.sources").get(0).getStringList("meters"))
        .isEqualTo(List.of("${HOME}\""));
  }

  @Test
  void longListsTakeALineForEachEntry() {
    HoconText text = new HoconText();
    List<String> meters = List.of("a".repeat(60), "b".repeat(60));
    text.entries(1, new TreeMap<>(Map.of("meters", meters, "x y", 2)));

    assertThat(text.toString())
        .isEqualTo(
            "  meters = [\n    \"%s\"\n    \"%s\"\n  ]\n  \"x y\" = 2\n"
                .formatted(meters.get(0), meters.get(1)));
    assertThat(ConfigFactory.parseString(text.toString()).getStringList("meters"))
        .isEqualTo(meters);
  }

  @Test
  void pollstersAreReadFromAllFilesOfTheirFolder() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.pollsters(given("pollsters.d"));
    assertThat(files.result().summary())
        .isEqualTo("carried over: 0 sources, 0 sinks, 1 definition; 1 note; 3 lost");
  }

  @Test
  void pollsAndPollstersAreTakenTogether() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    files.polling(
        written(
            """
            sources:
            - {name: some, interval: 300, meters: [cpu, dynamic.network.services.lb.active, dns.zone.ttl]}
            """));
    files.pollsters(given("pollsters.d"));
    Imported imported = files.result();

    assertThat(polled(imported).sources().get(2).discoveries())
        .extracting(PollingSource.DiscoveryCall::toString)
        .containsExactly("libvirt", "dynamic");
    Config whole =
        ConfigFactory.parseString(imported.text()).withFallback(SONDE.atKey("sonde")).resolve();
    assertThat(whole.getConfigList("sonde.polling.pollsters.dynamic.definitions"))
        .extracting(definition -> definition.getString("name"))
        .contains("dns.zone.ttl", "dynamic.network.services.lb.active");
  }

  /** What a server would make of it. */
  private static PollingSettings polled(Imported imported) {
    Config whole =
        ConfigFactory.parseString(imported.text()).withFallback(SONDE.atKey("sonde")).resolve();
    return PollingSettings.from(whole.getConfig("sonde.polling"), POLLSTERS);
  }

  @Test
  void whatHasNothingInItIsNoneOfItsFiles() throws IOException {
    Path empty = written("---\n");
    refused(() -> CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS).pipeline(empty))
        .withMessage(empty + ":1: expected Ceilometer's YAML, found nothing");
  }

  @Test
  void whatCannotBeReadIsNamed() {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT, POLLSTERS);
    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> files.pipeline(missing))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(missing + ": not a file that can be read");
    assertThatThrownBy(() -> files.polling(folder))
        .hasMessage(folder + ": not a file that can be read");
    assertThatThrownBy(() -> files.pollsters(missing))
        .hasMessage(missing + ": not a folder that can be read");
  }

  private Path written(String text) throws IOException {
    return Files.writeString(folder.resolve("given.yaml"), text);
  }

  private static Path given(String name) {
    URL url =
        Objects.requireNonNull(CeilometerImportTest.class.getResource("/ceilometer/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
