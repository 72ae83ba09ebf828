package io.sonde.definition;

import static io.sonde.definition.Given.notification;
import static io.sonde.definition.Given.only;
import static io.sonde.definition.Given.traits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sonde.model.ConfigException;
import io.sonde.model.Event;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventDefinitionTest {
  @Test
  void defaultTraitsAndThoseOfTheDefinition() {
    Converted converted =
        convert(
            "{ event-type = \"disk.*\", traits { user_id = payload.owner, id = payload.id } }",
            "disk.create",
            "{'id': 7, 'owner': 'eve', 'tenant_id': 'shop'}");

    Event event = converted.event();
    assertThat(event.messageId()).isEqualTo("m-1");
    assertThat(event.eventType()).isEqualTo("disk.create");
    assertThat(event.raw()).isEqualTo("{}");
    assertThat(event.traits().toString())
        .isEqualTo(
            "[Trait[name=id, type=TEXT, value=7], Trait[name=project_id, type=TEXT, value=shop],"
                + " Trait[name=request_id, type=TEXT, value=req-1], Trait[name=service, type=TEXT,"
                + " value=compute.host1], Trait[name=tenant_id, type=TEXT, value=shop],"
                + " Trait[name=user_id, type=TEXT, value=eve]]");
    assertThat(converted.remarks()).isEmpty();
  }

  @Test
  void theLastDefinitionForATypeCountsAndNoOther() {
    String events =
        """
        { event-type = "disk.*", traits { a = payload.x } }
        { event-type = ["!disk.delete.*", "!net.*"], traits { b = payload.x } }
        { event-type = disk.list, traits { c = payload.x } }
        """;
    assertThat(traits(convert(events, "disk.create", "{'x': 1}"))).isEqualTo("b:string=1");
    assertThat(traits(convert(events, "disk.delete.end", "{'x': 1}"))).isEqualTo("a:string=1");
    assertThat(traits(convert(events, "disk.list", "{'x': 1}"))).isEqualTo("c:string=1");
    assertThat(traits(convert(events, "net.list", "{'x': 1}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "payload.x|'a'|t:string=a|",
        "payload.x|''|t:string=|",
        "payload.x|null||",
        "payload.y|1||",
        "payload.x|true|t:string=True|",
        "payload.x|1.5|t:string=1.5|",
        "payload.x|{'a': [1, null, 'b']}|t:string={'a': [1, None, 'b']}|",
        "payload.x|{'password': 'p'}|t:string={'password': '***'}|",
        "[payload.y, payload.x]|3|t:string=3|",
        "{ fields = payload.x }|3|t:string=3|",
        "{ fields = [payload.y, payload.x], type = int }|3|t:integer=3|",
        "{ fields = payload.x, type = int }|' -3 '|t:integer=-3|",
        "{ fields = payload.x, type = int }|3.9|t:integer=3|",
        "{ fields = payload.x, type = int }|true|t:integer=1|",
        "{ fields = payload.x, type = int }|''||",
        "{ fields = payload.x, type = int }|'x'||trait t is left out: integer is expected, found \"x\"",
        "{ fields = payload.x, type = int }|9223372036854775808||trait t is left out: integer is expected, found 9223372036854775808",
        "{ fields = payload.x, type = int }|[1]||trait t is left out: integer is expected, found [1]",
        "{ fields = payload.x, type = float }|'2.5'|t:float=2.5|",
        "{ fields = payload.x, type = float }|2|t:float=2.0|",
        "{ fields = payload.x, type = float }|'nan'||trait t is left out: float is expected, found \"nan\"",
        "{ fields = payload.x, type = datetime }|'2026-03-01T10:00:00+01:00'|t:datetime=1772355600000000|",
        "{ fields = payload.x, type = datetime }|''||",
        "{ fields = payload.x, type = datetime }|'noon'||trait t is left out: invalid timestamp format",
        "{ fields = payload.x, type = datetime }|5||trait t is left out: datetime is expected, found 5",
        "{ fields = payload.x, plugin = split }|'a.b'|t:string=a|",
        "{ fields = payload.x, plugin { name = split, segment = -1 } }|'a.b'|t:string=b|",
        "{ fields = payload.x, type = int, plugin { name = map, values { off = 0 } } }|'off'|t:integer=0|",
        "{ fields = payload.x, type = float, plugin = timedelta }|1||trait t: timedelta: two times are expected, found 1",
      })
  void traitsOfEachType(String trait, String value, String expected, String remark) {
    Converted converted =
        convert("{ event-type = e, traits { t = " + trait + " } }", "e", "{'x': " + value + "}");

    assertThat(traits(converted)).isEqualTo(expected == null ? "" : expected);
    assertThat(converted.remarks()).isEqualTo(remark == null ? List.of() : List.of(remark));
  }

  @Test
  void whatNoDefinitionIsForHasDefaultTraitsOrIsDropped() {
    assertThat(traits(convert("", "e", "{}"))).isEmpty();

    Converted dropped = only("drop-unmatched = true").convert(notification("e", "{}"));
    assertThat(dropped.event()).isNull();
    assertThat(dropped.remarks()).containsExactly("no definition of events is for the type e");
  }

  @Test
  void wholeNotificationsAreKeptWithoutTheirSecrets() {
    String payload = "{'adminPass': 'p', 'in': [{'OS_PASSWORD': 1, 'token': null}], 'tokens': 5}";
    Definitions definitions = only("store-raw = [Error]");

    assertThat(definitions.convert(notification("e", payload)).event().raw()).isEqualTo("{}");
    assertThat(definitions.convert(notification("e", payload, "error")).event().raw())
        .isEqualTo(
            "{\"ctxt\":{\"user_id\":\"bob\",\"tenant\":\"lab\",\"request_id\":\"req-1\","
                + "\"auth_token\":\"***\"},\"publisher_id\":\"compute.host1\",\"event_type\":\"e\","
                + "\"priority\":\"ERROR\",\"payload\":{\"adminPass\":\"***\",\"in\":[{\"OS_PASSWORD\":"
                + "\"***\",\"token\":null}],\"tokens\":5},"
                + "\"metadata\":{\"message_id\":\"m-1\",\"timestamp\":\"2026-03-01 10:00:00\"}}");
    assertThat(
            only("store-raw = [error], redact = []")
                .convert(notification("e", payload, "ERROR"))
                .event()
                .raw())
        .contains("\"adminPass\":\"p\"", "s3cret");
    Converted large =
        definitions.convert(notification("e", "{'x': '" + "y".repeat(1 << 20) + "'}", "ERROR"));
    assertThat(large.event().raw()).isEqualTo("{}");
    assertThat(large.remarks())
        .containsExactly("without the raw notification: at most 1048576 bytes are stored");
  }

  @ParameterizedTest
  @CsvSource({
    "info, true, true",
    "error, true, false",
    "sample, false, true",
    "warn, false, false"
  })
  void prioritiesSayWhatIsMade(String priority, boolean makesEvent, boolean makesSamples) {
    Converted converted =
        only("meters = [{ name = m, event-type = e, type = gauge, unit = u, volume = 1,"
                + " resource-id = payload.id }]")
            .convert(notification("e", "{'id': 'r'}", priority));

    assertThat(converted.event() != null).isEqualTo(makesEvent);
    assertThat(converted.samples()).hasSize(makesSamples ? 1 : 0);
    assertThat(converted.remarks()).hasSize(makesEvent || makesSamples ? 0 : 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{ traits {} }|sonde.definitions.events[0].event-type: missing, expected a text, or a list of texts",
        "{ event-type = e, trait {} }|sonde.definitions.events[0].trait: \"trait\" is not one of the keys event-type, event-type-regex, traits, root",
        "{ event-type = e, traits { t { type = int } } }|sonde.definitions.events[0].traits.t.fields: missing, expected a path, or a list of paths",
        "{ event-type = e, traits { t { fields = a, type = number } } }|sonde.definitions.events[0].traits.t.type: \"number\" is not text, int, float or datetime",
        "{ event-type = e, traits { t = \"a..\" } }|sonde.definitions.events[0].traits.t: \"a..\" is not a path: position 4: a field, $, @, *, (, [ or a `function` is expected, found the end",
      })
  void whatIsNoDefinitionIsRefused(String definition, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> only("events = [" + definition + "]"))
        .withMessage(message + " (test: 3)");
  }

  private static Converted convert(String definitions, String eventType, String payload) {
    return only("events = [" + definitions + "]").convert(notification(eventType, payload));
  }
}
