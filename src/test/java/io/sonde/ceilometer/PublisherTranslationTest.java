package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherTranslationTest {
  private final Remarks remarks = new Remarks();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "notifier://",
        "notifier",
        "NOTIFIER://",
        "notifier://?topic=metering",
        "direct://",
        "direct://?dispatcher=database",
        "database",
        "database://",
      })
  void theOriginalsOwnWaysLeadToTheCollectors(String url) {
    assertThat(translate(false, url)).containsExactly("collector://");
    assertThat(shown(remarks)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "udp://10.0.0.2:4952, udp://10.0.0.2:4952",
    "tcp://10.0.0.2:4952?confirm=true, tcp://10.0.0.2:4952?confirm=true",
    "http://billing/samples?timeout=5&batch=False, http://billing/samples?timeout=5&batch=False",
    "HTTPS://u:p@billing/Samples, https://u:p@billing/Samples",
    "kafka://10.0.0.2:9092?topic=t, kafka://10.0.0.2:9092?topic=t",
    "notifier://u:p@rabbit:5672/v?topic=t, notifier://u:p@rabbit:5672/v?topic=t",
    "file:///var/tmp/a?max_bytes=9&backup_count=2&json, file:///var/tmp/a?max_bytes=9&backup_count=2&json",
    "opentelemetryhttp://otel:4318/v1/metrics, otlp://otel:4318/v1/metrics",
  })
  void othersKeepTheirUrls(String url, String expected) {
    assertThat(translate(false, url)).containsExactly(expected);
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void whatDiffersIsNoted() {
    assertThat(
            translate(
                false, "gnocchi://?archive_policy=low", "notifier://?policy=drop&topic=metering"))
        .containsExactly("collector://");
    assertThat(translate(false, "file:///var/tmp/a")).containsExactly("file:///var/tmp/a");
    assertThat(translate(true, "gnocchi")).containsExactly("collector://");
    assertThat(translate(false, "tcp://h:4952")).containsExactly("tcp://h:4952?confirm=false");

    assertThat(shown(remarks))
        .containsExactly(
            "f:1: note: Gnocchi kept the meters of gnocchi_resources.yaml, as averages, without"
                + " those of its own project; here every sample is stored, and sonde.retention says"
                + " how long",
            "f:1: note: each line is a JSON object here; there, it was a text of Python's",
            "f:1: note: Gnocchi only learned of resources from events; here the events are stored",
            "f:1: note: confirm=false: as there, what is under way when the consumer dies is lost;"
                + " leave it out for a consumer that closes after each batch",
            "f:2: note: the options policy=drop are not needed: collectors acknowledge what they"
                + " have, and take each sample once",
            "f:2: note: publishes to collector://, as one before it: is there once");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prometheus://gw:9091/metrics/job/x|speaks Prometheus' remote write",
        "zaqar://?queue=q|does not publish to Zaqar",
        "test://|for tests of Ceilometer",
        "carrier-pigeon://x|carrier-pigeon:// is no publisher of Ceilometer's own",
        "notifier://?topic=alarm.all|goes to the topic alarm.all of the message bus",
        "direct://?dispatcher=http|the dispatcher http has its settings in ceilometer.conf",
        "udp://a?x=%zz|percent-encoded",
      })
  void whatSondeHasNoPublisherForIsLostWithAReason(String url, String reason) {
    assertThat(translate(false, "notifier://", url)).containsExactly("collector://");
    assertThat(shown(remarks))
        .singleElement()
        .asString()
        .startsWith("f:2: lost: ")
        .contains(reason);
  }

  @Test
  void topicsOfEventsHaveAnotherName() {
    assertThat(translate(true, "notifier://?topic=event")).containsExactly("collector://");
    assertThat(translate(true, "notifier://?topic=metering")).isEmpty();
  }

  @Test
  void whatSondeRefusesIsLostInItsOwnWordsWithoutPasswords() {
    SinkCheck check = SinkCheck.by(ConfigFactory.load().getConfig("sonde"));
    YamlValue urls =
        parse("[\"file://\", \"file:///var/tmp/a\", \"http://me:secret@x:0/?n=1&%zz\"]");

    assertThat(new PublisherTranslation(false, check, remarks).translate(urls.list("")))
        .containsExactly("file:///var/tmp/a");
    assertThat(shown(remarks))
        .anyMatch(
            line ->
                line.startsWith(
                    "f:1: lost: file:// is not taken: \"file://\" is not a URL that names a file"))
        .noneMatch(line -> line.contains("secret"));
  }

  private List<String> translate(boolean isOfEvents, String... urls) {
    YamlValue list = parse("- \"" + String.join("\"\n- \"", urls) + "\"\n");
    return new PublisherTranslation(isOfEvents, sink -> Optional.empty(), remarks)
        .translate(list.list(""));
  }
}
