package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.ceilometer.Pipes.Block;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionReadingTest {
  private final Remarks remarks = new Remarks();

  @Test
  void metersOfNewtonKeepTheirGlobsAndTheirRoot() throws IOException {
    DefinitionReading reading = reading(Release.NEWTON);
    reading.meters(parse(file("meters.yaml")));

    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: the meter volume.size has another definition, which counts",
            "f:11: note: the meter volume.count only counts notifications: off there by default"
                + " (disable_non_metric_meters)",
            "f:23: lost: Ceilometer skips this meter: Invalid type price specified",
            "f:29: lost: Ceilometer skips this meter: Required fields [type, unit, volume,"
                + " resource_id] not specified");
    assertThat(written(reading.meterBlocks()))
        .containsExactly(
            "{name=volume.size, event-type=volume.resize.*, type=gauge, unit=GB,"
                + " volume=$.payload.size, resource-id=$.payload.volume_id, root=flat}",
            "{name=$.payload.measurements[*].name, event-type=objectstore.http.request,"
                + " type=$.payload.measurements[*].kind, unit=B,"
                + " volume=$.payload.measurements[*].result, resource-id=$.payload.target.id,"
                + " lookup=[name, type, volume], root=flat}");
  }

  @Test
  void laterReleasesHaveExpressionsAndTheFirstFileGoesBefore() throws IOException {
    DefinitionReading reading = reading(Release.CURRENT);
    reading.meters(parse(file("meters.yaml")));
    reading.meters(
        parse(
            "metric: [{name: volume.size, type: gauge, event_type: e, unit: B,"
                + " volume: 1, resource_id: r}]"));

    assertThat(shown(remarks))
        .contains("f:1: note: the meter volume.size has another definition, which counts");
    assertThat(written(reading.meterBlocks()))
        .hasSize(3)
        .contains(
            "{name=volume.count, event-type-regex=[volume.create.*, volume.delete.*], type=gauge,"
                + " unit=volume, volume=1, resource-id=$.payload.volume_id}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: $.payload.kind|name=$.payload.kind",
        "name: payload.kind|name={fields=payload.kind}",
        "name: payloads.kind|name=payloads.kind",
        "name: \"'a' + $.payload.kind\"|name={fields='a' + $.payload.kind}",
        "unit: 7|unit=7",
        "volume: 2|volume=2",
        "volume: {fields: [a, b], plugin: timedelta}|volume={fields=[a, b], plugin=timedelta}",
        "volume: {fields: a, plugin: {name: split, parameters: {segment: 1, max_split: 2}}}|volume={fields=a, plugin={name=split, segment=1, max-split=2}}",
        "metadata: {a.b: payload.c}|metadata={a.b=payload.c}",
        "user_metadata: $.payload.tags|user-metadata=$.payload.tags",
        "user_id: [a, b]|user-id=[a, b]",
      })
  void attributes(String key, String written) {
    DefinitionReading reading = reading(Release.CURRENT);
    reading.meters(parse(meter(key)));

    assertThat(shown(remarks)).isEmpty();
    assertThat(written(reading.meterBlocks())).singleElement().asString().contains(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unit: '%'|lost: the meter m: unit.fields: \"%\" is not a path: position 1: '%' is no part of a path",
        "volume: 'a['|lost: the meter m: volume: \"a[\" is not a path: position 3: an index, a slice, *, a name or ?condition is expected, found the end",
        "volume: {fields: a, plugin: sum}|lost: the meter m: volume.plugin: \"sum\" is not one of split, timedelta, bitfield and map",
        "event_type: 'a('|lost: the meter m: event-type-regex: \"a(\" is not a regular expression: Unclosed group at 2",
        "lookup: unit|lost: the meter m: unit: \"u\" is not of use in lookup: it gives one value only",
        "lookup: user_id|note: lookup names user_id, which is not given: it is not looked up",
        "colour: red|note: the meter m: nothing reads the key colour",
      })
  void whatIsNotCarriedOverIsSaid(String key, String remark) {
    reading(Release.CURRENT).meters(parse(meter(key)));

    assertThat(shown(remarks)).containsExactly("f:1: " + remark);
  }

  private static String meter(String key) {
    String name = key.substring(0, key.indexOf(':'));
    StringBuilder meter = new StringBuilder("metric: [{" + key);
    for (String usual :
        new String[] {
          "name: m", "event_type: e", "type: gauge", "unit: u", "volume: v", "resource_id: r"
        }) {
      meter.append(usual.startsWith(name + ":") ? "" : ", " + usual);
    }
    return meter.append("}]").toString();
  }

  @Test
  void eventsAndTheirTraits() throws IOException {
    DefinitionReading reading = reading(Release.CURRENT);
    reading.events(parse(file("event_definitions.yaml")));
    reading.events(
        parse(
            "[{event_type: ['*', a.b, '!c'], traits: {db.x: payload.x, bad: {fields: 'a.'}}},"
                + " {event_type: e, traits: null}]"));

    assertThat(shown(remarks))
        .containsExactly(
            "f:1: lost: the events *, a.b, !c: the trait bad: traits.bad: \"a.\" is not a path:"
                + " position 3: a field, $, @, *, (, [ or a `function` is expected, found the end");
    assertThat(written(reading.eventBlocks()))
        .containsExactly(
            "{event-type=compute.instance.*, traits={tenant_id=payload.tenant_id,"
                + " memory_mb={type=int, fields=[payload.memory_mb, payload.memory]},"
                + " state=payload.state}}",
            "{event-type=[compute.instance.exists, !compute.instance.update],"
                + " traits={memory_mb={type=float, fields=payload.memory_mb},"
                + " tenant_id=payload.tenant_id, state=payload.state}}",
            "{event-type=[*, !c], traits={db.x=payload.x}}",
            "{event-type=e, traits={}}");
  }

  private static List<String> written(List<Block> blocks) {
    return blocks.stream().map(block -> block.keys().toString()).toList();
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
      })
  void whatIsOfAnotherFormIsRefused(String kind, String text, String message) {
    DefinitionReading reading = reading(Release.CURRENT);
    refused(
            () -> {
              if (kind.equals("events")) {
                reading.events(parse(text));
              } else {
                reading.meters(parse(text));
              }
            })
        .withMessage("f:1: " + message);
  }

  private DefinitionReading reading(Release release) {
    return new DefinitionReading(
        release, DefinitionCheck.by(ConfigFactory.load().getConfig("sonde.definitions")), remarks);
  }

  private static String file(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(
            DefinitionReadingTest.class.getResourceAsStream("/ceilometer/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
