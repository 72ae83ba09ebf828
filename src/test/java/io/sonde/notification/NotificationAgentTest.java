package io.sonde.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.collector.Retention;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Provenance;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.Samples;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class NotificationAgentTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final Sample CPU = Samples.cpu("vm", 0, 1);
  private static final Sample MEMORY =
      Samples.sample(Samples.series("memory", MeterType.GAUGE, "MB", "vm"), 0, 2);

  private final List<String> delivered = new ArrayList<>();
  private final List<String> staged = new ArrayList<>();
  private final CompletableFuture<Receipt> deliverAnswer = new CompletableFuture<>();
  private final CompletableFuture<Void> stageAnswer = new CompletableFuture<>();
  private final NotificationAgent agent =
      agent(
          "[{name=all,meters=[\"*\"],sinks=[store]},"
              + "{name=cpu,doors=[polling],meters=[cpu],sinks=[rate]},"
              + "{name=again,doors=[polling],meters=[\"c*\"],sinks=[rate,store]}]");

  @Test
  void eachSinkGetsWhatItsSourcesTakeOnce() {
    deliverAnswer.complete(new Receipt(2, 0, 0));
    stageAnswer.complete(null);

    Receipt receipt = join(agent.submit(Door.POLLING, Samples.batch(CPU, MEMORY)));

    assertThat(delivered).containsExactly("store cpu memory");
    assertThat(staged).containsExactly("rate cpu");
    assertThat(receipt).isEqualTo(new Receipt(2, 0, 0));
    assertThat(agent.inFlight()).isZero();
  }

  @Test
  void samplesOlderThanWhatIsKeptAreRefusedOneByOne() {
    deliverAnswer.complete(new Receipt(2, 0, 0));
    Sample recent =
        new Sample(
            Samples.series("short", MeterType.GAUGE, "", "vm"),
            NOW.minus(Duration.ofDays(1)).toEpochMilli() * 1000,
            1,
            SampleKey.NONE,
            Metadata.EMPTY);
    Sample old = Samples.sample(recent.series(), 0, 1);
    Receipt receipt =
        join(agent.submit(Door.HTTP, Samples.batch(recent, old, Samples.cpu("vm", 0, 1), old)));
    assertThat(delivered).containsExactly("store short cpu");
    assertThat(receipt.accepted()).isEqualTo(2);
    assertThat(receipt.refused()).isEqualTo(2);
    assertThat(receipt.refusal())
        .isEqualTo(
            "samples[1]: timestamp 2023-11-14T22:13:20Z is older than what is kept of short, 2 days");
  }

  @Test
  void doorsDecide() {
    deliverAnswer.complete(new Receipt(0, 1, 1));

    Receipt receipt = join(agent.submit(Door.HTTP, Samples.batch(CPU)));

    assertThat(staged).isEmpty();
    assertThat(receipt).isEqualTo(new Receipt(0, 1, 1));
  }

  @Test
  void completesWhenAllSinksHave() {
    CompletionStage<Receipt> answer = agent.submit(Door.POLLING, Samples.batch(CPU));
    deliverAnswer.complete(new Receipt(1, 0, 0));
    assertThat(answer.toCompletableFuture()).isNotDone();
    assertThat(agent.inFlight()).isEqualTo(1);

    stageAnswer.complete(null);

    assertThat(join(answer)).isEqualTo(new Receipt(1, 0, 0));
    assertThat(agent.inFlight()).isZero();
  }

  @Test
  void largeMetadataCountsAsFurtherSamples() {
    Metadata large = Metadata.of(Map.of("text", "x".repeat(60_000)));
    Sample heavy = new Sample(MEMORY.series(), 0, 1, SampleKey.NONE, large);
    agent.submit(Door.HTTP, Samples.batch(CPU));
    assertUnavailable(
        agent.submit(Door.HTTP, Samples.batch(heavy)),
        "too many samples are on their way on this node");
    assertThat(agent.inFlight()).isEqualTo(1);
    deliverAnswer.complete(new Receipt(1, 0, 0));
    assertThat(join(agent.submit(Door.HTTP, Samples.batch(heavy))).accepted())
        .as("alone it is let in")
        .isEqualTo(1);
    assertThat(agent.inFlight()).isZero();
  }

  @Test
  void failsAsAWholeWhenAStageFails() {
    CompletionStage<Receipt> answer = agent.submit(Door.POLLING, Samples.batch(CPU));
    stageAnswer.completeExceptionally(new UnavailableException("stage is away"));
    assertThat(answer.toCompletableFuture()).isNotDone();
    deliverAnswer.complete(new Receipt(1, 0, 0));

    assertUnavailable(answer, "stage is away");
    assertThat(agent.inFlight()).isZero();
  }

  @Test
  void otherFailuresAreUnavailableToo() {
    deliverAnswer.completeExceptionally(new IllegalStateException("broken"));

    assertUnavailable(agent.submit(Door.HTTP, Samples.batch(CPU)), "not all samples");
  }

  @Test
  void whatNoSourceTakesIsAcceptedButNotStored() {
    NotificationAgent narrow = agent("[{name=m,meters=[memory],sinks=[store]}]");
    deliverAnswer.complete(new Receipt(1, 0, 0));
    double before = unmatched();

    assertThat(join(narrow.submit(Door.HTTP, Samples.batch(CPU)))).isEqualTo(Receipt.NOTHING);
    assertThat(join(narrow.submit(Door.HTTP, Samples.batch(MEMORY, CPU))))
        .isEqualTo(new Receipt(1, 0, 0));

    assertThat(delivered).containsExactly("store memory");
    assertThat(unmatched() - before).isEqualTo(2);
  }

  @Test
  void refusesWhatIsTooMuchBeforeAnythingIsRouted() {
    CompletionStage<Receipt> first = agent.submit(Door.HTTP, batchOf(9));

    assertUnavailable(agent.submit(Door.HTTP, batchOf(2)), "too many samples");
    assertThat(delivered).hasSize(1);
    assertThat(agent.inFlight()).isEqualTo(9);

    CompletionStage<Receipt> fits = agent.submit(Door.HTTP, batchOf(1));
    deliverAnswer.complete(new Receipt(1, 0, 0));
    join(first);
    join(fits);
    assertThat(agent.inFlight()).isZero();
  }

  @Test
  void letsOneOversizeBatchInAlone() {
    CompletionStage<Receipt> large = agent.submit(Door.HTTP, batchOf(1000));

    assertThat(delivered).hasSize(1);
    assertUnavailable(agent.submit(Door.HTTP, batchOf(1)), "too many samples");
    deliverAnswer.complete(new Receipt(1000, 0, 0));
    assertThat(join(large).accepted()).isEqualTo(1000);
  }

  @Test
  void anEmptyBatchIsNothing() {
    assertThat(join(agent.submit(Door.HTTP, SampleBatch.EMPTY))).isEqualTo(Receipt.NOTHING);
  }

  @Test
  void refusesTheFuture() {
    long now = NOW.getEpochSecond() * 1_000_000;

    assertThat(agent.refusal(now - 1)).isNull();
    assertThat(agent.refusal(now + 600_000_000L)).isNull();
    assertThat(agent.refusal(now + 600_000_001L))
        .isEqualTo(
            "timestamp 2026-11-20T12:10:00.000001Z is more than 10 minutes ahead of the server's"
                + " clock, which shows 2026-11-20T12:00:00Z");
    assertThat(agent.refusal(Long.MAX_VALUE)).isNotNull();
    assertThat(agent.refusal(Long.MIN_VALUE)).isNull();
  }

  private NotificationAgent agent(String sources) {
    PipelineSettings pipelines =
        PipelineSettings.from(
            ConfigFactory.parseString(
                "event-pipeline{sources=[],sinks=[]},pipeline{stages-per-sink=4,idle-after=1d,sources="
                    + sources
                    + ",sinks=[{name=store,publishers=[collector]},{name=rate,publishers=[collector],"
                    + "transformers=[{name=rate_of_change}]}]}"));
    return new NotificationAgent(
        new NotificationSettings(
            10, Duration.ofMinutes(10), Duration.ofMinutes(1), Duration.ofDays(1), List.of()),
        Retention.from(
            ConfigFactory.parseString("retention=[{meters=[short],keep=2d}]"),
            Clock.fixed(NOW, ZoneOffset.UTC)),
        pipelines,
        this::stage,
        this::deliver,
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private CompletionStage<Receipt> deliver(String sink, SampleBatch batch) {
    delivered.add(described(sink, batch));
    return deliverAnswer;
  }

  private CompletionStage<Void> stage(String sink, SampleBatch batch) {
    staged.add(described(sink, batch));
    return stageAnswer;
  }

  private static String described(String sink, SampleBatch batch) {
    StringBuilder text = new StringBuilder(String.join(",", Provenance.sinks(sink)));
    batch.samples().forEach(sample -> text.append(' ').append(sample.series().meter()));
    return text.toString();
  }

  private static SampleBatch batchOf(int size) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      samples.add(Samples.cpu("vm", i, i));
    }
    return SampleBatch.of(samples);
  }

  private static double unmatched() {
    return NotificationMetrics.UNMATCHED.labelValues(Door.HTTP.configName()).get();
  }

  private static Receipt join(CompletionStage<Receipt> answer) {
    return answer.toCompletableFuture().join();
  }

  private static void assertUnavailable(CompletionStage<Receipt> answer, String message) {
    assertThatThrownBy(() -> answer.toCompletableFuture().join())
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining(message);
  }
}
