package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalsTest {
  private static final List<Lifecycle> LIFECYCLES =
      Lifecycle.from(ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde"));

  private final List<Event> events = new ArrayList<>();

  @Test
  void createResizeStopAndDeleteAreCuts() {
    tell(5, "create.start", "state=building");
    tell(10, "create.end", "state=active", "memory_mb=512", "@launched_at=8");
    tell(15, "update", "state=active");
    tell(20, "resize.confirm.end", "memory_mb=1024");
    tell(30, "power_off.end", "state=stopped");
    tell(40, "delete.end", "@deleted_at=39");
    tell(41, "exists", "state=deleted");
    assertThat(shown())
        .containsExactly(
            "8-20 active {memory_mb=512} by create.end, resize.confirm.end []",
            "20-30 active {memory_mb=1024} by resize.confirm.end, power_off.end []",
            "30-39 stopped {memory_mb=1024} by power_off.end, delete.end []");
  }

  @Test
  void whatGoesOnHasNoEnd() {
    tell(10, "create.end", "state=active");
    tell(20, "create.end", "state=active");
    assertThat(shown()).containsExactly("10-open active {} by create.end, null []");
  }

  @Test
  void aMissingBeginningIsAssumedAndSaid() {
    tell(20, "exists", "state=active", "@launched_at=3");
    assertThat(shown())
        .containsExactly(
            "3-open active {} by exists, null [its beginning was not told: first heard of by"
                + " compute.instance.exists]");
    events.clear();
    tell(20, "delete.end");
    assertThat(shown())
        .containsExactly(
            "20-20 null {} by delete.end, delete.end"
                + " [its beginning was not told: first heard of by its end]");
  }

  @Test
  void aSecondEndAndLateNewsChangeNothing() {
    tell(10, "create.end");
    tell(20, "delete.end");
    tell(25, "update", "state=active");
    tell(30, "delete.end");
    assertThat(shown()).containsExactly("10-20 null {} by create.end, delete.end []");
    tell(40, "create.end", "@launched_at=15");
    assertThat(shown())
        .as("another existence, but not before the end of the first")
        .containsExactly(
            "10-20 null {} by create.end, delete.end []", "40-open null {} by create.end, null []");
  }

  @Test
  void contradictingMomentsAreNotBelieved() {
    tell(10, "create.end", "@launched_at=12");
    tell(20, "delete.end", "@deleted_at=5");
    assertThat(shown()).containsExactly("10-20 null {} by create.end, delete.end []");
  }

  @Test
  void whatIsMeasuredCountsWithinTheExistence() {
    tell(10, "create.end");
    tell(15, "update", "state=paused");
    tell(20, "delete.end");
    tell(40, "create.end");
    Existence existence = new Existence(intervals());
    assertThat(existence.until(5)).as("before its beginning was told").isEqualTo(20);
    assertThat(existence.until(10)).isEqualTo(20);
    assertThat(existence.until(17)).isEqualTo(20);
    assertThat(existence.until(20)).as("ended").isEqualTo(20);
    assertThat(existence.until(30)).as("between two").isEqualTo(30);
    assertThat(existence.until(40)).isEqualTo(Interval.OPEN);
    tell(50, "delete.end");
    assertThat(new Existence(intervals()).until(60)).isEqualTo(60);
    assertThat(Existence.UNKNOWN.until(7)).isEqualTo(Interval.OPEN);
  }

  private void tell(long time, String what, String... traits) {
    List<Trait> all = new ArrayList<>();
    for (String trait : traits) {
      String[] pair = trait.split("=", 2);
      all.add(
          pair[0].startsWith("@")
              ? new Trait(pair[0].substring(1), TraitType.DATETIME, Long.parseLong(pair[1]))
              : new Trait(pair[0], TraitType.TEXT, pair[1]));
    }
    events.add(new Event("m" + events.size(), "compute.instance." + what, time, all, Event.NO_RAW));
  }

  private List<Interval> intervals() {
    events.sort(Comparator.comparingLong(Event::generated));
    return Intervals.of(LIFECYCLES.get(0), events);
  }

  private List<String> shown() {
    return intervals().stream()
        .map(
            one ->
                one.begin()
                    + "-"
                    + (one.end() == Interval.OPEN ? "open" : String.valueOf(one.end()))
                    + " "
                    + one.state()
                    + " "
                    + one.shape()
                    + " by "
                    + by(one.begunBy())
                    + ", "
                    + by(one.endedBy())
                    + " "
                    + one.remarks())
        .toList();
  }

  private static String by(String event) {
    return event == null ? null : event.replace("compute.instance.", "").replaceAll(" m\\d+$", "");
  }
}
