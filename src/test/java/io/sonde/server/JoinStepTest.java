package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.Sightings.State;
import io.sonde.store.NodeStore.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JoinStepTest {
  private static final Row A = row(1, "a:1");
  private static final Row B = row(2, "b:1");
  private static final Duration LONG = Duration.ofMinutes(1);

  private static final JoinStep.Setup ALONE = setup(false, List.of(), true);
  private static final JoinStep.Setup SEEDED = setup(false, List.of("me:1", "b:1", "c:1"), true);

  @Test
  void anEmptyDatabaseIsTaken() {
    assertThat(step(ALONE, Map.of(), Duration.ZERO)).isEqualTo(new JoinStep.Form(List.of()));
    assertThat(step(SEEDED, Map.of(), LONG)).isEqualTo(new JoinStep.Form(List.of()));
  }

  @Test
  void seedNodesAreAskedBeforeAClusterIsFormedForTheFirstTime() {
    assertThat(step(SEEDED, Map.of(), Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            JoinStep.Ask.class, ask -> assertThat(ask.contacts()).containsExactly("b:1", "c:1"));
    JoinStep.Setup again = setup(false, SEEDED.seeds(), false);
    assertThat(step(again, Map.of(), Duration.ZERO)).isInstanceOf(JoinStep.Form.class);
    JoinStep.Setup onlyItself = setup(false, List.of("me:1"), true);
    assertThat(step(onlyItself, Map.of(), Duration.ZERO)).isInstanceOf(JoinStep.Form.class);
  }

  @Test
  void theDeadAreReplacedAndTheirRowsNamed() {
    Map<Row, State> dead = Map.of(A, State.DEAD, B, State.DEAD);
    assertThat(step(ALONE, dead, Duration.ZERO)).isEqualTo(new JoinStep.Form(List.of(A, B)));
    assertThat(step(SEEDED, dead, LONG)).isEqualTo(new JoinStep.Form(List.of(A, B)));
  }

  @Test
  void whoMayBeAliveIsAskedForEverAndTheDeadAreNot() {
    assertThat(step(SEEDED, Map.of(A, State.UNKNOWN, B, State.DEAD), LONG))
        .isEqualTo(new JoinStep.Ask(Set.of("a:1", "b:1", "c:1"), "waiting for an answer of a:1"));
  }

  @Test
  void aNodeWithoutSeedNodesRefusesOnlyWhenItHasSeenAnotherAlive() {
    assertThat(step(ALONE, Map.of(A, State.UNKNOWN), LONG)).isInstanceOf(JoinStep.Watch.class);
    assertThat(step(ALONE, Map.of(A, State.UNKNOWN, B, State.ALIVE), Duration.ZERO))
        .isInstanceOfSatisfying(
            JoinStep.Refuse.class,
            refuse ->
                assertThat(refuse.why())
                    .contains("b:1", "300 ms ago", "sonde.cluster.seed-nodes = [\"b:1\"]")
                    .doesNotContain("\n"));
  }

  @Test
  void theRowsOfADatabaseThatNobodyElseCanUseAreOld() {
    JoinStep.Setup own = setup(true, List.of(), true);
    assertThat(step(own, Map.of(A, State.UNKNOWN), Duration.ZERO))
        .isEqualTo(new JoinStep.Form(List.of(A)));
  }

  @Test
  void aNodeNeverAsksItself() {
    Row before = row(9, "me:1");
    JoinStep.Setup onlyItself = setup(false, List.of("me:1"), true);
    assertThat(JoinStep.of(onlyItself, List.of(before), any -> State.UNKNOWN, LONG))
        .isInstanceOf(JoinStep.Watch.class);
    assertThat(JoinStep.of(SEEDED, List.of(before), any -> State.UNKNOWN, LONG))
        .isInstanceOfSatisfying(
            JoinStep.Ask.class, ask -> assertThat(ask.contacts()).containsExactly("b:1", "c:1"));
  }

  private static JoinStep.Setup setup(boolean isDatabaseOwn, List<String> seeds, boolean isFirst) {
    return new JoinStep.Setup("me:1", isDatabaseOwn, seeds, isFirst);
  }

  private static JoinStep step(JoinStep.Setup setup, Map<Row, State> members, Duration trying) {
    List<Row> rows = List.of(A, B).stream().filter(members::containsKey).toList();
    return JoinStep.of(setup, rows, members::get, trying);
  }

  private static Row row(long incarnation, String address) {
    return new Row(
        incarnation, address, new UUID(0, 1), Instant.EPOCH, Instant.EPOCH, Duration.ofMillis(300));
  }
}
