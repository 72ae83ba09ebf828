package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeltaTest {
  private static final Series COUNTER = Samples.series("cpu", MeterType.CUMULATIVE, "ns", "vm");
  private static final Series GAUGE = Samples.series("disk", MeterType.GAUGE, "GB", "vm");

  @Test
  void differencesAreDeltasInTheSameUnit() {
    List<Sample> made = run("target { name = cpu.delta, unit = X }", COUNTER, 10, 30, 5, 9);

    assertThat(made).extracting(Sample::volume).containsExactly(20.0, -25.0, 4.0);
    assertThat(made.get(0).series())
        .isEqualTo(Samples.series("cpu.delta", MeterType.DELTA, "ns", "vm"));
  }

  @Test
  void growthOnlyKeepsTheGrowthAfterAReset() {
    assertThat(run("growth_only = true", COUNTER, 10, 30, 5, 9))
        .extracting(Sample::volume)
        .containsExactly(20.0, 5.0, 4.0);
    assertThat(run("growth_only = \"True\"", GAUGE, 10, 30, 5, 9))
        .extracting(Sample::volume)
        .containsExactly(20.0, 4.0);
  }

  @Test
  void lateOnesDoNotDisturb() {
    Delta delta = new Delta(Samples.parameters(""));
    byte[] memory = delta.apply(Samples.sample(COUNTER, 10, 10), null, 0).next();

    assertThat(delta.apply(Samples.sample(COUNTER, 5, 7), memory, 0).skip())
        .isEqualTo(Skip.OUT_OF_ORDER);
    assertThat(delta.apply(Samples.sample(COUNTER, 10, 7), memory, 0).skip())
        .isEqualTo(Skip.REDELIVERED);
  }

  private static List<Sample> run(String parameters, Series series, double... volumes) {
    Delta delta = new Delta(Samples.parameters(parameters));
    List<Sample> made = new ArrayList<>();
    byte[] memory = null;
    for (int i = 0; i < volumes.length; i++) {
      Outcome outcome = delta.apply(Samples.sample(series, i * 10L, volumes[i]), memory, 0);
      memory = outcome.next() == null ? memory : outcome.next();
      made.addAll(outcome.outputs());
    }
    return made;
  }
}
