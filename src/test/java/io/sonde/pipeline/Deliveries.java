package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Stands for the collectors: a test sees what is delivered and answers it. */
final class Deliveries {
  private final BlockingQueue<Delivery> queue = new LinkedBlockingQueue<>();

  /** One call, not yet answered. */
  record Delivery(String sink, List<Sample> samples, CompletableFuture<Receipt> answer) {
    Delivery succeed() {
      answer.complete(new Receipt(samples.size(), 0, 0));
      return this;
    }

    Delivery fail() {
      answer.completeExceptionally(new IllegalStateException("away"));
      return this;
    }
  }

  CompletionStage<Receipt> deliver(String sink, String version, SampleBatch batch) {
    CompletableFuture<Receipt> answer = new CompletableFuture<>();
    queue.add(new Delivery(sink, batch.samples(), answer));
    return answer;
  }

  /** The next call, within some seconds. */
  Delivery next() {
    try {
      Delivery delivery = queue.poll(10, TimeUnit.SECONDS);
      assertThat(delivery).as("a delivery").isNotNull();
      return delivery;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void assertNone() {
    assertThat(queue).isEmpty();
  }
}
