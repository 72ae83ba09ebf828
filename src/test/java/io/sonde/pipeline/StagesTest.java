package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.PipelineStage.Reply;
import io.sonde.pipeline.PipelineStage.Stored;
import io.sonde.pipeline.PipelineStage.Unavailable;
import io.sonde.series.BatchCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class StagesTest {
  private final Map<String, List<SampleBatch>> asked = new TreeMap<>();
  private final Stages stages =
      new Stages(
          () -> Samples.pipelines(3, Samples.rateSink("sink")), this::answer, null, Map.of());

  @Test
  void everySampleGoesToThePartOfItsResourceInOrderOfTime() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      samples.add(Samples.cpu("vm" + i % 30, 1000 - i, i));
    }

    stages.submit("sink", SampleBatch.of(samples)).toCompletableFuture().join();

    assertThat(asked.keySet()).containsExactly("sink~0", "sink~1", "sink~2");
    assertThat(asked.values().stream().flatMap(List::stream).mapToInt(SampleBatch::size).sum())
        .isEqualTo(300);
    asked.forEach(
        (id, batches) ->
            assertThat(batches.get(0).samples())
                .isSortedAccordingTo((a, b) -> Long.compare(a.timestamp(), b.timestamp()))
                .allMatch(
                    sample ->
                        id.equals(Stages.entityId("sink", part(sample.series().resourceId())))));
  }

  @Test
  void noMessageIsTooLargeForTheWayBetweenNodes() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      Metadata metadata = Metadata.of(Map.of("n", i, "name", "ö".repeat(i % 300)));
      Sample sample = Samples.cpu("ü".repeat(i % 100) + i % 700, i, i);
      samples.add(new Sample(sample.series(), sample.timestamp(), i, i % 2 == 0 ? 0 : i, metadata));
    }

    stages.submit("sink", SampleBatch.of(samples)).toCompletableFuture().join();

    List<SampleBatch> all = asked.values().stream().flatMap(List::stream).toList();
    assertThat(all)
        .hasSizeGreaterThan(3)
        .allSatisfy(batch -> assertThat(BatchCodec.encode(batch)).hasSizeLessThan(100_001));
    assertThat(all.stream().flatMap(batch -> batch.samples().stream()))
        .containsExactlyInAnyOrderElementsOf(samples);
  }

  @Test
  void aSampleThatIsTooLargeByItselfIsLeftOut() {
    Sample large =
        new Sample(
            Samples.series("cpu", MeterType.GAUGE, "", "vm"),
            0,
            1,
            0,
            Metadata.ofCanonicalJson("{\"text\":\"" + "x".repeat(100_000) + "\"}"));

    stages
        .submit("sink", Samples.batch(large, Samples.cpu("vm", 1, 2)))
        .toCompletableFuture()
        .join();

    assertThat(asked.get("sink~" + part("vm")))
        .singleElement()
        .satisfies(batch -> assertThat(batch.size()).isEqualTo(1));
  }

  @Test
  void whatIsNotAnsweredIsUnavailable() {
    Stages silent =
        new Stages(
            () -> Samples.pipelines(1, Samples.rateSink("sink")),
            (id, batch, timeout) -> CompletableFuture.failedFuture(new TimeoutException()),
            null,
            Map.of());
    Stages full =
        new Stages(
            () -> Samples.pipelines(1, Samples.rateSink("sink")),
            (id, batch, timeout) -> CompletableFuture.completedFuture(new Unavailable("full")),
            null,
            Map.of());
    SampleBatch batch = Samples.batch(Samples.cpu("vm", 0, 1));

    assertThatThrownBy(() -> silent.submit("sink", batch).toCompletableFuture().join())
        .hasCauseInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> full.submit("sink", batch).toCompletableFuture().join())
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("full");
  }

  @Test
  void thePartOfAResourceNeverChanges() {
    assertThat(Stages.part("vm", 1024)).isEqualTo(938);
    assertThat(Stages.sink(Stages.entityId("a.b-c_d", 12))).isEqualTo("a.b-c_d");
  }

  private static int part(String resource) {
    return Stages.part(resource, 3);
  }

  private CompletionStage<Reply> answer(String id, SampleBatch samples, Duration timeout) {
    asked.computeIfAbsent(id, key -> new ArrayList<>()).add(samples);
    return CompletableFuture.completedFuture(Stored.INSTANCE);
  }
}
