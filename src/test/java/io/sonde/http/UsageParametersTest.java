package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.query.Field;
import io.sonde.query.UsageQuestion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UsageParametersTest {
  private static final Caller ANYBODY = Caller.UNRESTRICTED;

  @Test
  void daysHonourDaylightSaving() {
    UsageQuestion question =
        parse("meter=cpu", "start=2026-03-28", "end=2026-03-31", "per=day", "tz=Europe/Berlin");

    assertThat(question.bounds())
        .extracting(Timestamps::format)
        .containsExactly(
            "2026-03-27T23:00:00",
            "2026-03-28T23:00:00",
            // 23 hours long
            "2026-03-29T22:00:00",
            "2026-03-30T22:00:00");
    assertThat(question.longestGap()).isEqualTo(3_600_000_000L);
  }

  @Test
  void hoursAreHoursWhenClocksGoBack() {
    UsageQuestion question =
        parse(
            "meter=cpu",
            "start=2026-10-25T01:30:00",
            "end=2026-10-25T04:00:00",
            "per=hour",
            "tz=Europe/Berlin");

    assertThat(question.bounds())
        .extracting(Timestamps::format)
        .containsExactly(
            "2026-10-24T23:30:00",
            "2026-10-25T00:00:00",
            "2026-10-25T01:00:00",
            "2026-10-25T02:00:00",
            "2026-10-25T03:00:00");
  }

  @Test
  void monthsAreCutAtTheBounds() {
    UsageQuestion question =
        parse(
            "meter=cpu",
            "start=2026-01-31T12:00:00Z",
            "end=2026-04-01T00:00:00+00:00",
            "per=month");

    assertThat(question.bounds())
        .extracting(Timestamps::format)
        .containsExactly(
            "2026-01-31T12:00:00",
            "2026-02-01T00:00:00",
            "2026-03-01T00:00:00",
            "2026-04-01T00:00:00");
  }

  @Test
  void withoutPeriodsThereIsOne() {
    assertThat(parse("meter=cpu", "start=2026-01-01", "end=2026-01-02", "gap=60").bounds())
        .hasSize(2);
  }

  @Test
  void groupsAreFieldsAndMetadataAsItIsShown() {
    UsageQuestion question =
        parse(
            "meter=cpu",
            "start=2026-01-01",
            "end=2026-01-02",
            "groupby=project_id",
            "groupby=metadata.flavor.name",
            "groupby=resource_metadata.zone",
            "groupby=project_id");
    Metadata metadata = Metadata.of(Map.of("flavor", Map.of("name", "m1"), "zone", "z2"));

    assertThat(question.groupBy())
        .containsExactly(
            Map.entry("metadata.flavor.name", new Field.MetadataKey("flavor.name")),
            Map.entry("project_id", Field.PROJECT_ID),
            Map.entry("resource_metadata.zone", new Field.MetadataKey("zone")));
    assertThat(question.shown().apply(metadata, "flavor.name")).isEqualTo("m1");
    assertThat(question.shown().apply(metadata, "zone")).isEqualTo("z2");
  }

  @Test
  void timesMayBeFarAway() {
    assertThat(parse("meter=cpu", "start=0001-01-01", "end=9999-12-31").bounds())
        .containsExactly(
            Timestamps.parse("0001-01-01T00:00:00"), Timestamps.parse("9999-12-31T00:00:00"));
  }

  @Test
  void callersAreKeptToTheirProject() {
    Caller own = new Caller(null, null, "p1");
    String[] all = {"meter=cpu", "start=2026-01-01", "end=2026-01-02"};

    assertThat(parse(own, all).filter().equal()).containsEntry(SeriesField.PROJECT_ID, "p1");
    assertThatThrownBy(() -> parse(own, all[0], all[1], all[2], "project_id=p2"))
        .hasMessage("Not Authorized to access project p2");
  }

  @Test
  void mistakesAreNamed() {
    assertMistake("meter", "Mandatory field missing.", "start=2026-01-01", "end=2026-01-02");
    assertMistake("start", "Mandatory field missing.", "meter=cpu", "end=2026-01-02");
    assertMistake(
        "end", "a time after the start", "meter=cpu", "start=2026-01-02", "end=2026-01-02");
    assertMistake(
        "per",
        "hour, day or month is expected",
        "meter=cpu",
        "start=2026-01-01",
        "end=2026-01-02",
        "per=week");
    assertMistake(
        "tz", "a time zone such as", "meter=cpu", "start=2026-01-01", "end=2026-01-02", "tz=Mars");
    assertMistake(
        "gap", "seconds are expected", "meter=cpu", "start=2026-01-01", "end=2026-01-02", "gap=0");
    assertMistake(
        "start", "invalid timestamp format", "meter=cpu", "start=yesterday", "end=2026-01-02");
    assertMistake(
        "per",
        "at most 100000 periods",
        "meter=cpu",
        "start=1900-01-01",
        "end=2026-01-02",
        "per=hour");
    assertThatThrownBy(
            () -> parse("meter=cpu", "start=2026-01-01", "end=2026-01-02", "groupby=flavor"))
        .hasMessageContaining("flavor")
        .hasMessageContaining("Invalid groupby fields");
  }

  private static void assertMistake(String field, String why, String... arguments) {
    assertThatThrownBy(() -> parse(arguments))
        .hasMessageContaining(field)
        .hasMessageContaining(why);
  }

  private static UsageQuestion parse(String... arguments) {
    return parse(ANYBODY, arguments);
  }

  private static UsageQuestion parse(Caller caller, String... arguments) {
    Map<String, List<String>> values = new TreeMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      values.merge(
          parts[0],
          List.of(parts[1]),
          (one, other) -> Stream.concat(one.stream(), other.stream()).toList());
    }
    return UsageParameters.parse(Arguments.of(values, UsageParameters.NAMES), caller);
  }
}
