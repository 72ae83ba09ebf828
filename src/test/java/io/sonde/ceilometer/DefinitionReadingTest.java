package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionReadingTest {
  private static final String NOT_YET = ": Sonde does not take notifications yet";

  private final Remarks remarks = new Remarks();

  @Test
  void eachMeterIsLostUnlessItDoesNotCount() throws IOException {
    new DefinitionReading(Release.NEWTON, remarks).meters(parse(file("meters.yaml")));

    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: the meter volume.size has another definition, which counts",
            "f:11: note: the meter volume.count only counts notifications: off there by default"
                + " (disable_non_metric_meters)",
            "f:17: lost: the meter volume.size" + NOT_YET,
            "f:23: lost: Ceilometer skips this meter: Invalid type price specified",
            "f:29: lost: Ceilometer skips this meter: Required fields [type, unit, volume,"
                + " resource_id] not specified",
            "f:32: lost: the meter $.payload.measurements[*].name" + NOT_YET);
  }

  @Test
  void laterReleasesCountNotificationsTooAndTheFirstFileGoesBefore() throws IOException {
    DefinitionReading reading = new DefinitionReading(Release.CURRENT, remarks);
    reading.meters(parse(file("meters.yaml")));
    reading.meters(
        YamlFile.parse(
            "g",
            """
            metric: [{name: volume.size, type: gauge, event_type: e, unit: B, volume: 1, resource_id: r}]
            """
                .getBytes(StandardCharsets.UTF_8),
            remarks));

    assertThat(shown(remarks))
        .contains(
            "f:11: lost: the meter volume.count" + NOT_YET,
            "g:1: note: the meter volume.size has another definition, which counts");
  }

  @Test
  void eventsAreLostByTheirTypes() throws IOException {
    new DefinitionReading(Release.CURRENT, remarks).events(parse(file("event_definitions.yaml")));

    assertThat(shown(remarks))
        .containsExactly(
            "f:2: lost: the events compute.instance.*" + NOT_YET,
            "f:10: lost: the events compute.instance.exists, !compute.instance.update" + NOT_YET);
  }

  @Test
  void pollstersAreLostByTheirNames() throws IOException {
    new DefinitionReading(Release.CURRENT, remarks)
        .pollsters(parse(file("pollsters.d/load_balancers.yaml")));

    assertThat(shown(remarks))
        .containsExactly(
            "f:2: lost: the pollster dynamic.network.services.lb.active: Sonde does not ask services"
                + " of OpenStack yet",
            "f:8: lost: the pollster dynamic.host.load: Sonde does not ask services of OpenStack yet",
            "f:13: note: the pollster dynamic.network.services.lb.active has another definition,"
                + " which counts",
            "f:19: lost: Ceilometer skips this pollster: Invalid name no such name",
            "f:25: lost: Ceilometer skips this pollster: Required fields [unit, value_attribute,"
                + " url_path, endpoint_type] not specified");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "events|{}|expected a list of definitions, found a map",
        "events|[{traits: {}}]|Required field event_type not specified",
        "events|[{event_type: a}]|Required field traits not specified",
        "events|[{event_type: a, traits: {t: {fields: p, type: odd}}}]|Invalid trait type 'odd' for trait t",
        "events|[{event_type: a, traits: {t: {type: int}}}]|The field 'fields' is required for t",
        "events|[{event_type: a, traits: {t: [{}]}}]|expected a text, found a map",
        "events|[{event_type: {}, traits: {}}]|expected a type of events, or a list of them, found a map",
        "meters|[]|expected a map with the key metric, found a list",
        "meters|{metrics: []}|expected the key metric, a list of definitions",
        "meters|{metric: [3]}|expected a definition, a map, found 3",
        "pollsters|{name: a}|expected a list of definitions, found a map",
      })
  void whatIsOfAnotherFormIsRefused(String kind, String text, String message) {
    DefinitionReading reading = new DefinitionReading(Release.CURRENT, remarks);
    refused(
            () -> {
              switch (kind) {
                case "events" -> reading.events(parse(text));
                case "meters" -> reading.meters(parse(text));
                default -> reading.pollsters(parse(text));
              }
            })
        .withMessage("f:1: " + message);
  }

  private static String file(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(
            DefinitionReadingTest.class.getResourceAsStream("/ceilometer/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
