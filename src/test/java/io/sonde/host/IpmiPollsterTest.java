package io.sonde.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With scripts in the place of ipmitool. */
class IpmiPollsterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int MOST_BYTES = 20_000;

  private static final String SENSORS =
      """
      Sensor ID              : Inlet Temp (0x4)
       Entity ID             : 7.1 (System Board)
       Sensor Type (Threshold)  : Temperature (0x01)
       Sensor Reading        : 21 (+/- 1) degrees C
       Status                : ok
       Upper critical        : 47.000
       Assertions Enabled    : lnc- lcr- unc+ ucr+

      Sensor ID              : P12V (0x21)
       Sensor Type (Threshold)  : Voltage (0x02)
       Sensor Reading        : 11.904 (+/- 0.032) Volts
       Status                : ok

      Sensor ID              : PS1 Current (0x94)
       Sensor Type (Threshold)  : Current (0x03)
       Sensor Reading        : 0.400 (+/- 0) Amps

      Sensor ID              : Pwr Consumption (0x95)
       Sensor Type (Threshold)  : Current (0x03)
       Sensor Reading        : 154 (+/- 0) Watts

      Sensor ID              : FAN 1 (0x30)
       Sensor Type (Threshold)  : Fan (0x04)
       Sensor Reading        : 5880 (+/- 0) RPM

      Sensor ID              : FAN 2 (0x31)
       Sensor Type (Analog)  : Fan
       Sensor Reading        : 29.792 (+/- 0) percent

      Sensor ID              : Exhaust Temp (0x1)
       Sensor Type (Threshold)  : Temperature (0x01)
       Sensor Reading        : Disabled

      Sensor ID              : Temp 2 (0x2)
       Sensor Type (Threshold)  : Temperature (0x01)
       Sensor Reading        : No Reading

      Sensor ID              : Fan Redundancy (0x75)
       Sensor Type (Discrete): Fan (0x04)
       Sensor Reading        : 0h
       States Asserted       : Redundancy State
                               [Fully Redundant]

      Sensor ID              : CPU Usage (0xf)
       Sensor Type (Threshold)  : Processor (0x07)
       Sensor Reading        : 12 (+/- 0) percent
      """;

  @TempDir private Path folder;

  @Test
  void readsSensors() throws IOException {
    Findings findings = find(tool("cat <<'END'\n" + SENSORS + "END\n"));
    assertThat(findings.isComplete()).isTrue();
    assertThat(findings.remarks()).isEmpty();
    assertThat(findings.found())
        .extracting(IpmiPollsterTest::shown)
        .containsExactly(
            "web1-inlet_temp_(0x4) hardware.ipmi.temperature 21.0 C",
            "web1-p12v_(0x21) hardware.ipmi.voltage 11.904 V",
            "web1-ps1_current_(0x94) hardware.ipmi.current 0.4 A",
            "web1-pwr_consumption_(0x95) hardware.ipmi.power 154.0 W",
            "web1-fan_1_(0x30) hardware.ipmi.fan 5880.0 RPM",
            "web1-fan_2_(0x31) hardware.ipmi.fan 29.792 %",
            "web1-exhaust_temp_(0x1) without samples",
            "web1-temp_2_(0x2) without samples",
            "web1-cpu_usage_(0xf) without samples");
    Found inlet = findings.found().get(0);
    assertThat(inlet.target())
        .isEqualTo(new PolledTarget("ipmi", "web1-inlet_temp_(0x4)", "web1", "Inlet Temp (0x4)"));
    Sample sample = inlet.reading().samples().get(0);
    assertThat(sample.series().source()).isEqualTo("hardware");
    assertThat(sample.series().type()).isEqualTo(MeterType.GAUGE);
    assertThat(sample.series().resourceId()).isEqualTo("web1-inlet_temp_(0x4)");
    assertThat(sample.timestamp()).isEqualTo(NOON.millis() * 1000);
    assertThat(sample.metadata().json())
        .isEqualTo(
            "{\"Assertions Enabled\":\"lnc- lcr- unc+ ucr+\",\"Entity ID\":\"7.1 (System"
                + " Board)\",\"Sensor ID\":\"Inlet Temp (0x4)\",\"Sensor Type"
                + " (Threshold)\":\"Temperature (0x01)\",\"Status\":\"ok\",\"Upper"
                + " critical\":\"47.000\",\"node\":\"web1\"}");
  }

  @Test
  void aSensorThatIsSwitchedOffIsStillThere() throws IOException {
    Path tool = folder.resolve("ipmitool");
    Pollster pollster = pollster(tool);
    for (String reading :
        List.of("90 Watts", "No Reading", "Disabled", "Not Present", "no reading", "")) {
      write(
          tool,
          """
          printf 'Sensor ID : PSU 1\n Sensor Type (Threshold): Power Supply\n'
          echo ' Sensor Reading : %s'
          """
              .formatted(reading));
      assertThat(find(pollster).found())
          .as(reading)
          .extracting(IpmiPollsterTest::shown)
          .containsExactly(
              reading.endsWith("Watts")
                  ? "web1-psu_1 hardware.ipmi.power 90.0 W"
                  : "web1-psu_1 without samples");
    }
  }

  @Test
  void asksForAllSensorsInOneLanguage() throws IOException {
    Findings findings =
        find(
            tool(
                """
                [ "$*" = "sdr -v" ] && [ "$LC_ALL" = C ] && ! read -r line && printf 'Sensor ID: a
                 Sensor Type (Threshold): Fan
                 Sensor Reading: 1 RPM
                '
                """));
    assertThat(findings.found()).hasSize(1);
  }

  @Test
  void anOddSensorDoesNotHarmTheOthers() throws IOException {
    Findings findings =
        find(
            tool(
                """
                echo 'Get SDR 0023 command failed: Requested sensor not present'
                printf 'Sensor ID : good\\n Sensor Type (Threshold): Fan (0x04)\\n'
                echo 'Unknown thing: while it reads'
                printf ' Sensor Reading : 1 (+/- 0) RPM\\n\\n'
                printf 'Sensor ID : odd\\n Sensor Type (Threshold): Fan\\n Sensor Reading : 1x RPM\\n'
                printf 'Sensor ID : odd 2\\n Sensor Type (Threshold): Fan\\n Sensor Reading : 7\\n'
                printf 'Sensor ID : good\\n Sensor Type (Threshold): Fan\\n Sensor Reading : 2 RPM\\n'
                printf 'Sensor ID :\\n Sensor Type (Threshold): Fan\\n Sensor Reading : 3 RPM\\n'
                printf 'Sensor ID : bare\\n'
                printf 'Sensor ID : \\000nul\\n Sensor Type (Threshold): Fan\\n Sensor Reading : 4 RPM\\n'
                """));
    assertThat(findings.found())
        .extracting(IpmiPollsterTest::shown)
        .containsExactly(
            "web1-good hardware.ipmi.fan 1.0 RPM",
            "web1-odd: a number and a unit are expected, found 1x RPM",
            "web1-odd_2: a number and a unit are expected, found 7",
            "web1-nul hardware.ipmi.fan 4.0 RPM");
    assertThat(findings.remarks())
        .containsExactly(
            "two sensors have the id good; the first one counts",
            "a sensor without an id says 3 RPM");
    assertThat(findings.isComplete()).isTrue();
  }

  @Test
  void whatWasPrintedBeforeAnErrorCounts() throws IOException {
    Path tool = tool("cat <<'END'\n" + SENSORS + "END\necho 'SDR reservation lost' >&2\nexit 3\n");
    Findings findings = find(tool);
    assertThat(findings.found()).hasSize(9);
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks()).containsExactly(tool + ", exit code 3: SDR reservation lost");
  }

  @Test
  void withoutAControllerOrTheToolNothingIsTakenToBeGone() throws IOException {
    Path tool =
        tool(
            """
            echo 'Could not open device at /dev/ipmi0 or /dev/ipmi/0: No such file or directory'
            exit 1
            """);
    Pollster pollster = pollster(tool);
    assertThat(find(pollster))
        .isEqualTo(
            new Findings(
                List.of(),
                false,
                List.of(
                    tool
                        + ", exit code 1: Could not open device at /dev/ipmi0 or /dev/ipmi/0:"
                        + " No such file or directory")));
    write(tool, "cat <<'END'\n" + SENSORS + "END\n");
    assertThat(find(pollster).found()).hasSize(9);
    Files.delete(tool);
    Findings without = find(pollster);
    assertThat(without.found()).isEmpty();
    assertThat(without.isComplete()).isFalse();
    assertThat(without.remarks())
        .singleElement()
        .asString()
        .startsWith(tool + " cannot be started: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo garbage; head -c 2000 /dev/urandom | tr -d '\\n'; exit 0",
        "echo 'Unable to establish IPMI session' >&2; exit 1",
        "exit 127",
        "kill -9 $$"
      })
  void failsWhenTheToolFails(String script) throws IOException {
    Path tool = tool(script);
    assertThatThrownBy(() -> find(tool)).rootCause().hasMessageContaining(tool + ", exit code ");
  }

  @Test
  void aHostWithoutSensorsHasNone() throws IOException {
    assertThat(find(tool("exit 0"))).isEqualTo(Findings.of(List.of()));
  }

  @Test
  void aHangingToolIsEndedWithAllThatItStarted() throws IOException {
    Path pids = folder.resolve("pids");
    Path tool = tool("sleep 600 &\necho $$ $! > " + pids + "\nwait\n");
    assertThatThrownBy(() -> find(pollster(tool), Duration.ofMillis(500)))
        .hasRootCauseMessage(tool + ": no end within 500 ms");
    for (String pid : Files.readString(pids).strip().split(" ", -1)) {
      Wait.until(Duration.ofSeconds(10), "the end of process " + pid, () -> hasEnded(pid));
    }
  }

  @Test
  void aChildThatIsLeftBehindIsNotWaitedFor() throws IOException {
    Path pid = folder.resolve("pid");
    Path tool = tool("sleep 600 &\necho $! > " + pid + "\ncat <<'END'\n" + SENSORS + "END\n");
    try {
      assertThat(find(tool).found()).hasSize(9);
    } finally {
      ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void anEndlessOutputIsGivenUp() throws IOException {
    Path tool = tool("while :; do echo 'Sensor ID : x'; done");
    assertThatThrownBy(() -> find(tool))
        .hasRootCauseMessage(tool + ": an output of more than " + MOST_BYTES + " bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"command = []", "command = [\"\"]", "command = ipmitool", ""})
  void refusesOtherCommands(String parameters) {
    ConfigSection section = ConfigSection.of(ConfigFactory.parseString(parameters), "ipmi");
    assertThatThrownBy(() -> IpmiPollster.factory().create(section))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("ipmi.command: ")
        .hasMessageEndingWith("a list of the program and its arguments, such as [ipmitool]");
  }

  /** Also when nobody asked yet how it ended. */
  private static boolean hasEnded(String pid) {
    try {
      return Files.readString(Path.of("/proc", pid, "stat")).contains(") Z ");
    } catch (IOException e) {
      return true;
    }
  }

  private static String shown(Found found) {
    if (found.reading() == null) {
      return found.target().resourceId() + ": " + found.failure();
    }
    if (found.reading().samples().isEmpty()) {
      return found.target().resourceId() + " without samples";
    }
    return found.reading().samples().stream()
        .map(
            sample ->
                String.join(
                    " ",
                    sample.series().resourceId(),
                    sample.series().meter(),
                    String.valueOf(sample.volume()),
                    sample.series().unit()))
        .collect(Collectors.joining(", "));
  }

  private Path tool(String script) throws IOException {
    Path tool = folder.resolve("ipmitool");
    write(tool, script);
    return tool;
  }

  private static void write(Path tool, String script) throws IOException {
    Files.writeString(tool, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));
  }

  private static Findings find(Path tool) {
    return find(pollster(tool));
  }

  private static Findings find(Pollster pollster) {
    return find(pollster, DEADLINE);
  }

  private static Findings find(Pollster pollster, Duration deadline) {
    Search search = new Search("source", "", NameFilter.of(List.of("*"), "meters"), deadline);
    return pollster.discoveries().get(0).find(search).toCompletableFuture().join();
  }

  private static Pollster pollster(Path tool) {
    Pollster pollster =
        IpmiPollster.factory()
            .create(
                ConfigSection.of(
                    ConfigFactory.parseString("command = [\"" + tool + "\"]"), "ipmi"));
    pollster.start(
        new PollingContext("web1", "http://h/", MOST_BYTES, Runnable::run, NOON, skipped -> {}));
    return pollster;
  }
}
