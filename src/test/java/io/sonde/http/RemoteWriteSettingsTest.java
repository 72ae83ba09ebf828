package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.NameFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteWriteSettingsTest {
  @Test
  void readsTheDefaults() {
    assertThat(read(""))
        .isEqualTo(
            new RemoteWriteSettings(
                "prometheus",
                List.of("resource_id", "instance", "job"),
                List.of("project_id"),
                List.of("user_id"),
                "unknown",
                NameFilter.of(List.of("*_total", "*_count", "*_sum", "*_bucket"), "x"),
                25));
  }

  @Test
  void readsWhatIsGiven() {
    assertThat(
            read(
                "source=x,resource-labels=[node],project-labels=[],user-labels=[a,b],"
                    + "default-resource=\"\",cumulative=[\"!*\"],cache-percent=5"))
        .isEqualTo(
            new RemoteWriteSettings(
                "x",
                List.of("node"),
                List.of(),
                List.of("a", "b"),
                "",
                NameFilter.of(List.of("!*"), "x"),
                5));
  }

  @Test
  void withoutADefaultResourceSeriesNeedOne() {
    RemoteWriteMapping mapping = new RemoteWriteMapping(read("default-resource=\"\""));
    byte[] labels = RemoteWriteMessage.labels("__name__", "up").toBytes();
    assertThatThrownBy(() -> mapping.series(new ProtobufCursor(labels, 0, labels.length, "it")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no label names the resource: there is none of [resource_id, instance, job]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source=\"\" | source: \"\" is not a text that is not empty",
        "resource-labels=[__name__] | resource-labels[0]: \"__name__\" is not the name of a label;"
            + " __name__ names the meter",
        "user-labels=[\"\"] | user-labels[0]: \"\" is not the name of a label;"
            + " __name__ names the meter",
        "project-labels=p | project-labels: \"p\" is not a list of names of labels",
        "cumulative=[] | cumulative: \"[]\" is not a list of at least one pattern",
        "cache-percent=90 | cache-percent: \"90\" is not a whole number from 1 to 60",
        "resource=x | resource: \"resource\" is not one of the keys source, resource-labels,"
            + " project-labels, user-labels, default-resource, cumulative, cache-percent",
      })
  void namesWhatIsWrong(String given, String message) {
    assertThatThrownBy(() -> read(given))
        .isInstanceOf(ConfigException.class)
        .hasMessage("sonde.remote-write." + message);
  }

  private static RemoteWriteSettings read(String given) {
    Config config = ConfigFactory.parseString(given);
    return RemoteWriteSettings.from(
        config.withFallback(
            ConfigFactory.parseResources("application.conf")
                .resolve()
                .getConfig("sonde.remote-write")));
  }
}
