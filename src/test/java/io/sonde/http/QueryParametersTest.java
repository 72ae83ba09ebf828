package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.http.QueryParameters.Scope;
import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.query.Condition;
import io.sonde.query.Field;
import io.sonde.query.SampleFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {
  private static final long T = Timestamps.parse("2016-05-06T12:00:00");
  private static final long MINUTE = 60_000_000;

  @Test
  void nothingAskedMeansEverything() {
    ParsedQuery query = parse(Scope.SAMPLES);

    assertThat(query.filter()).isEqualTo(SampleFilter.ALL);
  }

  @Test
  void groupsAreMatchedByPositionWhateverTheOrderOfTheNames() {
    // As the official client sends it: sorted by name, the type blank where there is none.
    Map<String, List<String>> values = new HashMap<>();
    values.put("q.field", List.of("resource_id", "timestamp", "metadata.flavor.ram"));
    values.put("q.op", List.of("eq", "ge", "eq"));
    values.put("q.type", List.of("", "", "integer"));
    values.put("q.value", List.of("r1", "2016-05-06T12:00:00", "512"));

    SampleFilter filter =
        QueryParameters.parse(
                Arguments.of(values, QueryParameters.NAMES), Scope.SAMPLES, Caller.UNRESTRICTED)
            .filter();

    assertThat(filter.equal()).isEqualTo(Map.of(SeriesField.RESOURCE_ID, "r1"));
    assertThat(filter.from()).isEqualTo(T);
    assertThat(filter.to()).isEqualTo(Long.MAX_VALUE);
    assertThat(filter.rest()).isEqualTo(Condition.equal(new Field.MetadataKey("flavor.ram"), 512L));
  }

  @ParameterizedTest
  @CsvSource({"ge, 0, from", "gt, 1, from", "lt, 0, to", "le, 1, to"})
  void boundsBecomeHalfOpen(String op, long added, String side) {
    ParsedQuery query = parse(Scope.SAMPLES, "timestamp", op, "2016-05-06T12:00:00");

    long bound = side.equals("from") ? query.filter().from() : query.filter().to();
    assertThat(bound).isEqualTo(T + added);
    assertThat(side.equals("from") ? query.start() : query.end()).isEqualTo(T);
  }

  @Test
  void theOffsetOfATimestampIsHonoured() {
    assertThat(parse(Scope.SAMPLES, "timestamp", "ge", "2016-05-06T14:00:00+02:00").filter().from())
        .isEqualTo(T);
  }

  @Test
  void theSearchOffsetWidensTheQuestionButNotTheBoundsOfTheDuration() {
    ParsedQuery query =
        parse(
            Scope.SAMPLES,
            "timestamp",
            "ge",
            "2016-05-06T12:00:00",
            "timestamp",
            "lt",
            "2016-05-06T13:00:00",
            "search_offset",
            "eq",
            "10");

    assertThat(query.filter().from()).isEqualTo(T - 10 * MINUTE);
    assertThat(query.filter().to()).isEqualTo(T + 70 * MINUTE);
    assertThat(query.start()).isEqualTo(T);
    assertThat(query.end()).isEqualTo(T + 60 * MINUTE);
  }

  @Test
  void theLastOfARepeatedFieldCounts() {
    SampleFilter filter =
        parse(
                Scope.SAMPLES,
                "resource",
                "eq",
                "r1",
                "resource_id",
                "eq",
                "r2",
                "timestamp",
                "gt",
                "2016-05-06T11:00:00",
                "timestamp",
                "ge",
                "2016-05-06T12:00:00")
            .filter();

    assertThat(filter.equal()).isEqualTo(Map.of(SeriesField.RESOURCE_ID, "r2"));
    assertThat(filter.from()).isEqualTo(T);
  }

  @Test
  void noneAsksForASeriesWithoutUserOrProject() {
    SampleFilter filter =
        parse(
                Scope.SAMPLES,
                "user",
                "eq",
                "None",
                "project_id",
                "eq",
                "None",
                "source",
                "eq",
                "None")
            .filter();

    assertThat(filter.equal())
        .containsEntry(SeriesField.USER_ID, null)
        .containsEntry(SeriesField.PROJECT_ID, null)
        .containsEntry(SeriesField.SOURCE, "None");
  }

  @ParameterizedTest
  @CsvSource({
    "1, '', java.lang.Long, 1",
    "-7, '', java.lang.Long, -7",
    "9223372036854775808, '', java.math.BigInteger, 9223372036854775808",
    "-98765432109876543210, integer, java.math.BigInteger, -98765432109876543210",
    "1.5, '', java.lang.Double, 1.5",
    "1e3, '', java.lang.Double, 1000.0",
    "True, '', java.lang.Boolean, true",
    "true, '', java.lang.String, true",
    "'\"1\"', '', java.lang.String, 1",
    "007, '', java.lang.String, 007",
    "m1.tiny, '', java.lang.String, m1.tiny",
    "1d, '', java.lang.String, 1d",
    "1, string, java.lang.String, 1",
    "1, float, java.lang.Double, 1.0",
    "007, integer, java.lang.Long, 7",
    "yes, boolean, java.lang.Boolean, true",
    "0, boolean, java.lang.Boolean, false",
  })
  void metadataValuesHaveTypes(String value, String type, Class<?> expectedType, String expected) {
    for (String prefix : List.of("metadata.", "resource_metadata.")) {
      Object typed =
          ((Condition.Compare) query(Scope.METERS, prefix + "k", "eq", value, type).rest()).value();

      assertThat(typed).isInstanceOf(expectedType).hasToString(expected);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x | eq | 3 | | Unknown argument: \"x\": unrecognized field in query: [<Query u'x' eq u'3'"
            + " >], valid keys: ['message_id', 'metadata', 'meter', 'project', 'resource',"
            + " 'search_offset', 'source', 'timestamp', 'user']",
        "x | bad | 3 | | Unknown argument: \"x\": unrecognized field in query: [<Query u'x' bad"
            + " u'3' >], valid keys: ['message_id', 'metadata', 'meter', 'project', 'resource',"
            + " 'search_offset', 'source', 'timestamp', 'user']",
        "project_id | lt | p | | Invalid input for field/attribute op. Value: 'lt'. unimplemented"
            + " operator for project_id",
        "metadata.a | ne | p | | Invalid input for field/attribute op. Value: 'ne'. unimplemented"
            + " operator for metadata.a",
        "user | like | p | | Invalid input for field/attribute op. Value: 'like'. Value should be"
            + " one of: lt, le, eq, ne, ge, gt",
        "timestamp | eq | 2016-05-06 | | Invalid input for field/attribute op. Value: 'eq'."
            + " unimplemented operator for timestamp",
        "timestamp | ge | 123 | | Invalid input for field/attribute timestamp. Value: '123'."
            + " invalid timestamp format",
        "search_offset | eq | 10 | | Invalid input for field/attribute search_offset. Value: '10'."
            + " search_offset cannot be used without timestamp",
        "metadata.a | eq | x | blob | The data type blob is not supported. The supported data type"
            + " list is: ['integer', 'float', 'string', 'boolean', 'datetime']",
        "metadata.a | eq | x | integer | Unable to convert the value x to the expected data type"
            + " integer.",
        "metadata.a | eq | 1e400 | float | Unable to convert the value 1e400 to the expected data"
            + " type float.",
        "metadata.a | eq | maybe | boolean | Unable to convert the value maybe to the expected"
            + " data type boolean.",
      })
  void mistakesAreNamed(String field, String op, String value, String type, String message) {
    assertThatThrownBy(() -> query(Scope.SAMPLES, field, op, value, type == null ? "" : type))
        .isInstanceOf(ApiException.class)
        .hasMessage(message)
        .extracting(e -> ((ApiException) e).status().intValue())
        .isEqualTo(400);
  }

  @Test
  void metersCannotBeAskedByTime() {
    assertThatThrownBy(() -> parse(Scope.METERS, "timestamp", "ge", "2016-05-06"))
        .hasMessage("Unknown argument: \"timestamp\": not valid for this resource");
    assertThatThrownBy(() -> parse(Scope.METERS, "meter", "eq", "cpu"))
        .hasMessageStartingWith("Unknown argument: \"meter\": unrecognized field");
    assertThatThrownBy(() -> parse(Scope.RESOURCES, "meter", "eq", "cpu"))
        .hasMessageStartingWith("Unknown argument: \"meter\": unrecognized field");
  }

  @Test
  void metadataNeedsAKey() {
    assertThatThrownBy(() -> parse(Scope.METERS, "metadata", "eq", "x"))
        .hasMessageStartingWith("Unknown argument: \"metadata\": unrecognized field");
  }

  @Test
  void ofIdsTheLastOneCounts() {
    assertThat(
            parse(Scope.SAMPLES, "message_id", "eq", "x", "message_id", "eq", "y").filter().rest())
        .isEqualTo(Condition.equal(Field.Column.MESSAGE_ID, "y"));
    assertThatThrownBy(() -> parse(Scope.RESOURCES, "message_id", "eq", "x"))
        .hasMessageStartingWith("Unknown argument: \"message_id\": unrecognized field");
  }

  @Test
  void aGroupNeedsItsFieldAndItsValue() {
    assertThatThrownBy(
            () -> arguments(Map.of("q.field", List.of("user", "source"), "q.value", List.of("u"))))
        .hasMessage(
            "Invalid input for field/attribute value. Value: 'None'. Mandatory field missing.");
    assertThatThrownBy(() -> arguments(Map.of("q.value", List.of("u"))))
        .hasMessage(
            "Invalid input for field/attribute field. Value: 'None'. Mandatory field missing.");
  }

  @Test
  void unknownAndRepeatedArgumentsAreRefused() {
    assertThatThrownBy(() -> arguments(Map.of("nmeter", List.of("1"), "bogus", List.of("2"))))
        .hasMessage("Unknown argument: \"bogus, nmeter\"");
    Arguments twice = Arguments.of(Map.of("limit", List.of("1", "1")), Set.of("limit"));
    assertThatThrownBy(() -> twice.limit(100)).hasMessageContaining("attribute limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1"})
  void limitsArePositive(String limit) {
    Arguments arguments = Arguments.of(Map.of("limit", List.of(limit)), Set.of("limit"));
    assertThatThrownBy(() -> arguments.limit(100)).hasMessage("Limit must be positive");
  }

  @Test
  void limitsAreNumbers() {
    Arguments huge =
        Arguments.of(Map.of("limit", List.of("99999999999999999999")), Set.of("limit"));
    assertThat(huge.limit(100)).isEqualTo(Integer.MAX_VALUE);
    Arguments arguments = Arguments.of(Map.of("limit", List.of("x")), Set.of("limit"));
    assertThatThrownBy(() -> arguments.limit(100)).hasMessageContaining("unable to convert to int");
  }

  @Test
  void aCallerIsKeptToItsProject() {
    Caller caller = new Caller("u", "mine", "mine");

    assertThat(parse(caller, Scope.SAMPLES).filter().equal())
        .isEqualTo(Map.of(SeriesField.PROJECT_ID, "mine"));
    assertThatThrownBy(
            () -> parse(caller, Scope.SAMPLES, "project", "eq", "theirs", "project", "eq", "mine"))
        .hasMessage("Not Authorized to access project theirs")
        .extracting(e -> ((ApiException) e).status().intValue())
        .isEqualTo(401);
  }

  private static ParsedQuery arguments(Map<String, List<String>> values) {
    return QueryParameters.parse(
        Arguments.of(values, QueryParameters.NAMES), Scope.SAMPLES, Caller.UNRESTRICTED);
  }

  private static SampleFilter query(
      Scope scope, String field, String op, String value, String type) {
    Map<String, List<String>> values =
        Map.of(
            "q.field", List.of(field),
            "q.op", List.of(op),
            "q.value", List.of(value),
            "q.type", List.of(type));
    return QueryParameters.parse(
            Arguments.of(values, QueryParameters.NAMES), scope, Caller.UNRESTRICTED)
        .filter();
  }

  private static ParsedQuery parse(Scope scope, String... fieldOpValue) {
    return parse(Caller.UNRESTRICTED, scope, fieldOpValue);
  }

  private static ParsedQuery parse(Caller caller, Scope scope, String... fieldOpValue) {
    Map<String, List<String>> values = new HashMap<>();
    for (int i = 0; i < fieldOpValue.length; i++) {
      String name = List.of("q.field", "q.op", "q.value").get(i % 3);
      values.computeIfAbsent(name, absent -> new ArrayList<>()).add(fieldOpValue[i]);
    }
    return QueryParameters.parse(Arguments.of(values, QueryParameters.NAMES), scope, caller);
  }
}
