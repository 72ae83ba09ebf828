package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
  private static final String MEMORY_UTIL =
      "target { name = memory_util, unit = \"%\", type = gauge,"
          + " expr = \"100 * $(memory.usage) / $(memory)\" }";

  @Test
  void computesWhenAllAreThere() {
    List<Sample> made =
        run(
            MEMORY_UTIL,
            sample("memory", "vm", 0, 1024),
            sample("cpu", "vm", 1, 5),
            sample("memory.usage", "vm", 2, 512),
            sample("memory.usage", "other", 3, 512),
            sample("memory.usage", "vm", 60, 256),
            sample("memory", "vm", 61, 1024));

    assertThat(made).extracting(Sample::volume).containsExactly(50.0, 25.0);
    assertThat(made.get(0).series())
        .isEqualTo(Samples.series("memory_util", MeterType.GAUGE, "%", "vm"));
    assertThat(made).extracting(Sample::timestamp).containsExactly(at(2), at(61));
    assertThat(made.get(0).metadata()).isEqualTo(sample("memory.usage", "vm", 2, 512).metadata());
  }

  @Test
  void theLastOfEachCounts() {
    assertThat(
            run(
                MEMORY_UTIL,
                sample("memory", "vm", 0, 9),
                sample("memory", "vm", 1, 200),
                sample("memory.usage", "vm", 2, 100)))
        .extracting(Sample::volume)
        .containsExactly(50.0);
  }

  @Test
  void copiesMakeNothing() {
    Sample memory = sample("memory", "vm", 0, 200);
    Sample usage = sample("memory.usage", "vm", 1, 100);

    assertThat(run(MEMORY_UTIL, memory, usage, memory, usage, memory, usage)).hasSize(1);
  }

  @Test
  void fieldsOfMetersAndDefaultsOfTheFirst() {
    List<Sample> made =
        run(
            "target { expr = \"$(a).resource_metadata.n * $(b).volume + $(a)\" }",
            sample("a", "vm", 0, 1),
            sample("b", "vm", 0, 10));

    assertThat(made).singleElement().satisfies(it -> assertThat(it.volume()).isEqualTo(21));
    assertThat(made.get(0).series()).isEqualTo(sample("a", "vm", 0, 1).series());
  }

  @Test
  void whatHasNoValueMakesNothingAndIsUsedUp() {
    assertThat(
            run(
                "target { expr = \"$(a) / $(b)\" }",
                sample("a", "vm", 0, 1),
                sample("b", "vm", 0, 0),
                sample("b", "vm", 1, 2),
                sample("a", "vm", 2, 3)))
        .extracting(Sample::volume)
        .containsExactly(1.5);
  }

  @Test
  void anExpressionNamesMeters() {
    assertThatThrownBy(() -> new Arithmetic(Samples.parameters("target { expr = \"1 + 1\" }")))
        .hasMessageContaining("at least one meter");
    assertThatThrownBy(() -> new Arithmetic(Samples.parameters("target { expr = \"volume\" }")))
        .hasMessageContaining("target.expr");
    assertThatThrownBy(() -> new Arithmetic(Samples.parameters("target { name = x }")))
        .hasMessageContaining("parameters.target.expr: missing");
  }

  private static long at(long second) {
    return Samples.START + second * 1_000_000;
  }

  private static Sample sample(String meter, String resource, long second, double volume) {
    return new Sample(
        Samples.series(meter, MeterType.GAUGE, "MB", resource),
        at(second),
        volume,
        SampleKey.NONE,
        Metadata.of(Map.of("n", 2, "of", meter)));
  }

  private static List<Sample> run(String parameters, Sample... samples) {
    Arithmetic arithmetic = new Arithmetic(Samples.parameters(parameters));
    Map<Object, byte[]> memories = new HashMap<>();
    List<Sample> made = new ArrayList<>();
    for (Sample sample : samples) {
      Object key = arithmetic.keyOf(sample.series());
      Outcome outcome = arithmetic.apply(sample, memories.get(key), 0);
      if (outcome.next() != null) {
        memories.put(key, outcome.next());
      }
      made.addAll(outcome.outputs());
    }
    return made;
  }
}
