package io.sonde.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotificationSettingsTest {
  private static final Config DEFAULTS =
      ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde.notification");

  @Test
  void byDefaultNobodyIsListenedTo() {
    assertThat(NotificationSettings.from(DEFAULTS))
        .isEqualTo(
            new NotificationSettings(
                200_000,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                Duration.ofDays(30),
                List.of()));
  }

  @Test
  void aListenerSaysWhatIsOtherThanForAll() {
    NotificationSettings settings =
        read(
            """
            topics = [all]
            listeners = [
              { url = "amqp://u:p@h:1/v" }
              {
                url = "amqps://h", exchanges = [nova], topics = [notifications, other]
                priorities = [INFO], durable = true, auto-delete = true, prefetch = 7, pool = mine
                queue-arguments { x-queue-type = quorum, x-max-length = 5 }
              }
            ]
            """);
    ListenerSettings first = settings.listeners().get(0);
    assertThat(first.shown()).isEqualTo("amqp://u:***@h:1/v");
    assertThat(first.exchanges()).contains("nova", "neutron", "cinder").hasSize(18);
    assertThat(first.topics()).containsExactly("all");
    assertThat(first.priorities()).hasSize(7);
    assertThat(first.prefetch()).isEqualTo(1_000);
    assertThat(first.isDurable()).isFalse();
    ListenerSettings second = settings.listeners().get(1);
    assertThat(second.exchanges()).containsExactly("nova");
    assertThat(second.topics()).containsExactly("notifications", "other");
    assertThat(second.priorities()).containsExactly("info");
    assertThat(second.prefetch()).isEqualTo(7);
    assertThat(second.pool()).isEqualTo("mine");
    assertThat(second.isDurable() && second.isAutoDelete()).isTrue();
    assertThat(second.queueArguments())
        .isEqualTo(Map.of("x-queue-type", "quorum", "x-max-length", 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max-in-flight-samples=0|max-in-flight-samples: \"0\" is not",
        "max-in-flight-samples=x|max-in-flight-samples: \"x\" is not",
        "max-future=long|max-future: \"long\" is not a dur",
        "max-future=-1s|max-future: \"-1s\" is not a dur",
        "dead-keep=1m|dead-keep: \"1m\" is not a dur",
        "listeners=[{}]|listeners[0].url: missing, expected a URL such as amqp://",
        "listeners=[{url=\"http://h\"}]|listeners[0].url: \"http://h\" is not a URL such as amqp://",
        "listeners=[{url=\"amqp:///v\"}]|listeners[0].url: ",
        "listeners=[{url=\"amqp://h?topic=a\"}]|listeners[0].url: ",
        "listeners=[{url=\"amqp://h\",topics=[]}]|listeners[0].topics: \"[]\" is not a list of at least",
        "listeners=[{url=\"amqp://h\",prefetch=0}]|listeners[0].prefetch: \"0\" is not",
        "listeners=[{url=\"amqp://h\",priorities=[high]}]|listeners[0].priorities: \"high\" is not one",
        "listeners=[{url=\"amqp://h\",queue=a}]|listeners[0].queue: ",
        "priorities=[high],listeners=[{url=\"amqp://h\"}]|priorities: \"high\" is not one of audit",
      })
  void namesWhatIsWrong(String changed, String message) {
    assertThatThrownBy(() -> read(changed))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.notification." + message);
  }

  private static NotificationSettings read(String changed) {
    return NotificationSettings.from(ConfigFactory.parseString(changed).withFallback(DEFAULTS));
  }
}
