package io.sonde.definition;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.sonde.model.Timestamps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Definitions and notifications for tests. */
final class Given {
  static final String USUAL =
      "'ctxt': {'user_id': 'bob', 'tenant': 'lab', 'request_id': 'req-1', 'auth_token': 's3cret'}";

  private Given() {}

  /** What is shipped, with some keys of {@code sonde.definitions} set otherwise. */
  static Definitions shipped(String hocon) {
    return Definitions.from(config("", hocon));
  }

  /** Only the definitions given. */
  static Definitions only(String hocon) {
    return Definitions.from(config("meters = [], events = []\n", hocon));
  }

  private static Config config(String empty, String hocon) {
    return ConfigFactory.parseString(
            "sonde.definitions {\n" + empty + hocon + "\n}",
            ConfigParseOptions.defaults().setOriginDescription("test"))
        .withFallback(ConfigFactory.parseResources("application.conf"))
        .resolve()
        .getConfig("sonde.definitions");
  }

  /** A notification of INFO sent by compute.host1 for bob of the lab, with ' for ". */
  static Notification notification(String eventType, String payload) {
    return notification(eventType, payload, "INFO");
  }

  static Notification notification(String eventType, String payload, String priority) {
    String json =
        "{'message_id': 'm-1', 'publisher_id': 'compute.host1', 'event_type': '"
            + eventType
            + "', 'priority': '"
            + priority
            + "', 'timestamp': '2026-03-01 10:00:00', "
            + USUAL
            + ", 'payload': "
            + payload
            + "}";
    return Notification.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  /** Samples as meter type unit volume resource/project/user time. */
  static List<String> shown(Converted converted) {
    return converted.samples().stream()
        .map(
            sample ->
                String.join(
                    " ",
                    sample.series().meter(),
                    sample.series().type().wireName(),
                    sample.series().unit(),
                    String.valueOf(sample.volume()),
                    sample.series().resourceId()
                        + "/"
                        + sample.series().projectId()
                        + "/"
                        + sample.series().userId(),
                    Timestamps.format(sample.timestamp())))
        .toList();
  }

  /** Traits as name=value, without the default ones. */
  static String traits(Converted converted) {
    List<String> defaults = List.of("service", "request_id", "project_id", "tenant_id", "user_id");
    return converted.event().traits().stream()
        .filter(trait -> !defaults.contains(trait.name()))
        .map(trait -> trait.name() + ":" + trait.type().wireName() + "=" + trait.value())
        .collect(Collectors.joining(" "));
  }
}
