package io.sonde.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.exporter.PrometheusText.Exposition;
import io.sonde.exporter.PrometheusText.Reading;
import io.sonde.model.MeterType;
import io.sonde.polling.PollException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusTextTest {

  @Test
  void readsEveryKindOfMetric() throws IOException {
    Exposition exposition =
        PrometheusText.parse(resource("/wire/prometheus-exposition.txt"), false);
    assertThat(exposition.readings().stream().map(PrometheusTextTest::line).toList())
        .isEqualTo(resource("/wire/prometheus-exposition.expected").lines().toList());
    assertThat(exposition.skipped()).isEqualTo(2);
  }

  @Test
  void readsOpenMetrics() {
    Exposition exposition =
        PrometheusText.parse(
            """
            # TYPE power_used counter
            # UNIT power_used kilowatthours
            # HELP power_used with "quotes" and \\n breaks
            power_used_total{zone="a"} 17.5 1700000000.25 # {trace_id="KOO5S4vxi0o"} 0.67 1.5
            power_used_created{zone="a"} 1605281325.0
            # TYPE wait_seconds gaugehistogram
            wait_seconds_bucket{le="1.0"} 4 # {trace_id="x"} 0.67
            wait_seconds_gcount 4
            wait_seconds_gsum 2.5
            # TYPE build info
            build_info{version="1"} 1
            # TYPE state stateset
            state{state="on"} 1
            # EOF
            """,
            false);
    assertThat(exposition.readings().stream().map(PrometheusTextTest::line))
        .containsExactly(
            "power_used_total cumulative kilowatthours {zone=a} 17.5 1700000000250000",
            "power_used_created gauge s {zone=a} 1.605281325E9 -",
            "wait_seconds_bucket gauge '' {le=1.0} 4.0 -",
            "wait_seconds_gcount gauge '' {} 4.0 -",
            "wait_seconds_gsum gauge s {} 2.5 -",
            "build_info gauge '' {version=1} 1.0 -",
            "state gauge '' {state=on} 1.0 -");
  }

  @Test
  void takesUnitsFromNames() {
    assertThat(
            units("a_bytes", "a_bytes_total", "a_ratio", "a_celsius", "a_milliseconds", "abytes"))
        .containsExactly("B", "B", "ratio", "C", "ms", "");
  }

  @Test
  void anEmptyLabelIsNone() {
    assertThat(PrometheusText.parse("a{b=\"\",c=\"1\"} 1", false).readings().get(0).labels())
        .isEqualTo(Map.of("c", "1"));
  }

  @Test
  void unescapesLabelValues() {
    Reading reading =
        PrometheusText.parse("a{b=\"\\\\n\\n\\\"\\x}\"} 1 2\r\n", false).readings().get(0);
    assertThat(reading.labels()).isEqualTo(Map.of("b", "\\n\n\"\\x}"));
    assertThat(reading.timestamp()).isEqualTo(2000);
  }

  @Test
  void anEmptyExpositionIsOne() {
    assertThat(PrometheusText.parse("", false).readings()).isEmpty();
    assertThat(PrometheusText.parse("\n\n# just talk\n#\n", true).readings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9metric 1",
        "{a=\"b\"} 1",
        "metric",
        "metric{} ",
        "metric one",
        "metric 1d",
        "metric 1f",
        "metric 1_000",
        "metric Infinity",
        "metric 1 soon",
        "metric 1 1e300",
        "metric 1 2 3",
        "metric{a} 1",
        "metric{a=b} 1",
        "metric{a=\"b} 1",
        "metric{a=\"b\\",
        "metric{a=\"b\" 1",
        "metric{a=\"b\"c=\"d\"} 1",
        "metric{a=\"b\",a=\"c\"} 1",
        "metric{,} 1",
        "metric{a=\"b\",",
        "metric{a:b=\"c\"} 1",
        "# TYPE metric",
        "# TYPE metric meter",
        "metric-with-hyphen 1",
        "<html>"
      })
  void namesTheMalformedLine(String line) {
    assertThatThrownBy(
            () -> PrometheusText.parse("# HELP a b\n\nfine 1\n" + line + "\nfine 2\n", false))
        .isInstanceOf(PollException.class)
        .hasMessageStartingWith("line 4 of the exposition: ");
  }

  @Test
  void noInputBreaksIt() throws IOException {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    String whole = resource("/wire/prometheus-exposition.txt");
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(whole.substring(random.nextInt(whole.length())));
      for (int j = 0; j < 5 && text.length() > 0; j++) {
        text.setCharAt(random.nextInt(text.length()), "\"\\{}=, #\n1aN".charAt(random.nextInt(12)));
      }
      try {
        PrometheusText.parse(text.toString(), random.nextBoolean());
      } catch (PollException expected) {
        assertThat(expected).as("seed %s", seed).hasMessageStartingWith("line ");
      }
    }
  }

  private static List<String> units(String... names) {
    return PrometheusText.parse(String.join(" 1\n", names) + " 1\n", false).readings().stream()
        .map(Reading::unit)
        .toList();
  }

  private static String line(Reading reading) {
    return String.join(
        " ",
        reading.meter(),
        reading.type().wireName(),
        reading.unit().isEmpty() ? "''" : reading.unit(),
        reading.labels().toString().replace('\n', '⏎'),
        String.valueOf(reading.value()),
        reading.timestamp() == PrometheusText.NO_TIME ? "-" : String.valueOf(reading.timestamp()));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = PrometheusTextTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void countersBySuffixAloneAreGauges() {
    assertThat(PrometheusText.parse("a_total 1", false).readings().get(0).type())
        .isEqualTo(MeterType.GAUGE);
  }
}
