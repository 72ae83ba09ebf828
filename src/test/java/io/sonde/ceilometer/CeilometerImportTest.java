package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.pipeline.PipelineSettings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CeilometerImportTest {
  private static final Config SONDE = ConfigFactory.load().getConfig("sonde");

  @TempDir Path folder;

  @Test
  void aFileOfNewtonBecomesPipelinesThatSondeTakes() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.NEWTON);
    files.pipeline(given("newton_pipeline.yaml"));
    Imported imported = files.result();

    PipelineSettings settings =
        PipelineSettings.from(
            ConfigFactory.parseString(imported.text())
                .getConfig("sonde.pipeline")
                .withFallback(SONDE.getConfig("pipeline")));
    assertThat(settings.sources())
        .extracting(source -> source.name() + source.meters() + source.sinks())
        .containsExactly("everything[*, !power.*][store]", "processor-source[cpu][processor_sink]");
    assertThat(settings.sinks())
        .extracting(sink -> sink.name() + sink.publishers())
        .containsExactly("store[collector://]", "processor_sink[collector://]");
    assertThat(settings.sinks().get(1).transformers())
        .extracting(step -> step.name())
        .containsExactly("rate_of_change", "unit_conversion");
    assertThat(imported.summary()).isEqualTo("carried over: 2 sources, 2 sinks; 3 notes; 4 lost");
    assertThat(imported.remarks())
        .extracting(remark -> remark.line() + " " + remark.kind())
        .containsExactly(
            "3 LOST", "10 LOST", "10 NOTE", "23 NOTE", "46 NOTE", "47 LOST", "50 LOST");
  }

  @Test
  void theTextNamesThePlacesAndWhatIsLost() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT);
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
            #   %2$s:3: lost: polling of instances (2 meters every 300 s): \
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
            """
                .formatted(pipeline));
    assertThat(files.result().summary())
        .isEqualTo("carried over: 1 source, 1 sink; 2 notes; 2 lost");
  }

  @Test
  void eventPipelinesAreWrittenWhereTheConfigurationHasThem() throws IOException {
    CeilometerImport files =
        new CeilometerImport(
            Release.CURRENT,
            sink -> Optional.empty(),
            (list, definition) -> Optional.empty(),
            true);
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
  void eventPipelinesAreLostWhereItHasNone() throws IOException {
    CeilometerImport files = importing(Release.CURRENT, false);
    files.eventPipeline(given("event_pipeline.yaml"));
    Imported imported = files.result();

    assertThat(ConfigFactory.parseString(imported.text())).isEqualTo(ConfigFactory.empty());
    assertThat(imported.remarks())
        .extracting(remark -> remark.line() + " " + remark.kind() + " " + remark.text())
        .containsExactly(
            "2 LOST the source instances takes some events only: a later version can; all are stored",
            "9 LOST the sink both: a later version publishes events");
  }

  @Test
  void toStoreAllEventsNeedsNoPipeline() throws IOException {
    CeilometerImport files = importing(Release.NEWTON, false);
    files.eventPipeline(given("newton_event_pipeline.yaml"));
    assertThat(files.result().summary())
        .isEqualTo("carried over: 0 sources, 0 sinks; 1 note; 0 lost");
  }

  @Test
  void pipelinesThatAreLostAltogetherDoNotEmptySondes() throws IOException {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT);
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
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT);
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
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT);
    files.pollsters(given("pollsters.d"));
    assertThat(files.result().summary())
        .isEqualTo("carried over: 0 sources, 0 sinks; 1 note; 4 lost");
  }

  @Test
  void whatHasNothingInItIsNoneOfItsFiles() throws IOException {
    Path empty = written("---\n");
    refused(() -> CeilometerImport.into(SONDE, Release.CURRENT).pipeline(empty))
        .withMessage(empty + ":1: expected Ceilometer's YAML, found nothing");
  }

  @Test
  void whatCannotBeReadIsNamed() {
    CeilometerImport files = CeilometerImport.into(SONDE, Release.CURRENT);
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

  private static CeilometerImport importing(Release release, boolean hasEventPipelines) {
    return new CeilometerImport(
        release,
        sink -> Optional.empty(),
        (list, definition) -> Optional.empty(),
        hasEventPipelines);
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
