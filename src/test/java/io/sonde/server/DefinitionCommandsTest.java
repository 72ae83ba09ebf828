package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that check definitions and try them, which need no server. */
class DefinitionCommandsTest {
  private static final String NOTIFICATION =
      "{\"message_id\": \"m-1\", \"publisher_id\": \"volume.h\", \"event_type\": \"%s\","
          + " \"timestamp\": \"2026-03-01 10:00:00\", \"payload\": {\"volume_id\": \"v\","
          + " \"size\": %s, \"created_at\": \"2026-02-28\"}}\n";

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aConfigurationThatIsRight() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("sonde.conf"),
            """
            sonde.definitions.meters += {
              name = volume.size, event-type = volume.exists, type = gauge, unit = GB
              volume = payload.size, resource-id = payload.volume_id
            }
            """);

    assertThat(run(new CheckCommand(), "--config", config.toString())).isZero();
    assertThat(out.toString().lines())
        .hasSize(2)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).startsWith("note: ").contains("sonde.conf, line 1)");
              assertThat(lines.get(1))
                  .matches(
                      "all is right: 4 sources, 4 sinks, \\d+ definitions of meters, \\d+ of events");
            });
  }

  @Test
  void allMistakesOfAConfiguration() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("sonde.conf"),
            """
            sonde.http.port = high
            sonde.definitions.meters = [
              { name = a, event-type = e, type = gauge, unit = u, volume = "x..", resource-id = r }
              { name = b }
            ]
            """);

    assertThat(run(new CheckCommand(), "--config", config.toString())).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "sonde.http.port: \"high\" is not a whole number from 0 to 65535",
            "sonde.definitions.meters[0].volume: \"x..\" is not a path: position 4: a field, $, @, *,"
                + " (, [ or a `function` is expected, found the end ("
                + config
                + ", line 3)",
            "sonde.definitions.meters[1].type: missing, expected gauge, delta, cumulative or a path ("
                + config
                + ", line 4)");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void whatNotificationsBecome() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("n.jsonl"),
            String.format(NOTIFICATION, "volume.exists", "2")
                + String.format(NOTIFICATION, "volume.exists", "null")
                + "["
                + String.format(NOTIFICATION, "cinder.other", "2")
                + ", {}]");

    assertThat(run(new TryNotificationCommand(), file.toString())).isEqualTo(1);
    assertThat(out.toString())
        .isEqualTo(
            """
            1: volume.exists m-1
              sample volume.size gauge 2.0 GiB, resource v, project null, user null, at 2026-03-01T10:00:00, \
            metadata {"created_at":"2026-02-28","event_type":"volume.exists","host":"volume.h","size":2,"volume_id":"v"}
              event at 2026-03-01T10:00:00
                created_at = 2026-02-28T00:00:00 (datetime)
                resource_id = v (string)
                service = volume.h (string)
                size = 2 (integer)
            2: volume.exists m-1
              event at 2026-03-01T10:00:00
                created_at = 2026-02-28T00:00:00 (datetime)
                resource_id = v (string)
                service = volume.h (string)
              remark: meter volume.size: volume: nothing is found at payload.size
            3: cinder.other m-1
              no samples: no definition of a meter is for this type
              event at 2026-03-01T10:00:00
                service = volume.h (string)
            4: refused: message_id: missing, expected text of 1 to 255 characters, without U+0000 and halves of pairs
            4 notifications: 1 samples, 3 events, 1 refused
            """);
  }

  private int run(Object command, String... arguments) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
