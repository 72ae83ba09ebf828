package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HostLimitsTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final HostLimits limits = new HostLimits(2);

  @Test
  void othersWaitForTheirTurnInOrder() {
    List<CompletableFuture<String>> calls = new ArrayList<>();
    List<CompletionStage<String>> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(limits.call("a", LONG, left -> begun(calls)));
    }
    assertThat(calls).hasSize(2);
    calls.get(1).complete("second");
    assertThat(calls).hasSize(3);
    assertThat(answers.get(1).toCompletableFuture().join()).isEqualTo("second");
    calls.get(0).completeExceptionally(new PollException("down"));
    assertThat(calls).hasSize(4);
    assertThatThrownBy(() -> answers.get(0).toCompletableFuture().join())
        .hasMessageContaining("down");
  }

  @Test
  void otherHostsAndNoneInParticularAreNotHeldUp() {
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      limits.call("a", LONG, left -> begun(calls));
      limits.call(null, LONG, left -> begun(calls));
    }
    limits.call("b", LONG, left -> begun(calls));
    assertThat(calls).hasSize(2 + 5 + 1);
  }

  @Test
  void waitingCountsTowardsTheDeadline() {
    List<CompletableFuture<String>> calls = new ArrayList<>();
    limits.call("a", LONG, left -> begun(calls));
    limits.call("a", LONG, left -> begun(calls));
    CompletionStage<String> late = limits.call("a", Duration.ofMillis(50), left -> begun(calls));
    assertThatThrownBy(() -> late.toCompletableFuture().join())
        .hasMessageContaining("no turn within 50 ms: 2 other polls of a were under way");
    CompletionStage<String> next =
        limits.call(
            "a",
            LONG,
            left -> {
              assertThat(left).isLessThan(LONG);
              return CompletableFuture.completedFuture("next");
            });
    // The one that gave up holds nobody up.
    calls.get(0).complete("done");
    assertThat(next.toCompletableFuture().join()).isEqualTo("next");
  }

  @Test
  void aCallThatThrowsGivesItsTurnBack() {
    for (int i = 0; i < 5; i++) {
      CompletionStage<String> answer =
          limits.call(
              "a",
              LONG,
              left -> {
                throw new IllegalStateException("a bug");
              });
      assertThatThrownBy(() -> answer.toCompletableFuture().join()).hasMessageContaining("a bug");
    }
    assertThat(limits.call("a", LONG, left -> CompletableFuture.completedFuture("x")))
        .isCompletedWithValue("x");
  }

  @Test
  void neverMoreThanTheLimitAndAllGetTheirTurn() {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      int number = i;
      answers.add(
          limits
              .call(
                  "h",
                  LONG,
                  left ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            inside.decrementAndGet();
                            return number;
                          }))
              .toCompletableFuture());
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).join()).isEqualTo(i);
    }
    assertThat(most).hasValueLessThanOrEqualTo(2);
  }

  private static CompletionStage<String> begun(List<CompletableFuture<String>> calls) {
    CompletableFuture<String> call = new CompletableFuture<>();
    calls.add(call);
    return call;
  }
}
