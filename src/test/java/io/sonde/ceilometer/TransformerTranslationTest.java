package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformerTranslationTest {
  private static final SinkCheck TAKES_ALL = sink -> Optional.empty();

  private final Remarks remarks = new Remarks();

  @Test
  void conversionsKeepTheirParameters() {
    translates(
        """
        name: unit_conversion
        parameters:
          source: {unit: B, map_from: {name: 'a(b)', unit: '(B)'}}
          target: {name: n, unit: 5, type: gauge, scale: volume / 2, max: "10", map_to: {name: '\\1', unit: k\\1}}
        """,
        """
        name = unit_conversion
        parameters {
          source { unit = B, map_from { name = "a(b)", unit = "(B)" } }
          target {
            name = n, unit = "5", type = gauge, scale = "volume / 2", max = 10
            map_to { name = "\\\\1", unit = "k\\\\1" }
          }
        }
        """);
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void aStepWithoutParametersHasNone() {
    translates("name: unit_conversion\nparameters:\n", "name = unit_conversion");
    translates("name: rate_of_change\nparameters: {target: ~}\n", "name = rate_of_change");
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void whatTheOriginalIgnoresIsLeftOut() {
    translates(
        """
        name: unit_conversion
        parameters:
          source:
            map_from: {name: x}
            colour: red
          target:
            map_to: {unit: y}
            scale: 0
            max: 0
            size: 3
          retention: 9
        """,
        "name = unit_conversion");
    assertThat(shown(remarks))
        .containsExactly(
            "f:4: note: only one of map_from.name and map_to.name is given: neither works",
            "f:5: note: source.colour is left out: Ceilometer does not read it here",
            "f:7: note: only one of map_from.unit and map_to.unit is given: neither works",
            "f:8: note: this scale is none, and left out",
            "f:10: note: target.size is left out: Ceilometer does not read it here",
            "f:11: note: retention is left out: Ceilometer does not read it here");
  }

  @Test
  void aNumberAsTheScaleOfARateIsNoted() {
    translates(
        """
        name: rate_of_change
        parameters:
          source: {unit: B}
          target:
            scale: 2
        """,
        "name = rate_of_change, parameters { source { unit = B }, target { scale = 2 } }");
    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: samples of another unit have no rate",
            "f:5: note: the number multiplies the rate once; there, the volume was multiplied in"
                + " too");
  }

  @Test
  void deltasKeepNamesAndGrowth() {
    translates(
        """
        name: delta
        parameters:
          target: {name: cpu.delta, unit: ns}
          growth_only: True
        """,
        "name = delta, parameters { target { name = cpu.delta }, growth_only = true }");
    translates(
        """
        name: delta
        parameters:
          source: {map_from: {name: a}}
          target: {map_to: {name: b}}
          growth_only: no
        """,
        "name = delta, parameters { source.map_from.name = a, target.map_to.name = b }");
    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: target.unit is left out: Ceilometer does not read it here",
            "f:4: note: what a counter shows after a reset counts as growth; there, it was lost");
  }

  @Test
  void accumulatorsKeepTheirSizeIfTheyHaveOne() {
    translates(
        "name: accumulator\nparameters: {size: '15'}\n",
        "name = accumulator, parameters.size = 15");
    translates("name: accumulator\nparameters:\n", "name = accumulator, parameters.size = 1");
    assertThat(shown(remarks)).isEmpty();

    assertThat(translate("name: accumulator\nparameters: {size: 0}\n", TAKES_ALL)).isEmpty();
    assertThat(shown(remarks))
        .containsExactly("f:1: note: an accumulator of size 0 holds nothing: it is left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{size: 15}|{size = 15}|2: note: samples are counted by meter and resource",
        "{size: '15'}|{size = 15}|2: note: samples are counted by meter and resource",
        "{}|{size = 1}|1: note: each sample is handed on by itself",
        "{size: 0}|{size = 1}|1: note: each sample is handed on by itself",
        "{retention_time: 60}|{retention_time = 60}|2: note: a window ends so long after it began",
        "{size: 0, retention_time: 60.5}|{retention_time = 60.5}|2: note: time is that of the clock",
      })
  void aggregatorsEndTheirWindowsByCountAndClock(String given, String expected, String note) {
    translates(
        "name: aggregator\nparameters: " + given + "\n",
        "name = aggregator, parameters " + expected);
    assertThat(shown(remarks)).singleElement().asString().startsWith("f:" + note);
  }

  @Test
  void aggregatorsHavePoliciesAndConvert() {
    translates(
        """
        name: aggregator
        parameters:
          target: {name: mean, scale: 2}
          size: 10
          retention_time: 60
          timestamp: last
          user_id: first
          project_id: middle
          resource_metadata: drop
        """,
        """
        name = aggregator
        parameters {
          target { name = mean, scale = 2 }
          size = 10, retention_time = 60, timestamp = last
          user_id = first, project_id = last, resource_metadata = drop
        }
        """);
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: renamed gauges are averaged; there, they ended in a division by zero",
            "f:4: note: samples are counted by meter and resource; there, all of a worker together,"
                + " and everything was handed on after the message that reached the size",
            "f:5: note: time is that of the clock, since the window began; there, it was the age of"
                + " its first sample, looked at when a message came",
            "f:8: note: project_id \"middle\" counts as last, as there");
  }

  @Test
  void arithmeticKeepsItsExpression() {
    translates(
        """
        name: arithmetic
        parameters:
          target:
            name: memory_util
            unit: '%'
            type: gauge
            expr: $(memory.usage) / $(memory) * 100
        """,
        """
        name = arithmetic
        parameters.target {
          name = memory_util, unit = "%", type = gauge
          expr = "$(memory.usage) / $(memory) * 100"
        }
        """);
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: a result has the time of its own resource's samples; there, of the last"
                + " sample of any resource",
            "f:7: note: / divides exactly; there, with Python 2, whole numbers gave whole ones");
  }

  @Test
  void transformersOfOthersAreHandedOnAsTheyAre() {
    translates(
        "name: median\nparameters: {source: {of: 3}, deep: [1, {a: b}]}\n",
        "name = median, parameters { source.of = 3, deep = [1, {a = b}] }");
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void whatSondeRefusesIsLostWithItsReasonAndNotes() {
    SinkCheck check = SinkCheck.by(ConfigFactory.load().getConfig("sonde"));

    assertThat(translate("name: median\nparameters:\n", check)).isNull();
    assertThat(
            translate(
                """
                name: rate_of_change
                parameters:
                  target: {type: odd, scale: 3}
                """,
                check))
        .isNull();
    assertThat(
            translate(
                """
                name: unit_conversion
                parameters:
                  source: {map_from: {name: "(?P<a>x)(?P=a)"}}
                  target: {map_to: {name: y}}
                """,
                check))
        .isNull();
    assertThat(translate("name: rate_of_change\nparameters:\n", check)).hasSize(1);

    assertThat(shown(remarks)).hasSize(3);
    assertThat(shown(remarks).get(0))
        .startsWith(
            "f:1: lost: the transformer median is not taken: name: \"median\" is not one of");
    assertThat(shown(remarks).get(1))
        .isEqualTo(
            "f:1: lost: the transformer rate_of_change is not taken: target.type: \"odd\" is not one"
                + " of gauge, delta, cumulative");
    assertThat(shown(remarks).get(2))
        .startsWith(
            "f:1: lost: the transformer unit_conversion is not taken: source.map_from.name: ");
  }

  @Test
  void laterReleasesIgnoreThemWhichIsNoted() {
    new TransformerTranslation(Release.CURRENT, TAKES_ALL, remarks)
        .translate(parse("name: rate_of_change\nparameters:\n"), new ArrayList<>());
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: Ceilometer ignores transformers since Stein; here rate_of_change works");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "parameters: {}|f:1: Required field name not specified",
        "name: delta|f:1: expected the key parameters, which may be null",
        "rate_of_change|f:1: expected a transformer { name, parameters }, found rate_of_change",
        "{name: delta, parameters: 3}|f:1: expected a map of parameters, found 3",
        "{name: delta, parameters: {target: {name: [a]}}}|f:1: expected a text, found a list",
        "{name: unit_conversion, parameters: {target: {max: .inf}}}|f:1: expected a finite number",
      })
  void whatIsNoTransformerIsRefused(String text, String message) {
    refused(() -> translate(text, TAKES_ALL)).withMessageStartingWith(message);
  }

  private void translates(String yaml, String hocon) {
    assertThat(ConfigFactory.parseMap(translate(yaml, TAKES_ALL).get(0)))
        .isEqualTo(ConfigFactory.parseString(hocon));
  }

  /** The steps that come of it; null when they are lost. */
  private List<Map<String, Object>> translate(String yaml, SinkCheck check) {
    List<Map<String, Object>> steps = new ArrayList<>();
    boolean isWhole =
        new TransformerTranslation(Release.NEWTON, check, remarks).translate(parse(yaml), steps);
    return isWhole ? steps : null;
  }
}
