package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.audit.Corrections.Change;
import io.sonde.store.PeriodStore.Figure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CorrectionsTest {
  @Test
  void onlyWhatChangedIsCorrected() {
    List<Figure> stated = List.of(figure("p1", 5, 10), figure("p2", 7, 20), figure("p3", 1, 2));
    List<Figure> now =
        List.of(figure("p2", 7, 21), figure("p1", 5.5, 11), figure("p4", 3, 1), figure("p3", 0, 2));

    assertThat(Corrections.between(stated, now))
        .contains(
            List.of(
                new Change(5, figure("p1", 5.5, 11)),
                new Change(1, figure("p3", 0, 2)),
                new Change(0, figure("p4", 3, 1))));
    assertThat(Corrections.between(now, now)).contains(List.of());
    assertThat(Corrections.between(List.of(), List.of())).contains(List.of());
  }

  /** As of a gauge whose resource turns out to have ended before, which has no samples there. */
  @Test
  void whatIsNotThereAnyMoreIsTakenBack() {
    assertThat(Corrections.between(List.of(figure("p1", 5, 0)), List.of()))
        .contains(List.of(new Change(5, figure("p1", 0, 0))));
  }

  @Test
  void samplesThatAreMissingAreNoCorrection() {
    List<Figure> stated = List.of(figure("p1", 5, 10), figure("p2", 7, 20));
    assertThat(Corrections.between(stated, List.of(figure("p1", 9, 11)))).isEmpty();
    assertThat(Corrections.between(stated, List.of(figure("p1", 9, 11), figure("p2", 6, 19))))
        .isEmpty();
  }

  @Test
  void figuresOfOneGroupDifferInUnitTypeAndMeter() {
    Figure one = new Figure("m", "gauge", "B·h", "null", 1, 1);
    List<Figure> others =
        List.of(
            new Figure("n", "gauge", "B·h", "null", 1, 1),
            new Figure("m", "delta", "B·h", "null", 1, 1),
            new Figure("m", "gauge", "kB·h", "null", 1, 1));
    for (Figure other : others) {
      assertThat(Corrections.between(List.of(one), List.of(one, other)))
          .contains(List.of(new Change(0, other)));
    }
  }

  /** Whatever happens between seals, each change is carried once, and all add up to what is now. */
  @Test
  void statementsAndCorrectionsAddUpToWhatIsNow() {
    Random random = Seed.random();
    for (int round = 0; round < 500; round++) {
      Map<String, Figure> now = new HashMap<>();
      Map<String, Figure> stated = new HashMap<>();
      Map<String, Double> sums = new HashMap<>();
      for (int seal = 0; seal < 6; seal++) {
        for (int i = random.nextInt(5); i > 0; i--) {
          String project = "p" + random.nextInt(4);
          long samples = now.containsKey(project) ? now.get(project).samples() : 0;
          now.put(project, figure(project, random.nextInt(100), samples + random.nextInt(3)));
        }
        List<Change> changes = changes(stated.values(), now.values());
        for (Change change : changes) {
          String project = change.now().group();
          assertThat(change.stated()).isEqualTo(sums.getOrDefault(project, 0.0));
          sums.merge(project, change.now().quantity() - change.stated(), Double::sum);
          stated.put(project, change.now());
        }
        assertThat(changes(stated.values(), now.values())).isEmpty();
      }
      now.values()
          .forEach(
              figure ->
                  assertThat(sums.getOrDefault(figure.group(), 0.0)).isEqualTo(figure.quantity()));
    }
  }

  private static List<Change> changes(Collection<Figure> stated, Collection<Figure> now) {
    return new ArrayList<>(Corrections.between(stated, now).orElseThrow());
  }

  private static Figure figure(String project, double quantity, long samples) {
    return new Figure("m", "delta", "B", project, quantity, samples);
  }
}
