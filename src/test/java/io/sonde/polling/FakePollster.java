package io.sonde.polling;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Answers what the test says, and tells it when it was asked. */
final class FakePollster implements Pollster {
  static final String NAME = "fake";

  private final BlockingQueue<Long> polls = new LinkedBlockingQueue<>();
  private final List<Discovery> discoveries;
  private volatile Supplier<CompletionStage<SampleBatch>> answer;

  FakePollster(Supplier<CompletionStage<SampleBatch>> answer, Discovery... discoveries) {
    this.answer = answer;
    this.discoveries = List.of(discoveries);
  }

  @Override
  public List<Discovery> discoveries() {
    return discoveries;
  }

  void answer(Supplier<CompletionStage<SampleBatch>> next) {
    answer = next;
  }

  /** Waits for the next poll and says when it was, in milliseconds of the wall clock. */
  long nextPoll() {
    try {
      Long time = polls.poll(10, TimeUnit.SECONDS);
      if (time == null) {
        throw new AssertionError("no poll within 10 s");
      }
      return time;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  int pollsNotTaken() {
    return polls.size();
  }

  @Override
  public CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    polls.add(System.currentTimeMillis());
    return answer.get();
  }

  static CompletionStage<SampleBatch> samples(String... meters) {
    return CompletableFuture.completedFuture(
        SampleBatch.of(Arrays.stream(meters).map(FakePollster::sample).toList()));
  }

  static CompletionStage<SampleBatch> failure(String why) {
    return CompletableFuture.failedFuture(new PollException(why));
  }

  private static Sample sample(String meter) {
    return new Sample(
        new Series("fake", meter, MeterType.GAUGE, "", "thing", null, null, Series.NO_DIMENSIONS),
        System.currentTimeMillis() * 1000,
        1,
        SampleKey.NONE,
        Metadata.EMPTY);
  }
}
