package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Monotonic;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RateOfChangeTest {
  private static final Series CUMULATIVE =
      Samples.series("disk.read.bytes", MeterType.CUMULATIVE, "B", "vm");
  private static final Series GAUGE = Samples.series("temperature", MeterType.GAUGE, "C", "vm");

  @Test
  void anExpressionScalesTheRate() {
    assertThat(rate("target { scale = \"2\" }", CUMULATIVE, 100, 200)).isEqualTo(20);
  }

  @Test
  void aNumberScalesTheRateOnce() {
    assertThat(rate("target { scale = 2 }", CUMULATIVE, 100, 200)).isEqualTo(20);
  }

  @Test
  void theFirstSampleIsOnlyRemembered() {
    Sample first = Samples.sample(CUMULATIVE, 0, 5);

    Outcome outcome = apply("", first, null);
    assertThat(Reading.of(outcome.next())).isEqualTo(new Reading(first.timestamp(), 5, null));
    assertThat(outcome.outputs()).isEmpty();
    assertThat(outcome.skip()).isEqualTo(Skip.FIRST);
  }

  @Test
  void betweenReadingsOfOnePollerItsOwnClockCounts() {
    // The wall clock was set forward by 90 s and back by 30 s while 10 s went by each time.
    Sample first = read(0, 100, 7, 0);
    Sample second = read(100, 200, 7, 10);
    Sample third = read(70, 300, 7, 20);
    Outcome rate = apply("", second, Reading.of(first));
    assertThat(rate.outputs()).extracting(Sample::volume).containsExactly(10.0);
    rate = apply("", third, Reading.of(rate.next()));
    assertThat(rate.outputs()).extracting(Sample::volume).containsExactly(10.0);
    assertThat(rate.outputs().get(0).timestamp()).isEqualTo(third.timestamp());
    assertThat(apply("", third, Reading.of(rate.next())).skip()).isEqualTo(Skip.REDELIVERED);
    assertThat(apply("", second, Reading.of(rate.next())).skip()).isEqualTo(Skip.OUT_OF_ORDER);
  }

  @Test
  void betweenReadingsOfDifferentPollersTheWallClockCounts() {
    Reading first = Reading.of(read(0, 100, 7, 500));
    assertThat(apply("", read(20, 300, 8, 3), first).outputs())
        .extracting(Sample::volume)
        .containsExactly(10.0);
    assertThat(apply("", Samples.sample(CUMULATIVE, 20, 300), first).outputs())
        .extracting(Sample::volume)
        .containsExactly(10.0);
    assertThat(apply("", read(20, 300, 8, 3), reading(0, 100)).outputs())
        .extracting(Sample::volume)
        .containsExactly(10.0);
  }

  private static Sample read(long second, double volume, long clock, long clockSecond) {
    Sample sample = Samples.sample(CUMULATIVE, second, volume);
    return new Sample(
        sample.series(),
        sample.timestamp(),
        volume,
        sample.key(),
        sample.metadata(),
        new Monotonic(clock, clockSecond * 1_000_000_000));
  }

  @Test
  void theSameMomentAgainIsARedelivery() {
    Outcome outcome = apply("", Samples.sample(CUMULATIVE, 0, 9), reading(0, 1));

    assertThat(outcome.skip()).isEqualTo(Skip.REDELIVERED);
    assertThat(outcome.next()).isNull();
  }

  @Test
  void anOlderSampleDoesNotDisturb() {
    Outcome outcome = apply("", Samples.sample(CUMULATIVE, 0, 9), reading(10, 1));

    assertThat(outcome.skip()).isEqualTo(Skip.OUT_OF_ORDER);
    assertThat(outcome.next()).isNull();
  }

  @Test
  void aCounterThatFellWasReset() {
    assertThat(rate("", CUMULATIVE, 100, 30)).isEqualTo(3);
  }

  @Test
  void aGaugeMayFall() {
    assertThat(rate("", GAUGE, 100, 30)).isEqualTo(-7);
  }

  @Test
  void maxClamps() {
    assertThat(rate("target { max = 4 }", CUMULATIVE, 0, 100)).isEqualTo(4);
    assertThat(rate("target { max = 0 }", CUMULATIVE, 0, 100)).isEqualTo(10);
  }

  @Test
  void mappingReplacesInsideNameAndUnit() {
    Sample output =
        output(
            """
            source { map_from { name = "disk\\\\.(read)", unit = "(B)" } }
            target { map_to { name = "io.\\\\1", unit = "\\\\1/s" } }
            """,
            Samples.sample(CUMULATIVE, 10, 11),
            reading(0, 1));

    assertThat(output.series())
        .isEqualTo(CUMULATIVE.as("io.read.bytes", MeterType.CUMULATIVE, "B/s"));
    assertThat(output.volume()).isEqualTo(1);
  }

  @Test
  void anEmptyMappingFallsBackToTheFixedName() {
    String parameters =
        "source { map_from { name = \".+\" } }, target { name = fixed, map_to { name = \"\" } }";

    Sample output = output(parameters, Samples.sample(CUMULATIVE, 10, 11), reading(0, 1));

    assertThat(output.series().meter()).isEqualTo("fixed");
  }

  @Test
  void keepsWhoseItIs() {
    Series series =
        new Series(
            "mysrc",
            "x",
            MeterType.CUMULATIVE,
            "B",
            "vm",
            "p",
            "u",
            new TreeMap<>(Map.of("a", "b")));
    Metadata metadata = Metadata.of(Map.of("cpu_number", 2));
    Sample input = new Sample(series, Samples.START + 10_000_000, 4e9, 99, metadata);

    Sample output =
        output(
            """
            target { name = cpu_util, unit = "%", type = gauge, max = 100
              scale = "100.0 / (10**9 * (resource_metadata.cpu_number or 1))" }
            """,
            input, reading(0, 0));

    assertThat(output)
        .isEqualTo(
            new Sample(
                series.as("cpu_util", MeterType.GAUGE, "%"),
                input.timestamp(),
                20,
                SampleKey.NONE,
                metadata));
  }

  @Test
  void aRateThatIsNoNumberIsSkippedButRemembered() {
    Sample input = Samples.sample(CUMULATIVE, 10, 11);

    Outcome outcome = apply("target { scale = \"1 / 0\" }", input, reading(0, 1));

    assertThat(outcome.skip()).isEqualTo(Skip.NO_NUMBER);
    assertThat(Reading.of(outcome.next())).isEqualTo(reading(10, 11));
  }

  @Test
  void growthThatOverflowsIsSkipped() {
    Outcome outcome = apply("", Samples.sample(GAUGE, 10, 1.7e308), reading(0, -1.7e308));

    assertThat(outcome.skip()).isEqualTo(Skip.NO_NUMBER);
  }

  @Test
  void otherUnitsAreSkipped() {
    Outcome outcome = apply("source { unit = B }", Samples.sample(GAUGE, 10, 1), reading(0, 0));

    assertThat(outcome.skip()).isEqualTo(Skip.OTHER_UNIT);
    assertThat(outcome.next()).isNull();
  }

  private static double rate(String parameters, Series series, double before, double now) {
    return output(parameters, Samples.sample(series, 10, now), reading(0, before)).volume();
  }

  private static Sample output(String parameters, Sample input, Reading last) {
    return apply(parameters, input, last).outputs().get(0);
  }

  private static Reading reading(long second, double volume) {
    return new Reading(Samples.START + second * 1_000_000, volume, null);
  }

  private static Outcome apply(String parameters, Sample input, Reading last) {
    return new RateOfChange(Samples.parameters(parameters))
        .apply(input, last == null ? null : last.bytes(), 0);
  }
}
