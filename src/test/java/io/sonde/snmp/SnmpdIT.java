package io.sonde.snmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.publish.ServerProcess;
import io.sonde.server.Wait;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against Net-SNMP's agent as Debian packs it; its figures are those of this host. */
@Tag("servers")
class SnmpdIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final String SNMPD =
      """
      rocommunity geheim 127.0.0.1
      createUser plain
      createUser signed MD5 "signed-password"
      createUser sealed SHA "sealed-password" DES "sealed-private"
      createUser modern SHA-256 "modern-password" AES "modern-private"
      createUser strong SHA-512 "strong-password" AES-256 "strong-private"
      rouser plain noauth
      rouser signed auth
      rouser sealed priv
      rouser modern priv
      rouser strong priv
      """;
  private static final String CREDENTIALS =
      """
      credentials {
        default { version = 2c, community = geheim }
        plain { version = 3, user = plain, security-level = noAuthNoPriv }
        signed {
          version = 3, user = signed, security-level = authNoPriv
          auth-protocol = MD5, auth-password = signed-password
        }
        sealed {
          version = 3, user = sealed
          auth-protocol = SHA, auth-password = sealed-password
          priv-protocol = DES, priv-password = sealed-private
        }
        modern {
          version = 3, user = modern
          auth-protocol = SHA-256, auth-password = modern-password
          priv-protocol = AES128, priv-password = modern-private
        }
        strong {
          version = 3, user = strong
          auth-protocol = SHA-512, auth-password = strong-password
          priv-protocol = AES256, priv-password = strong-private
        }
        nobody { version = 3, user = nobody, security-level = noAuthNoPriv }
        timid { version = 3, user = signed, security-level = noAuthNoPriv }
        mistaken {
          version = 3, user = modern
          auth-protocol = SHA-256, auth-password = another-password
          priv-protocol = AES128, priv-password = modern-private
        }
        garbled {
          version = 3, user = modern
          auth-protocol = SHA-256, auth-password = modern-password
          priv-protocol = AES128, priv-password = another-private
        }
        elsewhere { version = 3, user = plain, security-level = noAuthNoPriv, context = elsewhere }
      }
      """;

  @TempDir private static Path folder;
  private static ServerProcess snmpd;
  private static int port;

  private final Pollster pollster =
      SnmpPollster.factory()
          .create(ConfigSection.of(ConfigFactory.parseString(CREDENTIALS), "snmp"));

  @BeforeAll
  static void startAgent() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0)) {
      port = socket.getLocalPort();
    }
    Files.writeString(folder.resolve("snmpd.conf"), SNMPD);
    snmpd =
        new ServerProcess(
                folder.resolve("log"),
                Map.of("SNMP_PERSISTENT_DIR", folder.resolve("state").toString(), "MIBS", ""),
                "snmpd",
                "-f",
                "-Lo",
                "-C",
                "-c",
                folder.resolve("snmpd.conf").toString(),
                "-I",
                "-smux",
                "-x",
                folder.resolve("agentx").toString(),
                "udp:127.0.0.1:" + port)
            .start();
  }

  @AfterAll
  static void stopAgent() {
    snmpd.close();
  }

  @BeforeEach
  void start() {
    pollster.start(
        new PollingContext(
            "here", "http://h/", 1 << 20, Runnable::run, Clock.systemUTC(), skipped -> {}));
    Wait.until(SOON, "the agent", () -> isRead("geheim@", ""));
  }

  @AfterEach
  void stop() {
    pollster.close();
  }

  @Test
  void tellsOfTheHostWhatTheKernelTells() throws IOException {
    Map<String, Sample> host = byMeter("127.0.0.1", poll("", ""));
    double total = volume(host, "hardware.memory.total");
    assertThat(total).isEqualTo(meminfo("MemTotal"));
    double free = meminfo("MemFree");
    assertThat(volume(host, "hardware.memory.used")).isCloseTo(total - free, within(total / 10));
    assertThat(volume(host, "hardware.memory.buffer"))
        .isCloseTo(meminfo("Buffers"), within(total / 100));
    assertThat(volume(host, "hardware.memory.swap.total")).isEqualTo(meminfo("SwapTotal"));
    double load = Double.parseDouble(word("/proc/loadavg", "(\\S+) .*"));
    assertThat(volume(host, "hardware.cpu.load.1min")).isCloseTo(load, within(2.0));
    assertThat(volume(host, "hardware.cpu.load.15min")).isBetween(0.0, 1_000.0);
    Sample datagrams = host.get("hardware.network.ip.incoming.datagrams");
    assertThat(datagrams.series().type()).isEqualTo(MeterType.CUMULATIVE);
    assertThat(datagrams.volume()).isPositive();
    assertThat(host.values()).allMatch(sample -> sample.series().source().equals("hardware"));
  }

  @Test
  void countsTheBytesOfInterfaces() throws IOException {
    // The agent remembers the counters for 15 seconds; started anew it looks.
    snmpd.kill();
    double before = loopbackBytes();
    snmpd.start();
    Wait.until(SOON, "the agent", () -> isRead("", ""));
    Sample bytes = byMeter("127.0.0.1.lo", poll("", "")).get("hardware.network.incoming.bytes");
    assertThat(bytes.volume()).isBetween(before, loopbackBytes());
    assertThat(bytes.metadata().json())
        .isEqualTo("{\"name\":\"lo\",\"resource_url\":\"snmp://127.0.0.1:" + port + "\"}");
  }

  @Test
  void tellsHowLargeDisksAre() throws IOException {
    List<Sample> disks =
        poll("", "").stream()
            .filter(sample -> sample.series().meter().equals("hardware.disk.size.total"))
            .toList();
    assertThat(disks).isNotEmpty();
    for (Sample disk : disks) {
      String path = disk.series().resourceId().substring("127.0.0.1.".length());
      double size = (double) Files.getFileStore(Path.of(path)).getTotalSpace();
      assertThat(disk.volume() * 1024).as(path).isCloseTo(size, within(size / 100));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "signed", "sealed", "modern", "strong"})
  void readsAsUsersOfVersion3(String user) {
    assertThat(byMeter("127.0.0.1", poll("", "?credentials=" + user)))
        .containsKeys("hardware.memory.total", "hardware.cpu.load.1min");
  }

  @Test
  void saysWhyTheAgentRefuses() {
    assertRefused("?credentials=nobody", "the agent refuses: unknown user");
    assertRefused("?credentials=timid", "the agent answers Authorization error");
    assertRefused("?credentials=mistaken", "wrong authentication");
    // It cannot tell what is garbled from what was never a message, and drops it.
    assertRefused("?credentials=garbled", "no answer within 1000 ms");
    assertRefused("?credentials=elsewhere", "no answer within 1000 ms");
  }

  @Test
  void aWrongCommunityIsSilence() {
    assertThatThrownBy(() -> poll("wrong@", "", Duration.ofMillis(400)))
        .hasRootCauseMessage("no answer within 400 ms");
  }

  @Test
  void goesOnWhenAnAgentWasStartedAgain() throws IOException {
    assertThat(poll("", "?credentials=modern")).isNotEmpty();
    snmpd.kill();
    assertThatThrownBy(() -> poll("", "?credentials=modern", Duration.ofMillis(400)))
        .hasRootCauseMessage("no answer within 400 ms");
    snmpd.start();
    Wait.until(SOON, "the same agent again", () -> isRead("", "?credentials=modern"));
  }

  @Test
  void goesOnWhenAnAgentHasForgottenWhoItIs() throws IOException {
    assertThat(poll("", "?credentials=modern")).isNotEmpty();
    snmpd.kill();
    Files.delete(folder.resolve("state/snmpd.conf"));
    snmpd.start();
    Wait.until(SOON, "an agent with another engine id", () -> isRead("", "?credentials=modern"));
  }

  @Test
  void goesOnWhenAnAgentHasForgottenHowOftenItWasStarted() throws IOException {
    snmpd.kill();
    Path settings = folder.resolve("snmpd.conf");
    Files.writeString(settings, SNMPD + "exactEngineID 0x80001f880473616d65\n");
    snmpd.start();
    Wait.until(SOON, "the engine", () -> isRead("", "?credentials=modern"));
    snmpd.kill();
    snmpd.start();
    Wait.until(SOON, "the engine's second start", () -> isRead("", "?credentials=modern"));
    snmpd.kill();
    Files.delete(folder.resolve("state/snmpd.conf"));
    snmpd.start();
    Wait.until(SOON, "the engine's first start anew", () -> isRead("", "?credentials=modern"));
    Files.writeString(settings, SNMPD);
  }

  private void assertRefused(String parameters, String reason) {
    assertThatThrownBy(() -> poll("", parameters, Duration.ofSeconds(1)))
        .rootCause()
        .hasMessageContaining(reason);
  }

  private boolean isRead(String community, String parameters) {
    try {
      return !poll(community, parameters, Duration.ofSeconds(1)).isEmpty();
    } catch (CompletionException e) {
      return false;
    }
  }

  private List<Sample> poll(String community, String parameters) {
    return poll(community, parameters, DEADLINE);
  }

  private List<Sample> poll(String community, String parameters, Duration deadline) {
    URI url = URI.create("snmp://" + community + "127.0.0.1:" + port + parameters);
    return pollster.poll(pollster.target(url), deadline).toCompletableFuture().join().samples();
  }

  private static Map<String, Sample> byMeter(String resource, List<Sample> samples) {
    return samples.stream()
        .filter(sample -> sample.series().resourceId().equals(resource))
        .collect(Collectors.toMap(sample -> sample.series().meter(), sample -> sample));
  }

  private static double volume(Map<String, Sample> samples, String meter) {
    assertThat(samples).containsKey(meter);
    return samples.get(meter).volume();
  }

  private static double meminfo(String name) throws IOException {
    return Double.parseDouble(word("/proc/meminfo", name + ": +(\\d+) kB"));
  }

  private static double loopbackBytes() throws IOException {
    return Double.parseDouble(word("/proc/net/dev", " *lo: *(\\d+) .*"));
  }

  private static String word(String file, String regex) throws IOException {
    Pattern pattern = Pattern.compile(regex);
    return Files.readAllLines(Path.of(file)).stream()
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .findFirst()
        .orElseThrow()
        .group(1);
  }
}
