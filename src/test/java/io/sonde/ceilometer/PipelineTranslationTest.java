package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.publish.Publishers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineTranslationTest {
  private static final SinkCheck TAKES_ALL = sink -> Optional.empty();

  private final Remarks remarks = new Remarks();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|f:1: expected a map with sources and sinks, found a list",
        "{sources: []}|f:1: Both sources & sinks are required",
        "{sinks: []}|f:1: Both sources & sinks are required",
        "{sources: 3, sinks: []}|f:1: expected a list of sources, found 3",
        "{sources: [x], sinks: []}|f:1: expected a source, a map, found x",
        "{sources: [{meters: [a]}], sinks: []}|f:1: Required field name not specified",
        "{sources: [], sinks: [{publishers: [a]}]}|f:1: Required field name not specified",
        "{sources: [], sinks: [{name: s}]}|f:1: No publisher specified",
        "{sources: [], sinks: [{name: s, publishers: 'udp://me:secret@h'}]}"
            + "|f:1: expected a list of the URLs of publishers, found udp://me:***@h",
        "{sources: [], sinks: [{name: s, publishers: []}]}|f:1: No publisher specified",
        "{sources: [], sinks: [{name: s, publishers: ~}]}|f:1: No publisher specified",
        "{sources: [], sinks: [&s {name: s, publishers: [a]}, *s]}|f:1: Duplicated sink names: s",
        "{sources: [{name: a}], sinks: []}|f:1: Missing meters value",
        "{sources: [{name: a, meters: [m]}], sinks: []}|f:1: Required field sinks not specified",
        "{sources: [{name: a, meters: [m], sinks: []}], sinks: []}|f:1: No sink defined in source a",
        "{sources: [{name: a, meters: [m], sinks: [s]}], sinks: []}|f:1: Dangling sink s from source a",
        "{sources: [{name: a, counters: [m], sinks: [s]}], sinks: []}|f:1: Missing meters value",
      })
  void whatTheOriginalRefusesIsRefusedInItsWords(String text, String message) {
    refused(() -> translate(false, Release.CURRENT, text)).withMessage(message);
  }

  @Test
  void errorsNameTheirLines() {
    String sinks =
        "sinks:\n- {name: s, publishers: [notifier]}\n- {name: t, publishers: [notifier]}\n";
    refused(
            () ->
                translate(
                    false,
                    Release.CURRENT,
                    sinks + "sources:\n- name: a\n  meters: [x]\n  sinks:\n  - s\n  - t\n  - s\n"))
        .withMessage("f:10: Duplicate pipeline name: a:s. Ensure pipeline names are unique.");
    refused(
            () ->
                translate(
                    false,
                    Release.CURRENT,
                    sinks + "sources:\n- name: s\n  meters: [x]\n  sinks: [s, s]\n"))
        .withMessage("f:7: Duplicate pipeline name: s. Ensure pipeline names are unique.");
    refused(
            () ->
                translate(
                    false,
                    Release.CURRENT,
                    sinks + "sources:\n- &a\n  name: a\n  meters: [x]\n  sinks: [s]\n- *a\n"))
        .withMessage("f:6: Duplicated source names: a");
    refused(() -> translate(true, Release.CURRENT, sinks + "sources:\n- {name: a, sinks: [s]}\n"))
        .withMessage("f:5: No events specified");
    refused(() -> translate(false, Release.NEWTON, sinks + "sources:\n- {name: a, meters: [m]}\n"))
        .withMessage("f:5: No sink defined in source a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "interval: 0|f:1: Interval value should > 0",
        "interval: soon|f:1: Invalid interval value",
        "resources: here|f:1: Resources should be a list",
        "discovery: {a: b}|f:1: Discovery should be a list",
      })
  void pollingIsCheckedWhereItSitsInThisFile(String key, String message) {
    String text =
        "{sources: [{name: a, meters: [m], sinks: [s], "
            + key
            + "}], sinks: [{name: s, publishers: [notifier]}]}";
    refused(() -> translate(false, Release.NEWTON, text)).withMessage(message);
    assertThat(translate(false, Release.CURRENT, text).sources()).hasSize(1);
    assertThat(shown(remarks)).anyMatch(line -> line.contains("(--release newton reads it here)"));
  }

  @Test
  void namesThatSondeDoesNotTakeAreChangedWhereverTheyStand() {
    Pipes pipes =
        translate(
            false,
            Release.CURRENT,
            """
            sources:
            - name: all meters
              meters: ['*']
              sinks: ["to: store"]
            sinks:
            - name: "to: store"
              publishers: [notifier://]
            """);

    assertThat(pipes.sources().get(0).keys())
        .isEqualTo(
            Map.of("name", "all-meters", "meters", List.of("*"), "sinks", List.of("to-store")));
    assertThat(pipes.sinks().get(0).keys())
        .isEqualTo(Map.of("name", "to-store", "publishers", List.of("collector://")));
    assertThat(shown(remarks))
        .containsExactly(
            "f:2: note: the name all meters becomes all-meters: letters, digits, dots, - and _",
            "f:6: note: the name to: store becomes to-store: letters, digits, dots, - and _");
  }

  @Test
  void whatIsLostTakesAlongWhatLeadsThereOnly() {
    Pipes pipes =
        translate(
            false,
            Release.NEWTON,
            """
            sources:
            - {name: a, meters: [x], sinks: [queue]}
            - {name: b, meters: [y], sinks: [queue, store]}
            - {name: c, meters: [''], sinks: [store]}
            sinks:
            - name: queue
              publishers:
              - zaqar://?queue=q
              - test://
            - name: store
              publishers: [notifier]
            """);

    assertThat(pipes.sources()).hasSize(1);
    assertThat(pipes.sources().get(0).keys()).containsEntry("sinks", List.of("store"));
    assertThat(pipes.sinks()).hasSize(1);
    assertThat(shown(remarks).stream())
        .containsExactly(
            "f:2: lost: the source a leads nowhere: none of its sinks is left",
            "f:4: note: \"\" is left out: no name matches it",
            "f:4: lost: none of these patterns matches anything",
            "f:6: lost: the sink queue: none of its publishers could be carried over",
            "f:8: lost: Sonde does not publish to Zaqar",
            "f:9: lost: test:// keeps what it gets in memory, for tests of Ceilometer");
  }

  @Test
  void aSinkWithoutOneOfItsStepsIsLost() {
    SinkCheck refusesDelta =
        sink ->
            sink.toString().contains("delta")
                ? Optional.of("transformers[0].name: no")
                : Optional.empty();
    Pipes pipes =
        new PipelineTranslation(
                false,
                Release.NEWTON,
                refusesDelta,
                new PollingReading(Release.NEWTON, remarks),
                remarks)
            .translate(
                parse(
                    """
                    sources: []
                    sinks:
                    - name: changed
                      transformers:
                      - {name: rate_of_change, parameters: ~}
                      - {name: delta, parameters: ~}
                      publishers: [notifier]
                    """));

    assertThat(pipes.sinks()).isEmpty();
    assertThat(shown(remarks))
        .containsExactly(
            "f:3: lost: the sink changed: not all of its transformers could be carried over",
            "f:6: lost: the transformer delta is not taken: name: no");
  }

  @Test
  void publishersThatReadWhatIsStoredNeedItStored() {
    SinkCheck needsCollector =
        sink ->
            ((List<?>) sink.get("publishers")).contains(Publishers.COLLECTOR)
                ? Optional.empty()
                : Optional.of("with others goes collector://");
    String text = "sources: []\nsinks:\n- name: out\n  publishers: ['udp://h:1', 'udp://h:2']\n";

    assertThat(
            new PipelineTranslation(
                    false,
                    Release.CURRENT,
                    needsCollector,
                    new PollingReading(Release.CURRENT, remarks),
                    remarks)
                .translate(parse(text))
                .sinks()
                .get(0)
                .keys())
        .containsEntry("publishers", List.of("collector://", "udp://h:1", "udp://h:2"));
    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: what the sink out publishes is stored too: publishers read what is stored");
    assertThat(translate(false, Release.CURRENT, text).sinks().get(0).keys())
        .containsEntry("publishers", List.of("udp://h:1", "udp://h:2"));
  }

  @Test
  void aSampleGoesThroughASinkOnceWhichIsSaidWhereItMatters() {
    translate(
        false,
        Release.CURRENT,
        """
        sources:
        - {name: a, meters: [cpu], sinks: [s]}
        - {name: b, meters: [memory], sinks: [s]}
        - {name: c, meters: ['*'], sinks: [s, t]}
        sinks:
        - {name: s, publishers: [notifier]}
        - {name: t, publishers: [notifier]}
        """);
    assertThat(shown(remarks))
        .containsExactly(
            "f:4: note: what both a and c take goes through the sink s once; there, twice",
            "f:4: note: what both b and c take goes through the sink s once; there, twice");
  }

  @Test
  void eventsHavePipelinesOfTheirOwnForm() {
    Pipes pipes =
        translate(
            true,
            Release.NEWTON,
            """
            sources:
            - name: a
              events: ['compute.*', 'volume.*']
              sinks: [s, t]
            sinks:
            - {name: s, transformers: , publishers: ['notifier://', 'kafka://h:9092']}
            - name: t
              transformers: [{name: delta, parameters: ~}]
              publishers: [notifier]
            """);

    assertThat(pipes.sources().get(0).keys())
        .isEqualTo(
            Map.of("name", "a", "events", List.of("compute.*", "volume.*"), "sinks", List.of("s")));
    assertThat(pipes.sinks().get(0).keys())
        .isEqualTo(Map.of("name", "s", "publishers", List.of("collector://", "kafka://h:9092")));
    assertThat(shown(remarks))
        .containsExactly(
            "f:7: lost: the sink t: not all of its transformers could be carried over",
            "f:8: lost: Sonde does not transform events");
  }

  @Test
  void keysThatNobodyReadsAreLeftOut() {
    translate(
        false,
        Release.CURRENT,
        """
        version: 2
        sources: [{name: a, meters: [m], sinks: [s], enabled: no}]
        sinks: [{name: s, publishers: [notifier], rate: 3}]
        """);
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: the key version is left out: Ceilometer does not read it",
            "f:2: note: the key enabled is left out: Ceilometer does not read it",
            "f:3: note: the key rate is left out: Ceilometer does not read it");
  }

  private Pipes translate(boolean isOfEvents, Release release, String text) {
    return new PipelineTranslation(
            isOfEvents, release, TAKES_ALL, new PollingReading(release, remarks), remarks)
        .translate(parse(text));
  }
}
