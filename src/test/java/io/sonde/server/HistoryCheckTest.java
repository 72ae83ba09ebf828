package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.HistoryCheck.Finding;
import io.sonde.server.HistoryCheck.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A checker that never says no proves nothing: each kind of damage is planted and must be found.
 */
class HistoryCheckTest {
  private static final int COUNT = 1_000;
  private static final long UNANSWERED = 700;

  private final History history = new History();
  private final HistoryCheck check;

  HistoryCheckTest() {
    long[] numbers = history.take(COUNT);
    history.sent(numbers);
    for (long number : numbers) {
      if (number == 500) {
        history.nextRound();
      }
      if (number < UNANSWERED) {
        history.acknowledged(number);
      }
    }
    // Given out, but never sent.
    history.take(10);
    check = new HistoryCheck(history);
  }

  @Test
  void findsNothingWhenAllIsWell() {
    // Half of the unanswered ones arrived.
    observe(0, 850);

    assertThat(check.findings()).isEmpty();
    assertThat(check.observedCount()).isEqualTo(850);
    assertThat(history.sentCount()).isEqualTo(COUNT);
    assertThat(history.acknowledgedCount()).isEqualTo((int) UNANSWERED);
  }

  @Test
  void seesALoss() {
    observe(0, 600);
    observe(601, 1_000);

    assertThat(check.findings())
        .containsExactly(new Finding(Kind.LOST, 600, "acknowledged in life 1 of the server"));
  }

  @Test
  void seesADoubleOfAnAcknowledgedSample() {
    observe(0, 700);
    observe(42, 43);

    assertThat(kinds()).containsExactly(Kind.DOUBLED);
    assertThat(check.findings().get(0).number()).isEqualTo(42);
  }

  @Test
  void seesADoubleOfAnUnansweredSample() {
    observe(0, 702);
    observe(701, 702);

    assertThat(kinds()).containsExactly(Kind.DOUBLED);
  }

  @Test
  void seesAChangedVolume() {
    observe(0, 10);
    place(10, Math.nextUp(10.0));
    observe(11, 700);

    assertThat(kinds()).containsExactly(Kind.CHANGED);
    assertThat(check.findings().get(0).number()).isEqualTo(10);
  }

  @Test
  void seesTwoSwappedVolumes() {
    observe(0, 10);
    place(10, 110);
    place(110, 10);
    observe(11, 110);
    observe(111, 700);

    assertThat(kinds()).containsExactly(Kind.CHANGED, Kind.CHANGED);
  }

  @Test
  void seesWhatNobodySent() {
    observe(0, 700);
    place(COUNT + 5, COUNT + 5);
    check.observe("fault.cpu", "fault-resource-0", NumberedSamples.time(0).plusNanos(1_000), 0);
    check.observe("other", "fault-resource-0", NumberedSamples.time(0), 0);

    assertThat(kinds()).containsExactly(Kind.INVENTED, Kind.INVENTED, Kind.INVENTED);
  }

  @Test
  void everyNumberHasAPlaceOfItsOwn() {
    Set<String> places = new HashSet<>();
    for (long n = 0; n < 10_000; n++) {
      String meter = NumberedSamples.meter(n);
      String resource = NumberedSamples.resource(n);
      assertThat(NumberedSamples.number(meter, resource, NumberedSamples.time(n))).isEqualTo(n);
      assertThat(places.add(meter + resource + NumberedSamples.time(n))).isTrue();
    }
  }

  private void observe(long from, long to) {
    for (long number = from; number < to; number++) {
      place(number, (double) number);
    }
  }

  private void place(long number, double volume) {
    check.observe(
        NumberedSamples.meter(number),
        NumberedSamples.resource(number),
        NumberedSamples.time(number),
        volume);
  }

  private List<Kind> kinds() {
    return check.findings().stream().map(Finding::kind).toList();
  }
}
