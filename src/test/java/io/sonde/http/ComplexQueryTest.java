package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.query.Condition;
import io.sonde.query.Condition.And;
import io.sonde.query.Condition.Compare;
import io.sonde.query.Condition.In;
import io.sonde.query.Condition.Matches;
import io.sonde.query.Condition.Not;
import io.sonde.query.Condition.Operator;
import io.sonde.query.Condition.Or;
import io.sonde.query.Field;
import io.sonde.query.Order;
import io.sonde.query.SampleFilter;
import io.sonde.query.TextPattern;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComplexQueryTest {
  private static final Caller MINE = new Caller("u", "mine", "mine");

  @Test
  void nothingAskedMeansTheNewest() {
    for (String body : List.of("{}", "{\"filter\": null, \"orderby\": null, \"limit\": null}")) {
      ComplexQuery query = parse(body);
      assertThat(query.filter()).isEqualTo(SampleFilter.ALL);
      assertThat(query.orders()).containsExactly(Order.NEWEST);
      assertThat(query.limit()).isEqualTo(100);
    }
  }

  @Test
  void theWholeGrammarIsRead() {
    Condition condition =
        filter(
                """
                {"Or": [{"AND": [{"=": {"meter": "cpu"}}, {"!=": {"user": "u"}}]},
                        {"not": {"<": {"counter_volume": 1}}}, {"<=": {"volume": "1.5"}},
                        {"=<": {"unit": "B"}}, {">": {"counter_type": "delta"}},
                        {">=": {"recorded_at": "2016-05-06"}}, {"=>": {"metadata.a.b": true}},
                        {"In": {"resource_id": ["a", "b"]}}, {"in": {"metadata.n": [1, "x"]}},
                        {"=~": {"resource_metadata.host": "^h"}}]}""")
            .rest();

    assertThat(condition)
        .isEqualTo(
            new Or(
                List.of(
                    new And(
                        List.of(
                            Condition.equal(Field.METER, "cpu"),
                            new Compare(Field.USER_ID, Operator.NE, "u"))),
                    new Not(new Compare(Field.Column.VOLUME, Operator.LT, 1L)),
                    new Compare(Field.Column.VOLUME, Operator.LE, 1.5),
                    new Compare(Field.Column.UNIT, Operator.LE, "B"),
                    new Compare(Field.Column.TYPE, Operator.GT, "delta"),
                    new Compare(
                        Field.Column.RECORDED_AT, Operator.GE, Timestamps.parse("2016-05-06")),
                    new Compare(new Field.MetadataKey("a.b"), Operator.GE, true),
                    new In(Field.RESOURCE_ID, Set.of("a", "b")),
                    new In(new Field.MetadataKey("n"), Set.of(1L, "x")),
                    new Matches(new Field.MetadataKey("host"), TextPattern.of("^h")))));
  }

  @Test
  void theTextMayHoldJsonOrBeJson() {
    String filter = "{\"=\": {\"meter\": \"cpu\"}}";
    String orderBy = "[{\"volume\": \"DESC\"}, {\"user\": \"Asc\"}]";
    String text =
        "{\"filter\": \"%s\", \"orderby\": \"%s\", \"limit\": 7}"
            .formatted(filter.replace("\"", "\\\""), orderBy.replace("\"", "\\\""));

    ComplexQuery query = parse(text);

    assertThat(query)
        .isEqualTo(
            parse("{\"filter\": %s, \"orderby\": %s, \"limit\": 7}".formatted(filter, orderBy)));
    assertThat(query.filter()).isEqualTo(SampleFilter.ALL.with(Map.of(SeriesField.METER, "cpu")));
    assertThat(query.orders())
        .containsExactly(new Order(Field.Column.VOLUME, true), new Order(Field.USER_ID, false));
    assertThat(query.limit()).isEqualTo(7);
  }

  @Test
  void whatHoldsForTheWholeNarrowsTheDatabase() {
    SampleFilter filter =
        filter(
            """
            {"and": [{"=": {"meter": "cpu"}}, {"and": [{">": {"timestamp": "2016-05-06T00:00:00"}},
              {"<=": {"timestamp": "2016-05-07T02:00:00+02:00"}}, {"in": {"project": ["p"]}}]},
              {"=": {"meter": "disk"}}, {"or": [{"=": {"user": "u"}}, {"=": {"unit": "B"}}]}]}""");

    assertThat(filter.equal())
        .isEqualTo(Map.of(SeriesField.METER, "cpu", SeriesField.PROJECT_ID, "p"));
    assertThat(filter.from()).isEqualTo(Timestamps.parse("2016-05-06") + 1);
    assertThat(filter.to()).isEqualTo(Timestamps.parse("2016-05-07") + 1);
    assertThat(filter.rest().conjuncts())
        .containsExactly(
            Condition.equal(Field.METER, "disk"),
            new Or(
                List.of(
                    Condition.equal(Field.USER_ID, "u"), Condition.equal(Field.Column.UNIT, "B"))));
  }

  @Test
  void aCallerIsKeptToItsProject() {
    assertThat(parse("{}", MINE).filter().equal())
        .isEqualTo(Map.of(SeriesField.PROJECT_ID, "mine"));
    String own = "{\"filter\": {\"or\": [{\"=\": {\"user\": \"u\"}}, %s]}}";
    for (String leaf :
        List.of(
            "{\"=\": {\"project\": \"mine\"}}",
            "{\"in\": {\"project_id\": [\"mine\", \"mine\"]}}")) {
      assertThat(parse(own.formatted(leaf), MINE).filter().equal())
          .isEqualTo(Map.of(SeriesField.PROJECT_ID, "mine"));
    }
    for (String leaf :
        List.of(
            "{\"=\": {\"project\": \"theirs\"}}",
            "{\"!=\": {\"project\": \"theirs\"}}",
            "{\"not\": {\"in\": {\"project_id\": [\"mine\", \"theirs\"]}}}",
            "{\"=~\": {\"project_id\": \"theirs\"}}")) {
      assertThatThrownBy(() -> parse(own.formatted(leaf), MINE))
          .hasMessage("Not Authorized to access project theirs")
          .extracting(e -> ((ApiException) e).status().intValue())
          .isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | {} is not valid under any of the given schemas: an object with one operator is"
            + " expected",
        "[] | [] is not valid under any of the given schemas: an object with one operator is"
            + " expected",
        "{\"=\": {\"bad\": 1}} | {'=': {'bad': 1}} is not valid under any of the given schemas:"
            + " there is no such field",
        "{\"=\": {\"Meter\": \"x\"}} | {'=': {'Meter': 'x'}} is not valid under any of the given"
            + " schemas: there is no such field",
        "{\"=\": {\"metadata.a b\": 1}} | {'=': {'metadata.a b': 1}} is not valid under any of the"
            + " given schemas: there is no such field",
        "{\"==\": {\"meter\": \"x\"}} | {'==': {'meter': 'x'}} is not valid under any of the given"
            + " schemas: there is no such operator",
        "{\"=\": {\"meter\": \"x\", \"user\": \"y\"}} | {'=': {'meter': 'x', 'user': 'y'}} is not"
            + " valid under any of the given schemas: an object with one field is expected",
        "{\"=\": {\"meter\": \"x\"}, \"<\": {\"meter\": \"x\"}} | {'=': {'meter': 'x'}, '<':"
            + " {'meter': 'x'}} is not valid under any of the given schemas: an object with one"
            + " operator is expected",
        "{\"=\": {\"meter\": 1}} | {'=': {'meter': 1}} is not valid under any of the given schemas:"
            + " a text is expected",
        "{\"=\": {\"volume\": \"x\"}} | {'=': {'volume': 'x'}} is not valid under any of the given"
            + " schemas: a number is expected",
        "{\"=\": {\"volume\": 1e999}} | {'=': {'volume': 1E+999}} is not valid under any of the"
            + " given schemas: a number is too large",
        "{\"=\": {\"metadata.a\": null}} | {'=': {'metadata.a': None}} is not valid under any of"
            + " the given schemas: a text, a number or a truth value is expected",
        "{\"and\": [{\"=\": {\"meter\": \"x\"}}]} | {'and': [{'=': {'meter': 'x'}}]} is not valid"
            + " under any of the given schemas: a list of two expressions at least is expected",
        "{\"in\": {\"meter\": []}} | {'in': {'meter': []}} is not valid under any of the given"
            + " schemas: a list of values is expected",
        "{\"in\": {\"metadata.a\": [true]}} | {'in': {'metadata.a': [True]}} is not valid under any"
            + " of the given schemas: texts or numbers are expected",
        "{\"=~\": {\"volume\": 1}} | {'=~': {'volume': 1}} is not valid under any of the given"
            + " schemas: a pattern is compared with text",
        "{\"=~\": {\"meter\": \"[\"}} | the pattern '[' cannot be read: missing closing ]",
      })
  void mistakesInAFilterAreNamed(String filter, String message) {
    assertThatThrownBy(() -> filter(filter))
        .isInstanceOf(ApiException.class)
        .hasMessage("Filter expression not valid: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"filter\": \"{\\\"=\\\": \"} | Filter expression not valid: Unexpected end-of-input",
        "{\"filter\": \"\"} | Filter expression not valid: there is nothing",
        "{\"filter\": \"{} {}\"} | Filter expression not valid: something follows its end",
        "{\"filter\": {\"=\": {\"timestamp\": \"x\"}}} | Failed to parse the timestamp value x",
        "{\"filter\": {\"=\": {\"timestamp\": 1}}} | Failed to parse the timestamp value 1",
        "{\"orderby\": \"[\"} | Order-by expression not valid: Unexpected end-of-input",
        "{\"orderby\": {}} | Order-by expression not valid: {} is not of type 'array'",
        "{\"orderby\": [{}]} | Order-by expression not valid: {} is not an object with one field",
        "{\"orderby\": [{\"bad\": \"asc\"}]} | Order-by expression not valid: 'bad' does not match"
            + " any of the regexes: there is no such field to sort by",
        "{\"orderby\": [{\"metadata.a\": \"asc\"}]} | Order-by expression not valid: 'metadata.a'"
            + " does not match any of the regexes: there is no such field to sort by",
        "{\"orderby\": [{\"meter\": \"up\"}]} | Order-by expression not valid: 'up' does not match"
            + " '(?i)^asc$|^desc$'",
        "{\"limit\": 0} | Limit must be positive",
        "{\"limit\": -1} | Limit must be positive",
        "{\"limit\": \"x\"} | Invalid input for field/attribute limit. Value: 'x'. unable to"
            + " convert to int",
        "{\"limit\": 1.5} | Invalid input for field/attribute limit. Value: '1.5'. unable to"
            + " convert to int",
        "{\"bad\": 1} | Unknown argument: \"bad\"",
        "[] | The request body is not a JSON object.",
        "{ | The request body is not JSON: Unexpected end-of-input",
      })
  void mistakesInABodyAreNamed(String body, String message) {
    assertThatThrownBy(() -> parse(body))
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith(message)
        .extracting(e -> ((ApiException) e).status().intValue())
        .isEqualTo(400);
  }

  @Test
  void depthAndSizeAreBounded() {
    String leaf = "{\"=\": {\"meter\": \"x\"}}";
    filter("{\"not\": ".repeat(31) + leaf + "}".repeat(31));
    assertThatThrownBy(() -> filter("{\"not\": ".repeat(32) + leaf + "}".repeat(32)))
        .hasMessage("Filter expression not valid: nested deeper than 32");
    assertThatThrownBy(() -> filter("{\"not\": ".repeat(5_000)))
        .hasMessageStartingWith("The request body is not JSON: ");
    assertThatThrownBy(
            () -> filter("{\"in\": {\"meter\": [" + "\"x\",".repeat(10_000) + "\"x\"]}}"))
        .hasMessage("Filter expression not valid: more than 10000 conditions and values");
  }

  private static SampleFilter filter(String filter) {
    return parse("{\"filter\": " + filter + "}").filter();
  }

  private static ComplexQuery parse(String body) {
    return parse(body, Caller.UNRESTRICTED);
  }

  private static ComplexQuery parse(String body, Caller caller) {
    return ComplexQuery.parse(body.getBytes(StandardCharsets.UTF_8), caller, 100);
  }
}
