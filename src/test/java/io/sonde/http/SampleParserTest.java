package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleParserTest {
  private static final long NOW = Timestamps.parse("2016-05-06T12:34:56");
  private static final long FUTURE = Timestamps.parse("2100-01-01");
  private static final PushContext ANY = new PushContext(null, Caller.UNRESTRICTED, null);

  private static final String GOOD =
      """
      {"counter_name": "cpu", "counter_type": "cumulative", "counter_unit": "ns",
       "counter_volume": 1, "resource_id": "r1"}""";

  private final SampleParser parser =
      new SampleParser(() -> NOW, micros -> micros >= FUTURE ? "too far in the future" : null);

  @Test
  void readsAMeteringMessage() {
    SampleBatch batch =
        parse(
            """
            [{"source": "openstack", "counter_name": "cpu", "counter_type": "cumulative",
              "counter_unit": "ns", "counter_volume": 120000000000, "user_id": null,
              "project_id": "p1", "resource_id": "r1", "timestamp": "2016-01-01T12:00:00",
              "resource_metadata": {"flavor": {"ram": 512}, "x": [1, 2.5, null, true, "\u00e9"]},
              "message_id": "m1", "monotonic_time": null, "message_signature": "f2",
              "user_name": null, "project_name": {}, "publisher_id": "h", "recorded_at": "x"}]""");

    assertThat(batch.samples())
        .containsExactly(
            new Sample(
                new Series(
                    "openstack",
                    "cpu",
                    MeterType.CUMULATIVE,
                    "ns",
                    "r1",
                    "p1",
                    null,
                    Series.NO_DIMENSIONS),
                Timestamps.parse("2016-01-01T12:00:00"),
                120000000000.0,
                SampleKey.ofMessageId("m1"),
                Metadata.ofCanonicalJson(
                    "{\"flavor\":{\"ram\":512},\"x\":[1,2.5,null,true,\"\u00e9\"]}")));
  }

  @Test
  void readsAPlainSample() {
    Sample sample =
        parse(
                """
                [{"name": "image", "type": "gauge", "unit": "", "volume": " 1.5e1 ",
                  "resource_id": "i", "id": "m", "user_id": "u", "source": ""}]""")
            .sample(0);

    assertThat(sample.volume()).isEqualTo(15.0);
    assertThat(sample.key()).isEqualTo(SampleKey.ofMessageId("m"));
    assertThat(sample.timestamp()).isEqualTo(NOW);
    assertThat(sample.series().source()).isEqualTo("openstack");
    assertThat(sample.series().userId()).isEqualTo("u");
    assertThat(sample.metadata()).isSameAs(Metadata.EMPTY);
  }

  @Test
  void samplesWithoutIdsAreNewEachTime() {
    SampleBatch batch = parse("[" + GOOD + "," + GOOD + "]");

    assertThat(batch.key(0)).isNotEqualTo(batch.key(1)).isNotEqualTo(SampleKey.NONE);
    assertThat(batch.seriesCount()).isEqualTo(1);
  }

  @Test
  void anIdempotencyKeyMakesIdsRepeatable() {
    PushContext context = new PushContext(null, Caller.UNRESTRICTED, "k");
    String dated = GOOD.replace("}", ", \"timestamp\": \"2016-01-01\"}");
    String body = "[" + dated + "," + dated + "]";

    SampleBatch first = parse(body, context).batch();

    assertThat(parse(body, context).batch().samples()).isEqualTo(first.samples());
    assertThat(first.key(0)).isNotEqualTo(first.key(1));
    assertThatThrownBy(() -> parse("[" + GOOD + "]", context))
        .hasMessageContaining("attribute timestamp")
        .hasMessageContaining("samples[0]");
  }

  @Test
  void equalMetadataStandsOnceHoweverItIsSpelled() {
    String one = GOOD.replace("}", ", \"resource_metadata\": {\"a\": 1, \"b\": {\"c\": \"}\"}}}");
    String two = GOOD.replace("}", ", \"resource_metadata\": {\"b\":{\"c\":\"}\"},\"a\":1}}");
    String other = GOOD.replace("}", ", \"resource_metadata\": {\"a\": 2}}");

    SampleBatch batch = parse("[" + String.join(",", one, other, one, two) + "]");

    assertThat(batch.metadataCount()).isEqualTo(2);
    assertThat(batch.metadata(2)).isEqualTo(batch.metadata(0)).isEqualTo(batch.metadata(3));
    assertThat(batch.metadata(0).json()).isEqualTo("{\"a\":1,\"b\":{\"c\":\"}\"}}");
    assertThat(batch.metadata(1).json()).isEqualTo("{\"a\":2}");
  }

  @Test
  void ofAKeyThatStandsTwiceTheLastCounts() {
    Sample sample =
        parse(
                "["
                    + GOOD.replace(
                        "}",
                        ", \"counter_volume\": 7, \"resource_metadata\": {\"a\": 1, \"a\": 2}}")
                    + "]")
            .sample(0);

    assertThat(sample.volume()).isEqualTo(7);
    assertThat(sample.metadata().json()).isEqualTo("{\"a\":2}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "counter_volume | NaN | NaN | a finite number is expected",
        "counter_volume | -Infinity | -Infinity | a finite number is expected",
        "counter_volume | 1e400 | 1e400 | a finite number is expected",
        "counter_volume | \"NaN\" | NaN | a finite number is expected",
        "counter_volume | \"1e400\" | 1e400 | a finite number is expected",
        "counter_volume | \"0x1p3\" | 0x1p3 | a finite number is expected",
        "counter_volume | \"1d\" | 1d | a finite number is expected",
        "counter_volume | \"\" | `` | a finite number is expected",
        "counter_volume | true | True | a finite number is expected",
        "counter_volume | [1] | [...] | a finite number is expected",
        "counter_volume | null | None | Mandatory field missing.",
        "counter_name | null | None | Mandatory field missing.",
        "counter_name | 5 | 5 | a string is expected",
        "counter_name | \"\" | `` | must not be empty",
        "counter_type | \"Gauge\" | Gauge | The counter type must be: gauge, delta, cumulative",
        "counter_type | {} | {...} | a string is expected",
        "counter_unit | null | None | Mandatory field missing.",
        "resource_id | null | None | Mandatory field missing.",
        "resource_id | \"\" | `` | must not be empty",
        "user_id | 1 | 1 | a string is expected",
        "project_id | false | False | a string is expected",
        "source | {} | {...} | a string is expected",
        "timestamp | \"123\" | 123 | invalid timestamp format",
        "timestamp | 123 | 123 | a string is expected",
        "timestamp | \"2100-01-01\" | 2100-01-01 | too far in the future",
        "message_id | 7 | 7 | a string is expected",
        "resource_metadata | [] | [...] | an object is expected",
        "resource_metadata | \"x\" | x | an object is expected",
        "resource_metadata | {\"a\": NaN} | {...} | a number is not finite",
        "resource_metadata | {\"a\": \"\\ud800\"} | {...} | text holds U+0000 or half a surrogate"
            + " pair",
      })
  void aBadFieldIsNamedWithItsIndexAndValue(
      String field, String json, String value, String reason) {
    String bad = GOOD.replace("}", ", \"" + field + "\": " + json + "}");

    assertThatThrownBy(() -> parse("[" + GOOD + "," + bad + "," + GOOD + "]"))
        .isInstanceOf(ApiException.class)
        .hasMessage(
            "Invalid input for field/attribute %s. Value: '%s'. samples[1]: %s",
            field, value, reason);
  }

  @Test
  void aMissingFieldIsNamedInTheShapeOfTheSample() {
    assertThatThrownBy(() -> parse("[{}]"))
        .hasMessage(
            "Invalid input for field/attribute counter_name. Value: 'None'."
                + " samples[0]: Mandatory field missing.");
    assertThatThrownBy(() -> parse("[{\"name\": \"cpu\", \"type\": \"gauge\", \"unit\": \"\"}]"))
        .hasMessageContaining("attribute volume");
  }

  @Test
  void textThatCannotBeStoredIsRefused() {
    for (String text : List.of("\\u0000", "\\ud800", "\\udc00x")) {
      assertThatThrownBy(() -> parse("[" + GOOD.replace("r1", text) + "]"))
          .hasMessageContaining("attribute resource_id")
          .hasMessageContaining("samples[0]: holds U+0000 or half a surrogate pair");
    }
    assertThat(parse("[" + GOOD.replace("r1", "\\ud83d\\ude00") + "]").series(0).resourceId())
        .isEqualTo("\ud83d\ude00");
  }

  @Test
  void anUnknownAttributeIsNamed() {
    assertThatThrownBy(() -> parse("[" + GOOD.replace("}", ", \"volum\": 1}") + "]"))
        .hasMessage("Unknown attribute: \"volum\". samples[0]: not an attribute of a sample");
  }

  @Test
  void metadataThatIsTooDeepOrLongAsObjectsIsRefused() {
    PushContext cpu = new PushContext("cpu", Caller.UNRESTRICTED, null);
    for (int dots : List.of(32, 500, 50_000 - 1)) {
      String deep = GOOD.replace("}", metadata("{\"" + ".".repeat(dots) + "\": 1}"));
      assertThatThrownBy(() -> parse("[" + deep + "]", cpu))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("attribute resource_metadata")
          .hasMessageContaining("samples[0]: more than 32 levels deep");
    }
    // Each key is a little longer as an object.
    String entries =
        IntStream.range(0, 5_000)
            .mapToObj(i -> "\"k" + i + ".a\":1")
            .collect(Collectors.joining(",", "{", "}"));
    String large = GOOD.replace("}", metadata(entries));
    assertThatThrownBy(() -> parse("[" + large + "]", cpu))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("samples[0]: metadata of more than 65536 bytes");
    String good = GOOD.replace("}", metadata("{\"" + "a.".repeat(31) + "a\": 1}"));
    assertThat(parse("[" + good + "]", cpu).batch().size()).isEqualTo(1);
  }

  @Test
  void longAndDeepInputIsRefused() {
    String longId = GOOD.replace("\"r1\"", "\"" + "r".repeat(1025) + "\"");
    assertThatThrownBy(() -> parse("[" + longId + "]"))
        .hasMessageContaining("resource_id")
        .hasMessageContaining("rrr...'. samples[0]: longer than 1024 characters");

    String deep = "{\"a\":".repeat(33) + "1" + "}".repeat(33);
    assertThatThrownBy(
            () -> parse("[" + GOOD.replace("}", ", \"resource_metadata\": " + deep + "}") + "]"))
        .hasMessageContaining("samples[0]: more than 32 levels deep");

    String large = "{\"a\": \"" + "x".repeat(70_000) + "\"}";
    assertThatThrownBy(
            () -> parse("[" + GOOD.replace("}", ", \"resource_metadata\": " + large + "}") + "]"))
        .hasMessageContaining("samples[0]: more than 65536 bytes long");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | Samples should be included in request body",
        "[] | Samples should be included in request body",
        "[1] | Invalid input for field/attribute samples. Value: '1'. samples[0]: An object is"
            + " expected.",
        "\"x\" | Invalid input for field/attribute samples. Value: 'x'. A JSON array of samples is"
            + " expected.",
        "{} | Invalid input for field/attribute samples. Value: '{'. A JSON array of samples is"
            + " expected.",
      })
  void aBodyIsAnArrayOfSamples(String body, String message) {
    assertThatThrownBy(() -> parse(body)).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"[{ | line 1", "[x] | line 1, column", "nonsense | line 1", "[{\"a\" 1}] | line 1"})
  void aBodyThatIsNotJsonIsRefusedWithAPlace(String body, String place) {
    assertThatThrownBy(() -> parse(body))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("not JSON at " + place);
  }

  @Test
  void aBodyInAnotherEncodingIsRefused() {
    String body = "[" + GOOD.replace("}", ", \"resource_metadata\": {}}") + "]";
    for (Charset charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
      assertThatThrownBy(() -> parser.parse(body.getBytes(charset), ANY))
          .hasMessage("The request body is not UTF-8");
    }
    String latin = "[" + GOOD.replace("r1", "\u00e9") + "]";
    assertThatThrownBy(() -> parser.parse(latin.getBytes(StandardCharsets.ISO_8859_1), ANY))
        .hasMessageContaining("not JSON")
        .hasMessageContaining("UTF-8");
  }

  @Test
  void nothingMayFollowAndAMarkMayLead() {
    assertThatThrownBy(() -> parse("[" + GOOD + "] 1"))
        .hasMessageContaining("Nothing may follow the array");
    String metadata = GOOD.replace("}", ", \"resource_metadata\": {\"a\": \"\u00e9\"}}");
    assertThat(parse("\ufeff[" + metadata + "]").metadata(0).json())
        .isEqualTo("{\"a\":\"\u00e9\"}");
  }

  @Test
  void aPostToAMeterFollowsTheRulesOfTheOriginal() {
    PushContext context = new PushContext("cpu", new Caller("u", "p", null), null);
    String sent = GOOD.replace("}", ", \"resource_metadata\": {\"a.b.c\": 1, \"a.d\": 2}}");

    PushedSamples pushed = parse("[" + sent + "]", context);

    Series series = pushed.batch().series(0);
    assertThat(series.source()).isEqualTo("p:openstack");
    assertThat(series.projectId()).isEqualTo("p");
    assertThat(series.userId()).isEqualTo("u");
    assertThat(pushed.batch().metadata(0))
        .isEqualTo(Metadata.of(Map.of("a", Map.of("b", Map.of("c", 1), "d", 2))));
    assertThat(pushed.sentMetadata()).isEqualTo(List.of(Metadata.of(Map.of("a.b.c", 1, "a.d", 2))));
  }

  @Test
  void aPostToAMeterRefusesOtherMetersAndIds() {
    PushContext context = new PushContext("memory", Caller.UNRESTRICTED, null);
    assertThatThrownBy(() -> parse("[" + GOOD + "]", context))
        .hasMessage(
            "Invalid input for field/attribute counter_name. Value: 'cpu'."
                + " samples[0]: should be memory");
    PushContext cpu = new PushContext("cpu", Caller.UNRESTRICTED, null);
    assertThatThrownBy(() -> parse("[" + GOOD.replace("}", ", \"message_id\": \"m\"}") + "]", cpu))
        .hasMessage(
            "Invalid input for field/attribute message_id. Value: 'm'."
                + " samples[0]: The message_id must not be set");
    assertThat(parse("[" + GOOD + "]", cpu).batch().series(0).source()).isEqualTo("None:openstack");
  }

  @Test
  void aRestrictedCallerSendsForItsProjectOnly() {
    PushContext context = new PushContext(null, new Caller("u", "mine", "mine"), null);

    assertThat(parse("[" + GOOD + "]", context).batch().series(0).projectId()).isEqualTo("mine");
    assertThatThrownBy(
            () -> parse("[" + GOOD.replace("}", ", \"project_id\": \"theirs\"}") + "]", context))
        .hasMessage(
            "Invalid input for field/attribute project_id. Value: 'theirs'."
                + " samples[0]: can not post samples to other projects");
  }

  private static String metadata(String object) {
    return ", \"resource_metadata\": " + object + "}";
  }

  @Test
  void refusesMoreSamplesThanAPushMayHold() {
    String most = ("," + GOOD).repeat(SampleParser.MAX_SAMPLES).substring(1);
    assertThat(parse("[" + most + "]").size()).isEqualTo(SampleParser.MAX_SAMPLES);
    assertThatThrownBy(() -> parse("[" + most + "," + GOOD + "]"))
        .hasMessage("A push holds at most 100000 samples: send several.");
  }

  private SampleBatch parse(String body) {
    return parse(body, ANY).batch();
  }

  private PushedSamples parse(String body, PushContext context) {
    return parser.parse(body.getBytes(StandardCharsets.UTF_8), context);
  }
}
