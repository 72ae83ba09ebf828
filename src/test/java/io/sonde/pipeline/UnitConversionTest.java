package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import org.junit.jupiter.api.Test;

class UnitConversionTest {
  private final Sample sample =
      Samples.sample(Samples.series("memory", MeterType.GAUGE, "MB", "vm"), 0, 100);

  @Test
  void aNumberMultiplies() {
    assertThat(convert("target { scale = 0.5 }").volume()).isEqualTo(50);
  }

  @Test
  void anExpressionIsTheResult() {
    assertThat(convert("target { scale = \"2\" }").volume()).isEqualTo(2);
    assertThat(convert("target { scale = \"volume / 1024\" }").volume()).isEqualTo(100 / 1024.0);
  }

  @Test
  void maxClampsAndZeroIsNone() {
    assertThat(convert("target { scale = 1, max = 99 }").volume()).isEqualTo(99);
    assertThat(convert("target { scale = 1, max = 0 }").volume()).isEqualTo(100);
  }

  @Test
  void otherUnitsPassUnchanged() {
    assertThat(convert("source { unit = GB }, target { scale = 2, unit = B }")).isSameAs(sample);
    assertThat(convert("source { unit = MB }, target { scale = 2, unit = B }").volume())
        .isEqualTo(200);
  }

  @Test
  void keepsAllButWhatTheTargetNames() {
    Sample keyed = new Sample(sample.series(), sample.timestamp(), 1, 77, sample.metadata());

    Sample converted =
        apply("target { name = mem, unit = KB, type = delta, scale = 1024 }", keyed)
            .outputs()
            .get(0);

    assertThat(converted)
        .isEqualTo(
            new Sample(
                keyed.series().as("mem", MeterType.DELTA, "KB"),
                keyed.timestamp(),
                1024,
                77,
                keyed.metadata()));
  }

  @Test
  void aResultThatIsNoNumberIsSkipped() {
    Outcome outcome = apply("target { scale = \"volume / resource_metadata.zero\" }", sample);

    assertThat(outcome.skip()).isEqualTo(Skip.NO_NUMBER);
  }

  private Sample convert(String parameters) {
    return apply(parameters, sample).outputs().get(0);
  }

  private static Outcome apply(String parameters, Sample input) {
    return new UnitConversion(Samples.parameters(parameters)).apply(input, null, 0);
  }
}
