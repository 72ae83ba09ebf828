package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventRetentionTest {
  private static final Instant NOW = Instant.parse("2016-05-06T12:34:56Z");

  @Test
  void byDefaultEventsAreKeptForEver() {
    assertThat(
            EventRetention.from(
                    ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde"),
                    Clock.systemUTC())
                .cutoff())
        .isEqualTo(EventRetention.FOR_EVER);
  }

  @Test
  void wholeDaysAreDropped() {
    long cutoff = retention("36h").cutoff();
    assertThat(Instant.EPOCH.plusMillis(cutoff / 1000)).isEqualTo("2016-05-05T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"23h", "soon", "[]", "200000 days"})
  void anythingElseIsNamed(String keep) {
    assertThatThrownBy(() -> retention(keep))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.events.keep: \"" + keep + "\" is not a duration from ");
  }

  @Test
  void aKeyThatNobodyReadsIsRefused() {
    assertThatThrownBy(
            () ->
                EventRetention.from(
                    ConfigFactory.parseString("events.keeps = 1 day"), Clock.systemUTC()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.events.keeps: ");
  }

  private static EventRetention retention(String keep) {
    return EventRetention.from(
        ConfigFactory.parseString("events.keep = " + keep), Clock.fixed(NOW, ZoneOffset.UTC));
  }
}
