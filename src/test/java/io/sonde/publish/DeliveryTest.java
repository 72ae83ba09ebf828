package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final Receipt STORED = new Receipt(1, 1, 0);
  private static final SampleBatch BATCH =
      SampleBatch.of(List.of(OutgoingSamples.sample(1), OutgoingSamples.sample(2)));

  private final List<String> calls = new ArrayList<>();
  private CompletionStage<Void> queued = CompletableFuture.completedFuture(null);

  @Test
  void samplesAreStoredUnlessNoSinkSaysSo() {
    assertThat(deliver("store")).isEqualTo(STORED);
    assertThat(deliver("both")).isEqualTo(STORED);
    assertThat(deliver("store,both")).isEqualTo(STORED);
    assertThat(calls).containsExactly("store store", "store both", "store store,both");
  }

  @Test
  void whatIsNotStoredIsQueuedForEachPublisher() {
    assertThat(deliver("out")).isEqualTo(new Receipt(2, 0, 0));
    assertThat(deliver("out,more")).isEqualTo(new Receipt(2, 0, 0));
    assertThat(calls).containsExactly("queue [file:///a]", "queue [file:///a, file:///b]");
  }

  @Test
  void whoReadsItInTheJournalGetsNoOtherCopy() {
    assertThat(deliver("both,out")).isEqualTo(STORED);
    assertThat(deliver("both,more")).isEqualTo(STORED);
    assertThat(calls).containsExactly("store both", "store both", "queue [file:///b]");
  }

  @Test
  void theVersionStaysWithWhatIsStored() {
    deliver("both,more@0f3a");
    assertThat(calls).containsExactlyInAnyOrder("queue [file:///b]", "store both@0f3a");
  }

  @Test
  void otherDefinitionsHoldAtOnce() {
    Delivery delivery = delivery();
    delivery.use(List.of(new Publication("file:///c", Set.of("store"), Set.of("store"))));
    delivery.deliver("store", BATCH).toCompletableFuture().join();
    delivery.deliver("out", BATCH).toCompletableFuture().join();
    assertThat(calls).containsExactly("queue [file:///c]", "store out");
  }

  @Test
  void theReceiptWaitsForTheQueue() {
    CompletableFuture<Void> later = new CompletableFuture<>();
    queued = later;
    CompletableFuture<Receipt> receipt =
        delivery().deliver("store,out", BATCH).toCompletableFuture();
    assertThat(receipt).isNotDone();
    later.completeExceptionally(new UnavailableException("away"));
    assertThat(receipt).isCompletedExceptionally();
  }

  private Receipt deliver(String sinks) {
    return delivery().deliver(sinks, BATCH).toCompletableFuture().join();
  }

  /** The sinks both (stored) and out lead to a, more leads to b. */
  private Delivery delivery() {
    return new Delivery(
        List.of(
            new Publication("file:///a", Set.of("both", "out"), Set.of("out")),
            new Publication("file:///b", Set.of("more"), Set.of("more"))),
        (sinks, batch) -> {
          calls.add("store " + sinks);
          return CompletableFuture.completedFuture(STORED);
        },
        (publishers, batch) -> {
          calls.add("queue " + new TreeSet<>(publishers));
          return queued;
        });
  }
}
