package io.sonde.definition;

import static io.sonde.definition.Given.notification;
import static io.sonde.definition.Given.only;
import static io.sonde.definition.Given.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sonde.model.ConfigException;
import io.sonde.model.Sample;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeterDefinitionTest {
  private static final String PLAIN =
      "name = disk, event-type = \"disk.*\", type = gauge, unit = GB, volume = payload.size,"
          + " resource-id = payload.id";

  @Test
  void oneSampleWithTheFallbacks() {
    Converted converted = convert(PLAIN, "disk.create", "{'size': 20, 'id': 'd1', 'x': null}");

    assertThat(shown(converted))
        .containsExactly("disk gauge GB 20.0 d1/lab/bob 2026-03-01T10:00:00");
    assertThat(converted.samples().get(0).series().source()).isEqualTo("openstack");
    assertThat(converted.samples().get(0).metadata())
        .hasToString(
            "{\"event_type\":\"disk.create\",\"host\":\"compute.host1\",\"id\":\"d1\","
                + "\"size\":20,\"x\":null}");
    assertThat(converted.remarks()).isEmpty();
  }

  @Test
  void allAttributesCanBePaths() {
    Converted several =
        convert(
            """
            name = "$.payload.kind + '.size'", type = "$.payload.type", unit = "$.payload.unit"
            event-type = [a, "disk.*", "!disk.delete"], volume = "$.payload.size * 2"
            resource-id = "$.payload.host + '/' + $.payload.id"
            """,
            "disk.create",
            "{'kind': 'ssd', 'type': 'delta', 'unit': 'B', 'size': 21, 'id': '7', 'host': 'h'}");
    assertThat(shown(several))
        .containsExactly("ssd.size delta B 42.0 h/7/lab/bob 2026-03-01T10:00:00");

    Converted converted =
        convert(
            PLAIN
                + ", timestamp = payload.at, user-id = [payload.user, payload.owner]"
                + ", metadata { zone = payload.zone, none = payload.none, zero = payload.zero, a = payload.a }",
            "disk.create",
            "{'size': '21.5', 'id': 7, 'owner': 'eve', 'at': '2026-03-02T00:00:00+02:00', 'zone': '',"
                + " 'zero': 0, 'none': null, 'a': {'password': 'p', 'adminPass': 1}}");
    assertThat(shown(converted))
        .containsExactly("disk gauge GB 21.5 7/lab/eve 2026-03-01T22:00:00");
    assertThat(converted.samples().get(0).metadata())
        .hasToString(
            "{\"a\":{\"adminPass\":\"***\",\"password\":\"***\"},\"zero\":0,\"zone\":\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{'id': 'd1'}|meter disk: volume: nothing is found at payload.size",
        "{'id': 'd1', 'size': null}|meter disk: volume: nothing is found at payload.size",
        "{'id': 'd1', 'size': 'large'}|meter disk: volume: a finite number is expected, found \"large\"",
        "{'id': 'd1', 'size': true}|meter disk: volume: a finite number is expected, found true",
        "{'id': 'd1', 'size': '1e999'}|meter disk: volume: a finite number is expected, found \"1e999\"",
        "{'size': 1}|meter disk: resource-id: nothing is found at payload.id",
        "{'size': 1, 'id': ['d']}|meter disk: resource-id: a text is expected, found [\"d\"]",
        "{'size': 1, 'id': ''}|meter disk: resource-id: a text is expected, found \"\"",
        "{'size': 1, 'id': 'd', 'at': 'noon'}|meter disk: timestamp: a date and a time is expected, found \"noon\"",
      })
  void whyThereIsNoSample(String payload, String remark) {
    Converted converted = convert(PLAIN + ", timestamp = payload.at", "disk.create", payload);

    assertThat(converted.samples()).isEmpty();
    assertThat(converted.remarks()).containsExactly(remark);
    assertThat(converted.event()).isNotNull();
  }

  @Test
  void severalSamplesOfOneNotification() {
    String definition =
        """
        name = "$.payload.metrics[*].name", type = gauge, unit = "$.payload.metrics[*].unit"
        volume = "$.payload.metrics[*].value", lookup = [name, unit, volume]
        event-type = "bay.*", resource-id = payload.id, project-id = payload.project
        """;
    assertThat(
            shown(
                convert(
                    definition,
                    "bay.metrics",
                    "{'id': 'b', 'metrics': [{'name': 'mem', 'unit': '%', 'value': 5},"
                        + " {'name': 'cpu', 'unit': 's', 'value': 6}]}")))
        .containsExactly(
            "mem gauge % 5.0 b/lab/bob 2026-03-01T10:00:00",
            "cpu gauge s 6.0 b/lab/bob 2026-03-01T10:00:00");

    Converted gap =
        convert(
            definition,
            "bay.metrics",
            "{'id': 'b', 'metrics': [{'name': 'mem', 'unit': '%', 'value': null},"
                + " {'name': 'cpu', 'unit': 's', 'value': 6}]}");
    assertThat(shown(gap)).containsExactly("cpu gauge s 6.0 b/lab/bob 2026-03-01T10:00:00");
    assertThat(gap.remarks())
        .containsExactly(
            "meter $.payload.metrics[*].name[0]: volume: nothing is found at"
                + " $.payload.metrics[*].value");

    Converted uneven =
        convert(
            definition,
            "bay.metrics",
            "{'id': 'b', 'metrics': [{'name': 'mem', 'unit': '%'}, {'name': 'cpu', 'unit': 's', 'value': 6}]}");
    assertThat(uneven.samples()).isEmpty();
    assertThat(uneven.remarks())
        .containsExactly(
            "meter $.payload.metrics[*].name: volume has 1 values and name has 2: they cannot be"
                + " matched");

    assertThat(convert(definition, "bay.metrics", "{'id': 'b', 'metrics': []}").remarks())
        .containsExactly(
            "meter $.payload.metrics[*].name: name: nothing is found at $.payload.metrics[*].name");
  }

  @Test
  void aLiteralNameGoesWithSeveralVolumes() {
    String definition =
        PLAIN
            .replace("payload.size", "\"payload.disks[*].size\"")
            .replace("payload.id", "\"payload.disks[*].id\"");
    Converted converted =
        convert(
            definition + ", lookup = [volume, resource-id]",
            "disk.list",
            "{'disks': [{'id': 'a', 'size': 1}, {'id': 'b', 'size': 2}]}");

    assertThat(shown(converted))
        .containsExactly(
            "disk gauge GB 1.0 a/lab/bob 2026-03-01T10:00:00",
            "disk gauge GB 2.0 b/lab/bob 2026-03-01T10:00:00");
  }

  @Test
  void globsAreWholeAndExpressionsAreAnchoredAtTheirStart() {
    assertThat(convert(PLAIN, "disks.create", "{'size': 1, 'id': 'd'}").samples()).isEmpty();
    String regex =
        PLAIN.replace(
            "event-type = \"disk.*\"", "event-type-regex = \"disk.(?!create.start|update).*\"");
    for (String type : List.of("disk.create.start", "disk.update", "disk.updated.x", "a.disk.x")) {
      assertThat(convert(regex, type, "{'size': 1, 'id': 'd'}").samples()).as(type).isEmpty();
    }
    for (String type : List.of("disk.create.end", "disk.x", "diskXy", "disk.create")) {
      assertThat(convert(regex, type, "{'size': 1, 'id': 'd'}").samples()).as(type).hasSize(1);
    }
  }

  @Test
  void pathsOfOldDefinitionsBeginAtTheFlatTree() {
    String flat = PLAIN + ", root = flat, user-id = _context_user_id, project-id = message_id";
    assertThat(shown(convert(flat, "disk.x", "{'size': 1, 'id': 'd'}")))
        .containsExactly("disk gauge GB 1.0 d/m-1/bob 2026-03-01T10:00:00");
  }

  @Test
  void whatUsersSayOfTheirResources() {
    Converted converted =
        Given.only(
                "user-metadata { prefixes = [\"metering.\"], keys = [stack], max-length = 3 }, meters = [{"
                    + PLAIN
                    + ", metadata { kept = payload.id }, user-metadata = payload.tags }]")
            .convert(
                notification(
                    "disk.x",
                    "{'size': 1, 'id': 'd', 'tags': {'metering.a.b': 'long', 'stack': 7, 'other': 1,"
                        + " 'metering.kept': 2}}"));
    assertThat(converted.samples().get(0).metadata())
        .hasToString("{\"kept\":\"d\",\"user_metadata\":{\"a_b\":\"lon\",\"stack\":7}}");
  }

  @Test
  void metadataThatCannotBeKeptDoesNotCostTheSample() {
    Converted converted =
        convert(PLAIN, "disk.x", "{'size': 1, 'id': 'd', 'x': '" + "y".repeat(70_000) + "'}");
    assertThat(converted.samples().get(0).metadata())
        .hasToString("{\"event_type\":\"disk.x\",\"host\":\"compute.host1\"}");
    assertThat(converted.remarks())
        .containsExactly("meter disk: without metadata: metadata of more than 65536 bytes");
  }

  @Test
  void theSameNotificationGivesTheSameKeysAndEachSampleItsOwn() {
    String two =
        "meters = [{" + PLAIN + "}, {" + PLAIN.replace("name = disk", "name = disk2") + "}]";
    Notification notification = notification("disk.x", "{'size': 1, 'id': 'd'}");
    List<Sample> samples = only(two).convert(notification).samples();

    assertThat(only(two).convert(notification).samples()).isEqualTo(samples);
    assertThat(samples).extracting(Sample::key).doesNotHaveDuplicates().hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{ fields = [payload.a, payload.b], plugin = timedelta }|90.5|",
        "{ fields = [payload.b, payload.a], plugin = timedelta }|90.5|",
        "{ fields = payload.a, plugin = timedelta }||meter disk: timedelta: two times are expected, found 1",
        "{ fields = [payload.a, payload.size], plugin = timedelta }||meter disk: timedelta: two times are expected, found [\"2026-03-01 10:00:00\", 1]",
        "{ fields = payload.v, plugin = split }|7.0|",
        "{ fields = payload.v, plugin { name = split, separator = \".\", segment = 1, max-split = 1 } }||meter disk: volume: a finite number is expected, found \"8.x\"",
        "{ fields = payload.v, plugin { name = split, segment = 3 } }||",
        "{ fields = payload.s, plugin { name = map, values { on = 1, off = 0 } } }|1.0|",
        "{ fields = payload.v, plugin { name = map, values { on = 1 }, default = -1 } }|-1.0|meter disk: map: no value for \"7.8.x\"",
        "{ fields = payload.S, plugin { name = map, values { on = 1 }, case-sensitive = false } }|1.0|",
        "{ fields = payload.v, plugin { name = bitfield, initial-bitfield = 8, flags = [{ path = payload.s, bit = 0, value = on }, { path = payload.s, bit = 1, value = off }, { path = payload.none, bit = 2 }, { path = \"$.payload.v\", bit = 4 }] } }|25.0|",
      })
  void plugins(String volume, Double expected, String remark) {
    Converted converted =
        convert(
            PLAIN.replace("payload.size", volume),
            "disk.x",
            "{'id': 'd', 'a': '2026-03-01 10:00:00', 'b': '2026-03-01 10:01:30.5', 'size': 1,"
                + " 'v': '7.8.x', 's': 'on', 'S': 'ON', 'none': null}");
    assertThat(converted.samples())
        .extracting(Sample::volume)
        .isEqualTo(expected == null ? List.of() : List.of(expected));
    if (remark != null) {
      assertThat(converted.remarks()).contains(remark);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "name = disk|names = disk|names: \"names\" is not one of the keys name, event-type,",
        "type = gauge||type: missing, expected gauge, delta, cumulative or a path",
        "type = gauge|type = gague|type: \"gague\" is not gauge, delta, cumulative or a path",
        "unit = GB||unit: missing, expected a unit, or a path",
        "payload.size|\"payload[\"|volume: \"payload[\" is not a path: position 9: an index,",
        "payload.size|[]|volume: \"[]\" is not a path, or a list of paths",
        "payload.size|{ fields = payload.size, plugin = splt }|volume.plugin: \"splt\" is not one of split, timedelta, bitfield and map",
        "payload.size|{ field = payload.size }|volume.field: \"field\" is not one of the keys fields, plugin",
        "payload.size|true|volume: \"true\" is not a number",
        "event-type = \"disk.*\"|event-type = []|event-type: \"[]\" is not a list of at least one type",
        "event-type = \"disk.*\"|event-type-regex = \"disk.(\"|event-type-regex: \"disk.(\" is not a regular expression: Unclosed group at 6",
        "event-type = \"disk.*\"|event-type-regex = a, event-type = b|event-type: \"b\" is not of use beside event-type-regex: give one of them",
        "unit = GB|unit = GB, root = old|root: \"old\" is not nested or flat",
        "unit = GB|unit = GB, lookup = [size]|lookup: \"size\" is not a key of this definition, or a list of such keys",
        "payload.size|{ fields = payload.size, plugin = timedelta }, lookup = volume|volume: \"{\"fields\":\"payload.size\",\"plugin\":\"timedelta\"}\" is not of use in lookup: it gives one value only",
      })
  void whatIsNoDefinitionIsRefusedWithItsPlace(String what, String by, String message) {
    String definition = PLAIN.replace(what, by == null ? "" : by).replace(", ,", ",");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> only("meters = [\n\n{" + definition + "}]"))
        .withMessageStartingWith("sonde.definitions.meters[0]." + message)
        .withMessageEndingWith(" (test: 5)");
  }

  @Test
  void aThousandDefinitionsAreLookedAtOncePerType() {
    StringBuilder many = new StringBuilder("meters = [");
    for (int i = 0; i < 1_000; i++) {
      many.append('{')
          .append(PLAIN.replace("disk", String.format(Locale.ROOT, "d%d", i)))
          .append("}\n");
    }
    Definitions definitions = only(many + "]");
    assertThat(definitions.meterCount()).isEqualTo(1_000);
    assertThat(shown(definitions.convert(notification("d77.x", "{'size': 1, 'id': 'r'}"))))
        .containsExactly("d77 gauge GB 1.0 r/lab/bob 2026-03-01T10:00:00");
  }

  @Test
  void aSearchThatExplodesIsARemark() {
    Converted converted =
        convert(
            PLAIN.replace("payload.size", "\"$..@..@..@..@..@\""),
            "disk.x",
            "{'id': 'd', 'l': [" + "[[[1,2],[3,4]],[[5,6]]],".repeat(300) + "1]}");
    assertThat(converted.remarks())
        .containsExactly("meter disk: the search takes more than 100000 steps");
  }

  private static Converted convert(String definition, String eventType, String payload) {
    return only("meters = [{" + definition + "}]").convert(notification(eventType, payload));
  }
}
