package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import io.sonde.polling.Findings;
import io.sonde.polling.PollException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HostCommandTest {
  private static final Deadline LATER = Deadline.in(Duration.ofSeconds(60));
  private static final String ALLOWED = "allow-commands = true";

  @Test
  void whatItSaysIsRead() {
    assertThat(run("echo one; echo two >&2; printf '%s' \"$((1 + 2))\"")).isEqualTo("one\n3");
    assertThat(run("true")).isEmpty();
    assertThat(run("cat")).as("it has no input").isEmpty();
    assertThat(run("head -c 90000 /dev/zero | tr '\\0' x")).hasSize(90_000);
    assertThat(run("for i in 1 2 3 4 5; do echo $i; sleep 0.02; done"))
        .isEqualTo("1\n2\n3\n4\n5\n");
  }

  @Test
  void whatFailsSaysWhy() {
    assertThatThrownBy(() -> run("echo 1; exit 3"))
        .isInstanceOf(PollException.class)
        .hasMessage("the command ended with 3");
    assertThatThrownBy(() -> run("no-such-command-at-all"))
        .hasMessage("the command ended with 127");
    assertThatThrownBy(() -> run("head -c 100001 /dev/zero"))
        .hasMessage("the command says more than 100000 bytes");
    assertThatThrownBy(() -> run("yes")).hasMessage("the command says more than 100000 bytes");
  }

  @Test
  void whatTakesTooLongIsEndedWithAllThatItStarted(@TempDir Path folder) {
    Path mark = folder.resolve("mark");
    Deadline soon = Deadline.in(Duration.ofMillis(500));
    assertThatThrownBy(
            () -> HostCommand.run("(sleep 3; touch " + mark + ") & sleep 50", 1000, soon))
        .hasMessage("the command did not end in time");
    // Nobody waits for what would be: the processes are gone.
    assertThat(ProcessHandle.current().descendants().map(ProcessHandle::info))
        .noneMatch(info -> info.commandLine().orElse("").contains(mark.toString()));
  }

  @Test
  void whatItLeavesBehindIsNotWaitedFor() {
    long before = System.nanoTime();
    assertThat(run("(setsid sleep 5 &) ; echo done")).isEqualTo("done\n");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void commandsAreRunOnlyWhereTheyAreAllowed() {
    String definition = definition("echo", "local = false");
    assertThatThrownBy(() -> Polled.with(definition))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("definitions[0].host-command: \"***\" is not allowed: set ")
        .hasMessageContaining("allow-commands = true");
    assertThatThrownBy(
            () ->
                Polled.with(
                    """
                    { name = a, sample-type = gauge, unit = "", value-attribute = v, url-path = "http://h/"
                      extra-metadata-fields { name = b, value = out, host-command = id } }
                    """))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("extra-metadata-fields.host-command: \"***\" is not allowed");
  }

  @Test
  void whatACommandSaysBecomesSamples() throws Exception {
    try (Polled polled =
        Polled.with(
            definition("echo '{\\\"a\\\": [{\\\"id\\\": \\\"x\\\", \\\"v\\\": 2}]}'", "")
                + definition(
                        "echo '<t><id>y</id><v>3</v></t>'",
                        "response-handlers = [xml], response-entries-key = t")
                    .replace("name = m", "name = xml")
                + definition("echo 4", "response-handlers = [text]")
                    .replace("name = m", "name = text")
                    .replace("value-attribute = v", "value-attribute = out"),
            ALLOWED)) {
      Findings findings = polled.find();
      assertThat(Polled.shown(findings))
          .containsExactlyInAnyOrder("x m 2.0", "y xml 3.0", "host-1 text 4.0");
      assertThat(findings.found()).allMatch(each -> each.target().host() == null);
    }
  }

  @Test
  void aLocalCommandIsOfItsHost() throws Exception {
    try (Polled polled =
        Polled.with(
            definition("echo 4", "local = true, response-handlers = [text]")
                .replace("value-attribute = v", "value-attribute = out"),
            ALLOWED)) {
      assertThat(polled.find().found()).isEmpty();
      Findings findings = polled.find("dynamic-local", "", Duration.ofSeconds(20), "*");
      assertThat(Polled.shown(findings)).containsExactly("host-1 m 4.0");
      assertThat(findings.found().get(0).target().host()).isEqualTo("host-1");
    }
  }

  @Test
  void noEntryPutsWordsIntoACommand(@TempDir Path folder) throws Exception {
    Path entries = folder.resolve("entries.json");
    Path mark = folder.resolve("mark");
    Files.writeString(
        entries,
        """
        [{"id": "fine-1", "v": 1}, {"id": "a; touch %1$s", "v": 1}, {"id": "$(touch %1$s)", "v": 1},
         {"id": "b\\n touch %1$s", "v": 1}, {"id": "-rf", "v": 1}, {"id": "../x", "v": 1}, {"id": "' x '", "v": 1}]
        """
            .formatted(mark));
    try (Polled polled =
        Polled.with(
            definition(
                "cat " + entries,
                """
                extra-metadata-fields { name = said, value = "out | value.strip()", response-handlers = [text]
                  host-command = "'echo ' + sample['id']" }
                """),
            ALLOWED)) {
      Findings findings = polled.find();
      assertThat(Polled.samples(findings))
          .extracting(each -> each.metadata().json())
          .containsOnlyOnce("{\"said\":\"fine-1\"}")
          .hasSize(7);
      assertThat(findings.remarks())
          .hasSize(6)
          .allMatch(each -> each.endsWith("without said: there is no id"));
      assertThat(mark).doesNotExist();
    }
  }

  @Test
  void noKeyOfAnEntryBecomesACommand(@TempDir Path folder) throws Exception {
    Path entries = folder.resolve("entries.json");
    Path mark = folder.resolve("mark");
    Files.writeString(
        entries,
        """
        [{"id": "a", "v": 1, "tags": {"fine": 1, "';touch %1$s;'": 2, "deep": [{"$(touch %1$s)": 3}]}}]
        """
            .formatted(mark));
    String said = "value = \"out | value.strip()\", response-handlers = [text]";
    try (Polled polled =
        Polled.with(
            definition(
                "cat " + entries,
                """
                extra-metadata-fields = [
                  { name = keys, %1$s, host-command = "'echo ' + ' '.join(sample['tags'].keys())" }
                  { name = all, %1$s, host-command = "'echo ' + str(sample['tags'])" }]
                """
                    .formatted(said)),
            ALLOWED)) {
      assertThat(Polled.samples(polled.find()))
          .extracting(each -> each.metadata().json())
          .containsExactly("{\"all\":\"{fine: 1, deep: [{}]}\",\"keys\":\"fine deep\"}");
      assertThat(mark).doesNotExist();
    }
  }

  private static String definition(String command, String more) {
    return "{ name = m, sample-type = gauge, unit = \"\", value-attribute = v, host-command = \"%s\"\n%s }\n"
        .formatted(command, more);
  }

  private static String run(String command) {
    return new String(HostCommand.run(command, 100_000, LATER), StandardCharsets.UTF_8);
  }
}
