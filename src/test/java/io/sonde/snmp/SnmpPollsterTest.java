package io.sonde.snmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snmp4j.PDU;
import org.snmp4j.smi.Counter32;
import org.snmp4j.smi.Counter64;
import org.snmp4j.smi.Integer32;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.OctetString;
import org.snmp4j.smi.VariableBinding;

class SnmpPollsterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(600);

  private static final String SYS_NAME = "1.3.6.1.2.1.1.5.0";
  private static final String LOAD = "1.3.6.1.4.1.2021.10.1.5.1";
  private static final String MEMORY_TOTAL = "1.3.6.1.4.1.2021.4.5.0";
  private static final String IF_DESCR = "1.3.6.1.2.1.2.2.1.2.";
  private static final String IF_IN_OCTETS = "1.3.6.1.2.1.2.2.1.10.";
  private static final String IF_OUT_ERRORS = "1.3.6.1.2.1.2.2.1.20.";
  private static final String IF_NAME = "1.3.6.1.2.1.31.1.1.1.1.";
  private static final String IF_HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6.";
  private static final String DISK = "1.3.6.1.4.1.2021.9.1.";
  private static final String STORAGE = "1.3.6.1.2.1.25.2.3.1.";
  private static final String FIXED_DISK = "1.3.6.1.2.1.25.2.1.4";
  private static final String RAM = "1.3.6.1.2.1.25.2.1.2";

  private final Pollster pollster = pollster("");
  private TestAgent agent;

  @BeforeEach
  void start() throws IOException {
    agent = new TestAgent();
    pollster.start(
        new PollingContext("here", "http://h/", 1 << 20, Runnable::run, NOON, skipped -> {}));
  }

  @AfterEach
  void stop() {
    pollster.close();
    agent.close();
  }

  @Test
  void readsAHostItsInterfacesAndItsDisks() {
    agent
        .with(SYS_NAME, text("web1"))
        .with(LOAD, new Integer32(123))
        .with(MEMORY_TOTAL, new Integer32(4000))
        .with("1.3.6.1.4.1.2021.4.6.0", new Integer32(1000))
        .with("1.3.6.1.4.1.2021.11.11.0", new Integer32(93))
        .with(IF_DESCR + 1, text("eth0"))
        .with("1.3.6.1.2.1.2.2.1.6.1", OctetString.fromHexString("02:42:ac:11:00:02"))
        .with(IF_IN_OCTETS + 1, new Counter32(17))
        .with(IF_OUT_ERRORS + 1, new Counter32(3))
        .with(DISK + "2.1", text("/"))
        .with(DISK + "3.1", text("/dev/sda1"))
        .with(DISK + "6.1", new Integer32(100))
        .with(DISK + "8.1", new Integer32(60));
    List<Sample> samples = poll();
    assertThat(volumes(samples))
        .containsOnly(
            Map.entry("127.0.0.1 hardware.cpu.load.1min", 1.23),
            Map.entry("127.0.0.1 hardware.cpu.util", 7.0),
            Map.entry("127.0.0.1 hardware.system_stats.cpu.idle", 93.0),
            Map.entry("127.0.0.1 hardware.memory.total", 4000.0),
            Map.entry("127.0.0.1 hardware.memory.used", 3000.0),
            Map.entry("127.0.0.1.eth0 hardware.network.incoming.bytes", 17.0),
            Map.entry("127.0.0.1.eth0 hardware.network.outgoing.errors", 3.0),
            Map.entry("127.0.0.1./dev/sda1 hardware.disk.size.total", 100.0),
            Map.entry("127.0.0.1./dev/sda1 hardware.disk.size.used", 60.0));
    assertThat(samples)
        .allMatch(sample -> sample.timestamp() == NOON.millis() * 1000)
        .allMatch(sample -> sample.key() == SampleKey.NONE)
        .allMatch(sample -> sample.series().source().equals("hardware"));
    Sample bytes = named("hardware.network.incoming.bytes", samples);
    assertThat(bytes.series().type()).isEqualTo(MeterType.CUMULATIVE);
    assertThat(bytes.series().unit()).isEqualTo("B");
    assertThat(bytes.metadata().json())
        .isEqualTo(
            "{\"mac\":\"02:42:ac:11:00:02\",\"name\":\"eth0\",\"resource_url\":\"snmp://127.0.0.1:"
                + agent.port()
                + "\"}");
    assertThat(named("hardware.cpu.load.1min", samples).metadata().json())
        .contains("\"name\":\"web1\"")
        .doesNotContain(TestAgent.COMMUNITY);
  }

  @Test
  void prefersCountersOf64BitsWhereThereAreAny() {
    interfaces(1, "fast");
    agent
        .with(IF_HC_IN_OCTETS + 1, new Counter64(1L << 40))
        .with(IF_NAME + 2, text("slow"))
        .with(IF_DESCR + 2, text("a slow one"))
        .with(IF_IN_OCTETS + 2, new Counter32(0xffff_ffffL))
        .with(IF_DESCR + 3, text("full"))
        .with(IF_HC_IN_OCTETS + 3, new Counter64(-1));
    assertThat(volumes(poll()))
        .containsOnly(
            Map.entry("127.0.0.1.fast hardware.network.incoming.bytes", 0x1p40),
            Map.entry("127.0.0.1.slow hardware.network.incoming.bytes", 4_294_967_295.0),
            Map.entry("127.0.0.1.full hardware.network.incoming.bytes", 0x1p64));
  }

  @Test
  void everyInterfaceHasAName() {
    agent
        .with(IF_DESCR + 1, new OctetString(new byte[] {'p', 'o', 'r', 't', 0}))
        .with(IF_IN_OCTETS + 1, new Counter32(1))
        .with(IF_DESCR + 2, text("port"))
        .with(IF_IN_OCTETS + 2, new Counter32(2))
        .with(IF_IN_OCTETS + 3, new Counter32(3))
        .with(IF_DESCR + 4, new OctetString(new byte[] {(byte) 0xfc}))
        .with(IF_IN_OCTETS + 4, new Counter32(4))
        .with(IF_DESCR + 5, text("x".repeat(2000)))
        .with(IF_IN_OCTETS + 5, new Counter32(5));
    assertThat(volumes(poll()).keySet())
        .extracting(key -> key.substring("127.0.0.1.".length(), key.indexOf(' ')))
        .containsExactlyInAnyOrder("port", "port.2", "3", "ü", "x".repeat(255));
  }

  @Test
  void readsTheStorageOfAgentsThatHaveNothingElse() {
    agent
        .with(STORAGE + "2.1", new OID(RAM))
        .with(STORAGE + "3.1", text("Physical memory"))
        .with(STORAGE + "4.1", new Integer32(65536))
        .with(STORAGE + "5.1", new Integer32(1000))
        .with(STORAGE + "6.1", new Integer32(250))
        .with(STORAGE + "2.2", new OID(FIXED_DISK))
        .with(STORAGE + "3.2", text("/srv"))
        .with(STORAGE + "4.2", new Integer32(4096))
        // 3 * 2^30 blocks do not fit into the type's 31 bits.
        .with(STORAGE + "5.2", new Integer32(0xC000_0000))
        .with(STORAGE + "6.2", new Integer32(1));
    assertThat(volumes(poll()))
        .containsOnly(
            Map.entry("127.0.0.1 hardware.memory.total", 64_000.0),
            Map.entry("127.0.0.1 hardware.memory.used", 16_000.0),
            Map.entry("127.0.0.1./srv hardware.disk.size.total", 3 * 0x1p30 * 4),
            Map.entry("127.0.0.1./srv hardware.disk.size.used", 4.0));
  }

  @Test
  void largeDisksAreGivenInTwoHalves() {
    agent
        .with(DISK + "2.1", text("/big"))
        .with(DISK + "3.1", text("tmpfs"))
        .with(DISK + "6.1", new Integer32(Integer.MAX_VALUE))
        .with(DISK + "8.1", new Integer32(7))
        .with(DISK + "11.1", new Counter32(5))
        .with(DISK + "12.1", new Counter32(2));
    assertThat(volumes(poll()))
        .containsOnly(
            Map.entry("127.0.0.1./big hardware.disk.size.total", 2 * 0x1p32 + 5),
            Map.entry("127.0.0.1./big hardware.disk.size.used", 7.0));
  }

  @Test
  void readsTablesOfManyRows() {
    for (int i = 1; i <= 500; i++) {
      interfaces(i, "eth" + i);
    }
    assertThat(poll()).hasSize(500);
  }

  @Test
  void asksForLessWhereAnAnswerWouldBeTooBig() {
    interfaces(1, "eth0");
    interfaces(2, "eth1");
    agent.behaving(
        (request, from) -> {
          boolean isTooBig = request.getType() == PDU.GETBULK && request.getMaxRepetitions() > 2;
          agent.send(
              isTooBig ? TestAgent.error(request, PDU.tooBig) : agent.response(request), from);
        });
    assertThat(poll()).hasSize(2);
  }

  @Test
  void aTableThatBeginsAnewHasEnded() {
    interfaces(1, "eth0");
    interfaces(2, "eth1");
    OID last = new OID(IF_IN_OCTETS + 2);
    agent.behaving(
        (request, from) -> {
          PDU response = agent.response(request);
          for (int i = 0; i < response.size(); i++) {
            boolean isBeyond =
                response.get(i).getOid().compareTo(last) > 0
                    && request.get(i % request.size()).getOid().startsWith(last.trim());
            if (isBeyond) {
              response.set(i, new VariableBinding(new OID(IF_IN_OCTETS + 1), new Counter32(99)));
            }
          }
          agent.send(response, from);
        });
    assertThat(volumes(poll()))
        .containsOnly(
            Map.entry("127.0.0.1.eth0 hardware.network.incoming.bytes", 1.0),
            Map.entry("127.0.0.1.eth1 hardware.network.incoming.bytes", 2.0));
  }

  @Test
  void anEndlessTableIsGivenUpAndTheRestIsRead() {
    agent
        .with(LOAD, new Integer32(100))
        .behaving(
            (request, from) -> {
              if (!asksFor("1.3.6.1.2.1.31.1.1.1", request)) {
                agent.answer(request, from);
                return;
              }
              PDU response = TestAgent.empty(request);
              for (int i = 1; i <= request.getMaxRepetitions(); i++) {
                for (VariableBinding asked : request.getVariableBindings()) {
                  OID column = new OID(asked.getOid().getValue(), 0, 11);
                  int row = asked.getOid().size() > 11 ? asked.getOid().last() : 0;
                  response.add(new VariableBinding(column.append(row + i), new Counter64(1)));
                }
              }
              agent.send(response, from);
            });
    assertThat(volumes(poll()).keySet()).containsExactly("127.0.0.1 hardware.cpu.load.1min");
    assertThat(agent.requests()).isGreaterThan(SnmpTable.MOST_ROWS / 50);
  }

  @Test
  void anErrorInOnePartLeavesTheOthers() {
    interfaces(1, "eth0");
    agent
        .with(LOAD, new Integer32(100))
        .behaving(
            (request, from) ->
                agent.send(
                    asksFor(LOAD, request)
                        ? TestAgent.error(request, PDU.genErr)
                        : agent.response(request),
                    from));
    assertThat(volumes(poll()).keySet())
        .containsExactly("127.0.0.1.eth0 hardware.network.incoming.bytes");
  }

  @Test
  void whatCameBeforeAnAgentFellSilentCounts() {
    agent
        .with(LOAD, new Integer32(100))
        .behaving(
            (request, from) -> {
              if (request.getType() == PDU.GET) {
                agent.answer(request, from);
              }
            });
    assertThat(volumes(poll(SHORT)).keySet()).containsExactly("127.0.0.1 hardware.cpu.load.1min");
  }

  @Test
  void asksAgainWhenADatagramWasLost() {
    agent.with(LOAD, new Integer32(100)).behaving(onEverySecond(agent::answer));
    assertThat(poll(Duration.ofSeconds(5))).hasSize(1);
  }

  @Test
  void answersThatComeLateAreNotTakenForOthers() {
    // Each answer is sent once more with the next request, as if it had taken a long way.
    List<PDU> late = new ArrayList<>();
    agent
        .with(LOAD, new Integer32(100))
        .behaving(
            (request, from) -> {
              for (PDU earlier : late) {
                agent.send(earlier, from);
              }
              late.clear();
              late.add(agent.response(request));
              agent.answer(request, from);
            });
    interfaces(1, "eth0");
    Map<String, Double> first = volumes(poll());
    agent.with(LOAD, new Integer32(200));
    Map<String, Double> second = volumes(poll());
    assertThat(first).hasSize(2).containsEntry("127.0.0.1 hardware.cpu.load.1min", 1.0);
    assertThat(second).hasSize(2).containsEntry("127.0.0.1 hardware.cpu.load.1min", 2.0);
  }

  @Test
  void garbageIsPassedOver() {
    agent
        .with(LOAD, new Integer32(100))
        .behaving(
            (request, from) -> {
              agent.send("HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII), from);
              agent.send(new byte[0], from);
              agent.send(new byte[] {0x30, (byte) 0x84, 0x7f, -1, -1, -1, 2, 1, 1}, from);
              // Somebody who knows the number of the request, and not the community.
              PDU forged = agent.response(request);
              forged.setRequestID(request.getRequestID());
              forged.clear();
              agent.send(forged, "public", from);
              agent.answer(request, from);
            });
    assertThat(volumes(poll())).containsOnly(Map.entry("127.0.0.1 hardware.cpu.load.1min", 1.0));
  }

  @Test
  void oddTypesAreNoFigures() {
    agent
        .with(LOAD, text("1.00"))
        .with(MEMORY_TOTAL, new Integer32(5))
        .with(SYS_NAME, new Integer32(7));
    assertThat(volumes(poll())).containsOnly(Map.entry("127.0.0.1 hardware.memory.total", 5.0));
  }

  @Test
  void anAgentThatShowsNothingIsAFailure() {
    agent.with(SYS_NAME, text("web1"));
    assertThatThrownBy(this::poll)
        .hasRootCauseMessage("the agent shows nothing that is read; its views may be too narrow");
  }

  @Test
  void silenceIsAFailureAtTheDeadline() {
    long begun = System.nanoTime();
    assertThatThrownBy(() -> poll(target("wrong"), SHORT))
        .hasRootCauseMessage("no answer within 600 ms");
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    assertThat(took).isBetween(Duration.ofMillis(500), Duration.ofMillis(1600));
  }

  @Test
  void aNameWithoutAnAddressIsAFailure() {
    PolledTarget target = pollster.target(URI.create("snmp://x@no-such-host.invalid"));
    assertThatThrownBy(() -> poll(target, DEADLINE))
        .hasRootCauseMessage("no address of no-such-host.invalid");
  }

  @Test
  void aThousandHangingAgentsDelayNobody() throws IOException {
    agent.with(LOAD, new Integer32(100));
    assertThat(poll()).hasSize(1);
    int threads = Thread.activeCount();
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      List<CompletableFuture<?>> hanging = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        URI url = URI.create("snmp://x@127.0.0.1:" + silent.getLocalPort() + "?resource=r" + i);
        hanging.add(
            pollster.poll(pollster.target(url), Duration.ofSeconds(3)).toCompletableFuture());
      }
      for (int i = 0; i < 20; i++) {
        assertThat(poll(Duration.ofSeconds(2))).hasSize(1);
      }
      assertThat(hanging).noneMatch(CompletableFuture::isDone);
      assertThat(Thread.activeCount()).isLessThan(threads + 10);
      for (CompletableFuture<?> one : hanging) {
        assertThatThrownBy(one::join).hasRootCauseMessage("no answer within 3000 ms");
      }
    }
  }

  @Test
  void afterItsEndNothingIsPolled() {
    pollster.close();
    assertThatThrownBy(this::poll).hasRootCauseMessage("the node stops");
  }

  @ParameterizedTest
  @CsvSource({
    "snmp://public@web1, web1",
    "snmp://web1:1161/, web1",
    "snmp://p%40ss@10.0.0.1?resource=switch-7, switch-7",
    "snmp://[fe80::1]:161, fe80::1",
    "SNMP://web1?credentials=signed, web1"
  })
  void namesResourcesByTheirHosts(URI url, String resource) {
    PolledTarget target = pollster("signed { version = 2c, community = x }").target(url);
    assertThat(target.resourceId()).isEqualTo(resource);
    assertThat(target.host()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snmp:web1",
        "snmp://geheim@web1/path",
        "snmp://geheim@web1#part",
        "snmp://geheim:passwort@web1",
        "snmp://@web1",
        "snmp://geheim@web1?credentials=signed",
        "snmp://web1?credentials=",
        "snmp://web1?credentials=unknown",
        "snmp://web1?version=3",
        "snmp://web1?resource=a&resource=b",
        "snmp://web1:99999"
      })
  void refusesOtherUrlsWithoutASecret(URI url) {
    assertThatThrownBy(() -> pollster.target(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a URL")
        .hasMessageNotContainingAny("geheim", "passwort");
  }

  @Test
  void readsIPv6Urls() {
    SnmpUrl url = SnmpUrl.of(URI.create("snmp://p%40ss@[::1]:1161"));
    assertThat(url.community()).isEqualTo("p@ss");
    assertThat(url.port()).isEqualTo(1161);
    assertThat(url).hasToString("snmp://[::1]:1161");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a { }|.a.version: missing, expected 2c or 3",
        "a { version = 1 }|.a.version: \"1\" is not 2c or 3",
        "a { version = 2c }|.a.community: missing, expected a text of at least 1 characters",
        "a { version = 2c, community = [geheim] }|.a.community: \"(not shown)\" is not a text",
        "a { version = 2c, community = x, user = y }|.a.user: ",
        "a { version = 3 }|.a.user: missing, expected the name of a user",
        "a { version = 3, user = u }|.a.auth-protocol: missing, expected one of MD5, SHA, SHA-224",
        "a { version = 3, user = u, auth-protocol = SHA1 }|.a.auth-protocol: \"SHA1\" is not one",
        "a { version = 3, user = u, auth-protocol = SHA, auth-password = geheim }"
            + "|.a.auth-password: \"(not shown)\" is not a text of at least 8 characters",
        "a { version = 3, user = u, security-level = most }|.a.security-level: \"most\" is not one",
        "a { version = 3, user = u, security-level = noAuthNoPriv, auth-password = geheim }"
            + "|.a.auth-password: \"(not shown)\" is not of use with the security level noAuthNoPriv",
        "a = geheim|.a: "
      })
  void saysWhatIsWrongWithCredentials(String credentials, String message) {
    assertThatThrownBy(() -> pollster(credentials))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("snmp.credentials" + message);
  }

  @Test
  void noTextOfCredentialsShowsASecret() {
    ConfigSection user =
        ConfigSection.of(
            ConfigFactory.parseString(
                "version=3,user=u,security-level=authNoPriv,auth-protocol=SHA,auth-password=geheim77"),
            "x");
    assertThat(SnmpCredentials.from(user)).hasToString("the user u");
    assertThat(new SnmpCredentials.Community("geheim")).hasToString("a community");
    assertThat(SnmpUrl.of(URI.create("snmp://geheim@web1"))).hasToString("snmp://web1:161");
  }

  private void interfaces(int index, String name) {
    agent.with(IF_DESCR + index, text(name)).with(IF_IN_OCTETS + index, new Counter32(index));
  }

  private static TestAgent.Manner onEverySecond(TestAgent.Manner manner) {
    Map<Integer, Boolean> seen = new ConcurrentHashMap<>();
    return (PDU request, SocketAddress from) -> {
      if (seen.put(request.getRequestID().getValue(), true) != null) {
        manner.onRequest(request, from);
      }
    };
  }

  private static boolean asksFor(String beginning, PDU request) {
    String prefix =
        beginning.endsWith(".") ? beginning.substring(0, beginning.length() - 1) : beginning;
    return request.getVariableBindings().stream()
        .anyMatch(asked -> asked.getOid().startsWith(new OID(prefix)));
  }

  private List<Sample> poll() {
    return poll(DEADLINE);
  }

  private List<Sample> poll(Duration deadline) {
    return poll(target(TestAgent.COMMUNITY), deadline);
  }

  private List<Sample> poll(PolledTarget target, Duration deadline) {
    return pollster.poll(target, deadline).toCompletableFuture().join().samples();
  }

  private PolledTarget target(String community) {
    return pollster.target(URI.create("snmp://" + community + "@127.0.0.1:" + agent.port()));
  }

  private static Pollster pollster(String credentials) {
    String text = "credentials { " + credentials + " }";
    return SnmpPollster.factory()
        .create(ConfigSection.of(ConfigFactory.parseString(text), "pollsters.snmp"));
  }

  private static OctetString text(String text) {
    return new OctetString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Sample named(String meter, List<Sample> samples) {
    return samples.stream()
        .filter(sample -> sample.series().meter().equals(meter))
        .findFirst()
        .orElseThrow();
  }

  /** Volumes by resource and meter. */
  private static Map<String, Double> volumes(List<Sample> samples) {
    return samples.stream()
        .collect(
            Collectors.toMap(
                sample -> sample.series().resourceId() + " " + sample.series().meter(),
                Sample::volume));
  }
}
