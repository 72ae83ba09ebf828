package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
  @ParameterizedTest
  @CsvSource({
    "2016-05-06T12:34:56.789012,        2016-05-06T12:34:56.789012Z",
    "2016-05-06 12:34:56.789012,        2016-05-06T12:34:56.789012Z",
    "2016-05-06T12:34:56+00:00,         2016-05-06T12:34:56Z",
    "2016-05-06T12:34:56Z,              2016-05-06T12:34:56Z",
    "2016-05-06t12:34:56z,              2016-05-06T12:34:56Z",
    "2016-05-06T12:34:56.5,             2016-05-06T12:34:56.5Z",
    "'2016-05-06T12:34:56,5',           2016-05-06T12:34:56.5Z",
    "2016-05-06T12:34:56.123456789,     2016-05-06T12:34:56.123456Z",
    "2016-05-06T12:34,                  2016-05-06T12:34:00Z",
    "2016-05-06T12:34+02:00,            2016-05-06T10:34:00Z",
    "2016-05-06,                        2016-05-06T00:00:00Z",
    "2014-01-01T00:00:00+02:00,         2013-12-31T22:00:00Z",
    "2014-01-01T00:00:00-0530,          2014-01-01T05:30:00Z",
    "2014-01-01T00:00:00.25+02,         2013-12-31T22:00:00.25Z",
    "2016-02-29T00:00:00,               2016-02-29T00:00:00Z",
    "1969-12-31T23:59:59.999999,        1969-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00,               0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999,        9999-12-31T23:59:59.999999Z",
  })
  void readsEverySpelling(String text, String instant) {
    assertThat(Timestamps.parse(text)).isEqualTo(micros(Instant.parse(instant)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "123",
        "yesterday",
        "2016-05-06T",
        "2016-05-06T1:00:00",
        "2016-05-06T12",
        "2016-05-06T12:34:",
        "2016-05-06T12:34:5",
        "2016-05-06T12:34:56.",
        "2016-05-06T12:34:56.1234567890",
        "2016-05-06T12:34:56 ",
        "2016-05-06T12:34:56 02:00",
        "2016-05-06T12:34:56ZZ",
        "2016-05-06T12:34:56+",
        "2016-05-06T12:34:56+2",
        "2016-05-06T12:34:56+02:0",
        "2016-05-06T12:34:56+24:00",
        "2016-05-06T12:34:56+02:60",
        "2016-05-06T12:34:56+02:00Z",
        "2016-05-06_12:34:56",
        "2016-05-06T24:00:00",
        "2016-05-06T12:60:00",
        "2016-05-06T12:34:60",
        "2016-13-06T12:34:56",
        "2016-00-06",
        "2016-05-00",
        "2016-04-31",
        "2015-02-29",
        "1900-02-29",
        "0000-01-01",
        "-001-01-01",
        "16-05-06T12:34:56",
        "20160506T123456",
        "2016-05-0\u0666",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
      })
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> Timestamps.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("invalid timestamp format");
  }

  @Test
  void writesTheFractionOnlyWhenThereIsOne() {
    assertThat(Timestamps.format(0)).isEqualTo("1970-01-01T00:00:00");
    assertThat(Timestamps.format(1)).isEqualTo("1970-01-01T00:00:00.000001");
    assertThat(Timestamps.format(-1)).isEqualTo("1969-12-31T23:59:59.999999");
    assertThat(Timestamps.format(Timestamps.MIN)).isEqualTo("0001-01-01T00:00:00");
    assertThat(Timestamps.format(Timestamps.MAX)).isEqualTo("9999-12-31T23:59:59.999999");
  }

  @Test
  void agreesWithTheJdkAndReadsWhatItWrites() {
    long seed = Long.getLong("seed", 42);
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long micros =
          Timestamps.MIN + (long) (random.nextDouble() * (Timestamps.MAX - Timestamps.MIN));
      String text = Timestamps.format(micros);
      LocalDateTime jdk = LocalDateTime.parse(text);
      assertThat(micros(jdk.toInstant(ZoneOffset.UTC))).as("seed %s", seed).isEqualTo(micros);
      assertThat(Timestamps.parse(text)).as("seed %s", seed).isEqualTo(micros);
    }
  }

  private static long micros(Instant instant) {
    // ChronoUnit.MICROS counts nanoseconds in between, which overflow in the year 2262.
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1000;
  }
}
