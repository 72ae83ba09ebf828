package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AggregatorTest {
  private static final Series GAUGE = Samples.series("load", MeterType.GAUGE, "%", "vm");
  private static final Series DELTA = Samples.series("requests", MeterType.DELTA, "r", "vm");
  private static final Series COUNTER = Samples.series("cpu", MeterType.CUMULATIVE, "ns", "vm");

  @Test
  void gaugesAreAveragedDeltasSummedAndOfCountersTheNewestCounts() {
    assertThat(volumes("size = 3", GAUGE, 1, 2, 6)).containsExactly(3.0);
    assertThat(volumes("size = 3", DELTA, 1, 2, 6)).containsExactly(9.0);
    assertThat(volumes("size = 3", COUNTER, 1, 2, 6)).containsExactly(6.0);
    assertThat(volumes("size = \"2\"", GAUGE, 1, 3, 5, 7, 9)).containsExactly(2.0, 6.0);
  }

  @Test
  void aRenamedGaugeIsAveraged() {
    List<Sample> made =
        run("size = 2, target { name = mean, unit = x, scale = 10 }", samples(GAUGE, 1, 3));

    assertThat(made).singleElement().satisfies(it -> assertThat(it.volume()).isEqualTo(20));
    assertThat(made.get(0).series()).isEqualTo(Samples.series("mean", MeterType.GAUGE, "x", "vm"));
  }

  @Test
  void aMaximumHoldsForTheFirstOnlyAsInTheOriginal() {
    assertThat(volumes("size = 2, target { max = 5 }", DELTA, 9, 9)).containsExactly(14.0);
  }

  @Test
  void withoutSizeAndTimeEachSampleIsAWindow() {
    assertThat(volumes("", GAUGE, 1, 3)).containsExactly(1.0, 3.0);
    assertThat(volumes("size = 0", GAUGE, 1, 3)).containsExactly(1.0, 3.0);
  }

  @Test
  void aRetentionTimeAloneEndsByTheClock() {
    Aggregator aggregator = new Aggregator(Samples.parameters("retention_time = 60"));
    byte[] memory = aggregator.apply(Samples.sample(GAUGE, 0, 10), null, 1_000).next();
    memory = aggregator.apply(Samples.sample(GAUGE, 1, 20), memory, 50_000_000).next();

    assertThat(aggregator.due(memory)).isEqualTo(60_001_000);
    Outcome end = aggregator.release(GAUGE, memory);
    assertThat(end.outputs()).extracting(Sample::volume).containsExactly(15.0);
    assertThat(aggregator.due(end.next())).isEqualTo(Transformer.NEVER);
    assertThat(aggregator.release(GAUGE, end.next()).outputs()).isEmpty();
    assertThat(aggregator.apply(Samples.sample(GAUGE, 1, 20), end.next(), 70_000_000).skip())
        .as("a copy of what is in an ended window")
        .isEqualTo(Skip.REDELIVERED);
  }

  @Test
  void copiesCountOnceAndLateOnesCount() {
    Sample first = withKey(Samples.sample(DELTA, 10, 1), 7);
    Sample sameMoment = withKey(first, 8);
    Sample late = Samples.sample(DELTA, 5, 100);

    assertThat(run("size = 3", List.of(first, first, sameMoment, first, late)))
        .singleElement()
        .satisfies(it -> assertThat(it.volume()).isEqualTo(102));
  }

  @Test
  void whatCannotBeToldFromACopyIsLeftOut() {
    List<Sample> samples = new ArrayList<>(samples(DELTA, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    Aggregator aggregator = new Aggregator(Samples.parameters("size = 100"));
    byte[] memory = null;
    for (Sample sample : samples) {
      memory = aggregator.apply(sample, memory, 0).next();
    }

    assertThat(aggregator.apply(samples.get(0), memory, 0).skip()).isEqualTo(Skip.OUT_OF_ORDER);
    assertThat(aggregator.apply(samples.get(9), memory, 0).skip()).isEqualTo(Skip.REDELIVERED);
  }

  @Test
  void theIdComesFromTheInputs() {
    List<Sample> inputs = samples(GAUGE, 1, 3);
    List<Sample> turned = List.of(inputs.get(1), inputs.get(0));

    Sample one = run("size = 2", inputs).get(0);
    assertThat(run("size = 2", turned).get(0).key()).isEqualTo(one.key()).isNotEqualTo(0);
    assertThat(run("size = 2", samples(GAUGE, 1, 3, 5, 7)))
        .extracting(Sample::key)
        .doesNotHaveDuplicates();
  }

  @Test
  void policiesSayWhoseItIs() {
    Sample a = owned("u1", "p1", 0, "a");
    Sample b = owned("u2", "p2", 10, "b");

    assertThat(run("size = 2", List.of(a, b))).as("kept apart").isEmpty();
    Sample last = run("size=2,user_id=last,project_id=last,timestamp=last", List.of(a, b)).get(0);
    assertThat(last.series().userId()).isEqualTo("u2");
    assertThat(last.series().projectId()).isEqualTo("p2");
    assertThat(last.timestamp()).isEqualTo(b.timestamp());
    assertThat(last.metadata()).isEqualTo(b.metadata());
    Sample first =
        run("size=2,user_id=first,project_id=first,resource_metadata=first", List.of(a, b)).get(0);
    assertThat(first.series().userId()).isEqualTo("u1");
    assertThat(first.timestamp()).isEqualTo(a.timestamp());
    assertThat(first.metadata()).isEqualTo(a.metadata());
    assertThat(
            run("size=2,user_id=last,project_id=last,resource_metadata=drop", List.of(a, b))
                .get(0)
                .metadata())
        .isEqualTo(Metadata.EMPTY);
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThatThrownBy(() -> new Aggregator(Samples.parameters("size = abc")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("parameters.size: \"abc\" is not a number");
    assertThatThrownBy(() -> new Aggregator(Samples.parameters("timestamp = middle")))
        .hasMessage("parameters.timestamp: \"middle\" is not one of first, last");
    assertThatThrownBy(() -> new Aggregator(Samples.parameters("retention_time = -1")))
        .hasMessageContaining("retention_time");
    assertThatThrownBy(() -> new Aggregator(Samples.parameters("retention = 1")))
        .hasMessageContaining("one of the keys");
  }

  private static Sample withKey(Sample sample, long key) {
    return new Sample(sample.series(), sample.timestamp(), sample.volume(), key, sample.metadata());
  }

  private static Sample owned(String user, String project, long second, String mark) {
    Sample sample = Samples.sample(GAUGE.ownedBy(project, user), second, 1);
    return new Sample(
        sample.series(), sample.timestamp(), 1, SampleKey.NONE, Metadata.of(Map.of("mark", mark)));
  }

  private static List<Sample> samples(Series series, double... volumes) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < volumes.length; i++) {
      samples.add(Samples.sample(series, i * 10L, volumes[i]));
    }
    return samples;
  }

  private static List<Double> volumes(String parameters, Series series, double... volumes) {
    return run(parameters, samples(series, volumes)).stream().map(Sample::volume).toList();
  }

  private static List<Sample> run(String parameters, List<Sample> samples) {
    Aggregator aggregator = new Aggregator(Samples.parameters(parameters));
    Map<Series, byte[]> memories = new HashMap<>();
    List<Sample> made = new ArrayList<>();
    for (Sample sample : samples) {
      Series key = aggregator.keyOf(sample.series());
      byte[] before = memories.get(key);
      byte[] copy = before == null ? null : before.clone();
      Outcome outcome = aggregator.apply(sample, before, 0);
      assertThat(Arrays.equals(before, copy)).as("memory is left as it is").isTrue();
      if (outcome.next() != null) {
        memories.put(key, outcome.next());
      }
      made.addAll(outcome.outputs());
    }
    return made;
  }
}
