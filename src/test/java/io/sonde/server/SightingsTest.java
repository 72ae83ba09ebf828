package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.Sightings.State;
import io.sonde.store.NodeStore.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SightingsTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID EPOCH = new UUID(1, 2);

  private final Sightings sightings = new Sightings();

  @Test
  void aRowThatIsRenewedWhileWeLookIsOfALivingNode() {
    assertThat(look(0, row(0, 0))).isEqualTo(State.UNKNOWN);
    assertThat(look(1, row(1, 0))).isEqualTo(State.ALIVE);
    assertThat(look(2, row(1, 1))).isEqualTo(State.ALIVE);
  }

  @Test
  void aRowThatStaysAsItIsIsOfADeadNode() {
    look(0, row(0, 0));
    look(1, row(1, 0));
    for (int second = 2; second <= 6; second++) {
      assertThat(look(second, row(1, second - 1))).isEqualTo(State.ALIVE);
    }
    assertThat(look(7, row(1, 6))).isEqualTo(State.DEAD);
  }

  @Test
  void aRowThatIsOldAtTheFirstLookNeedsNoWatching() {
    assertThat(look(100, row(0, 2))).isEqualTo(State.UNKNOWN);
    assertThat(look(new Sightings(), 100, row(0, 60))).isEqualTo(State.DEAD);
  }

  @Test
  void afterATimeWithoutALookNobodyIsDead() {
    look(0, row(0, 0));
    look(1, row(1, 0));
    // The database was away, or this process stood still: nobody could renew anything.
    assertThat(look(61, row(1, 60))).isEqualTo(State.UNKNOWN);
    assertThat(look(62, row(2, 0))).isEqualTo(State.ALIVE);
  }

  private State look(int second, Row row) {
    return look(sightings, second, row);
  }

  private static State look(Sightings sightings, int second, Row row) {
    sightings.look(List.of(row), TimeUnit.SECONDS.toNanos(second));
    return sightings.of(row);
  }

  /** Renewed at one second, seen at an age of some. */
  private static Row row(int renewed, int age) {
    return new Row(7, "a:1", EPOCH, BEGIN, BEGIN.plusSeconds(renewed), Duration.ofSeconds(age));
  }
}
