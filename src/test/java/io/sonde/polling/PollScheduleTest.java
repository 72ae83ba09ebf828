package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollScheduleTest {

  @Test
  void isDueOnceAnIntervalAtItsPhase() {
    PollSchedule schedule = new PollSchedule(1000, 300);
    assertThat(schedule.after(5000)).isEqualTo(5300);
    assertThat(schedule.after(5299)).isEqualTo(5300);
    assertThat(schedule.after(5300)).isEqualTo(6300);
    assertThat(schedule.after(-1)).isEqualTo(300);
  }

  @Test
  void backsOffToEightIntervals() {
    PollSchedule schedule = new PollSchedule(1000, 300);
    assertThat(schedule.after(5300, 0, 60_000)).isEqualTo(6300);
    assertThat(schedule.after(5300, 1, 60_000)).isEqualTo(7300);
    assertThat(schedule.after(5300, 2, 60_000)).isEqualTo(9300);
    assertThat(schedule.after(5300, 3, 60_000)).isEqualTo(13300);
    assertThat(schedule.after(5300, Integer.MAX_VALUE, 60_000)).isEqualTo(13300);
  }

  @Test
  void backsOffNoFurtherThanTheBound() {
    PollSchedule schedule = new PollSchedule(1000, 300);
    assertThat(schedule.after(5300, 3, 5_999)).isEqualTo(10300);
    assertThat(schedule.after(5300, 3, 1_000)).isEqualTo(6300);
    assertThat(schedule.after(5300, 3, 10)).isEqualTo(6300);
  }

  @Test
  void aMomentWithinAnyTime() {
    PollSchedule schedule = new PollSchedule(60_000, 45_000);
    assertThat(schedule.within(1000)).isEqualTo(750);
    assertThat(schedule.within(0)).isZero();
  }

  @Test
  void spreadsResourcesOverTheInterval() {
    int[] tenths = new int[10];
    for (int i = 0; i < 10_000; i++) {
      long phase = PollSchedule.of("host/web" + i, Duration.ofSeconds(10)).phase();
      tenths[(int) (phase / 1000)]++;
    }
    for (int tenth : tenths) {
      assertThat(tenth).isBetween(900, 1100);
    }
  }
}
