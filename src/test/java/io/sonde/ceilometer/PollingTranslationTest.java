package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollingReadingTest {
  private final Remarks remarks = new Remarks();

  @Test
  void eachSourceIsLostWithItsReason() {
    read(
        """
        sources:
        - name: a
          interval: 300
          meters: [cpu, memory]
        - name: a
          interval: '60'
          meters: ['*']
          discovery: [endpoint:volumev3]
          group_id_coordination_expression: "'a'"
        """);
    assertThat(shown(remarks)).hasSize(2);
    assertThat(shown(remarks).get(0))
        .startsWith("f:2: lost: polling of a (2 meters every 300 s): Sonde does not ask");
    assertThat(shown(remarks).get(1))
        .startsWith("f:5: lost: polling of a (all meters every 60 s): ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|sources required",
        "{sources: {}}|expected a list of sources, found a map",
        "{sources: [{interval: 3, meters: [a]}]}|Required field name not specified",
        "{sources: [{name: x, interval: 3}]}|Missing meters value",
        "{sources: [{name: x, interval: 3, meters: []}]}|No meters specified",
        "{sources: [{name: x, interval: 3, meters: [a, '*']}]}|Included meters specified with wildcard",
        "{sources: [{name: x, meters: [a]}]}|Missing interval value",
        "{sources: [{name: x, interval: , meters: [a]}]}|Invalid interval value",
        "{sources: [{name: x, interval: '2.5', meters: [a]}]}|Invalid interval value",
        "{sources: [{name: x, interval: -1, meters: [a]}]}|Interval value should > 0",
        "{sources: [{name: x, interval: 3, meters: [a], resources: r}]}|Resources should be a list",
        "{sources: [{name: x, interval: 3, meters: [a], discovery: r}]}|Discovery should be a list",
      })
  void whatTheOriginalRefusesIsRefusedInItsWords(String text, String message) {
    refused(() -> read(text)).withMessage("f:1: " + message);
  }

  private void read(String text) {
    new PollingReading(Release.CURRENT, remarks).read(parse(text));
  }
}
