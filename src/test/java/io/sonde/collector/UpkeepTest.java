package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.Head;
import io.sonde.series.SeriesDay;
import java.time.Clock;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UpkeepTest {

  private final Head head = new Head();
  private final Upkeep upkeep =
      new Upkeep(
          Retention.from(
              ConfigFactory.parseString("sonde.retention = [{ meters = [\"*\"], keep = 1 day }]")
                  .getConfig("sonde"),
              Clock.systemUTC()));

  @Test
  void aDropThatFindsAMergeUnderWayIsNext() {
    wear(0);

    assertThat(upkeep.next(head, false)).as("nothing may be merged yet").isNull();
    assertThat(upkeep.next(head, true)).isInstanceOf(Upkeep.Merge.class);
    upkeep.dropIsDue();
    assertThat(upkeep.next(head, true)).as("one at a time").isNull();
    upkeep.ended();
    assertThat(upkeep.next(head, true)).isInstanceOf(Upkeep.Drop.class);
    upkeep.ended();
    assertThat(upkeep.next(head, true)).isInstanceOf(Upkeep.Merge.class);
  }

  @Test
  void aDayThatCannotBeMergedLetsOthersPass() {
    wear(0);
    wear(1);
    var first = head.worn().keySet().iterator().next();
    assertThat(first.number()).isZero();

    head.postpone(Set.of(first));

    assertThat(head.worn().keySet()).extracting(SeriesDay::number).containsExactly(1, 0);
  }

  /** A new series gets two rows for one day, and one for the next. */
  private void wear(int number) {
    head.sealAt(1);
    head.define(
        number,
        new Series("s", "m", MeterType.GAUGE, "", "r" + number, null, null, Series.NO_DIMENSIONS));
    for (long time :
        new long[] {10 * SeriesDay.MICROS, 10 * SeriesDay.MICROS + 1, 11 * SeriesDay.MICROS}) {
      head.append(number, time, 1, SampleKey.NONE, Metadata.EMPTY.id(), 1);
      head.freeze(time, 0);
    }
  }
}
