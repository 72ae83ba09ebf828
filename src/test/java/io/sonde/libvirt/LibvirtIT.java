package io.sonde.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.NameFilter;
import io.sonde.model.Sample;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real libvirt: its test driver, and a libvirtd with a machine of QEMU. Needs the programs {@code
 * virsh}, {@code libvirtd} and {@code qemu-system-x86_64}.
 */
@Tag("servers")
@Timeout(120)
class LibvirtIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String UUID = Descriptions.UUID;

  private static TestLibvirtd libvirtd;

  private Pollster pollster = LibvirtPollsterTest.pollster("");

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    libvirtd = new TestLibvirtd();
    libvirtd.define(Descriptions.instance("qemu"));
    libvirtd.define(Descriptions.bare("qemu"));
    libvirtd.virsh("start", "instance-00000001");
  }

  @AfterAll
  static void stop() throws IOException {
    if (libvirtd != null) {
      libvirtd.close();
    }
  }

  @AfterEach
  void close() {
    pollster.close();
  }

  @Test
  void figuresOfTheTestDriverAreThoseOfVirsh(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path node = folder.resolve("node.xml");
    Files.writeString(
        node, "<node>" + Descriptions.instance("test") + Descriptions.bare("test") + "</node>");
    String uri = "test://" + node;
    Map<String, String> before = testFigures(uri);
    List<Found> found = find(uri).found();
    Map<String, String> after = testFigures(uri);

    assertThat(found)
        .extracting(one -> one.target().resourceId())
        .containsExactlyInAnyOrder(UUID, Descriptions.BARE_UUID);
    Map<String, Sample> samples = byMeter(samples(found, UUID));
    Map.ofEntries(
            Map.entry("disk.device.read.requests", "rd_req"),
            Map.entry("disk.device.read.bytes", "rd_bytes"),
            Map.entry("disk.device.write.requests", "wr_req"),
            Map.entry("disk.device.write.bytes", "wr_bytes"),
            Map.entry("network.incoming.bytes", "rx_bytes"),
            Map.entry("network.incoming.packets", "rx_packets"),
            Map.entry("network.incoming.packets.drop", "rx_drop"),
            Map.entry("network.incoming.packets.error", "rx_errs"),
            Map.entry("network.outgoing.bytes", "tx_bytes"),
            Map.entry("network.outgoing.packets", "tx_packets"),
            Map.entry("network.outgoing.packets.drop", "tx_drop"),
            Map.entry("network.outgoing.packets.error", "tx_errs"))
        .forEach((meter, name) -> assertBetween(samples, meter, before, name, after, 1));
    assertBetween(samples, "memory.available", before, "available", after, 1024);
    assertBetween(samples, "memory.resident", before, "rss", after, 1024);
    assertBetween(samples, "memory", before, "actual", after, 1024);
    assertThat(samples.get("vcpus").volume()).isEqualTo(2);
    assertThat(samples.get("power.state").volume()).isEqualTo(1);
    assertThat(samples.get("disk.root.size").volume()).isEqualTo(20);
    assertThat(samples.get("cpu").volume()).isPositive();
    assertThat(samples.get("network.incoming.bytes").series().resourceId())
        .isEqualTo("instance-00000001-" + UUID + "-tap0a1b2c3d-4e");
    assertThat(samples.values())
        .extracting(sample -> sample.series().projectId())
        .containsOnly("project-1");
    assertThat(byMeter(samples(found, Descriptions.BARE_UUID)).get("cpu").series().projectId())
        .isNull();
  }

  @Test
  void anOddDescriptionLosesNoOther(@TempDir Path folder) throws IOException {
    Path node = folder.resolve("node.xml");
    String odd = Descriptions.instance("test").replace(">2048<", ">much<");
    Files.writeString(node, "<node>" + odd + Descriptions.bare("test") + "</node>");
    List<Found> found = find("test://" + node).found();
    assertThat(found)
        .filteredOn(one -> one.target().resourceId().equals(UUID))
        .extracting(Found::failure)
        .containsExactly("nova:memory is much, expected a whole number");
    assertThat(samples(found, Descriptions.BARE_UUID)).isNotEmpty();
  }

  @Test
  void figuresOfQemuAreThoseOfVirsh() throws IOException, InterruptedException {
    Map<String, String> before = qemuFigures();
    List<Found> found = find(libvirtd.uri("qemu")).found();
    Map<String, String> after = qemuFigures();

    assertThat(found).hasSize(2).extracting(Found::failure).containsOnlyNulls();
    assertThat(samples(found, Descriptions.BARE_UUID)).as("of one that does not run").isEmpty();
    List<Sample> all = samples(found, UUID);
    Map<String, Sample> samples = byMeter(all);
    Map.of(
            "vcpus", "vcpu.current",
            "power.state", "state.state",
            "disk.device.read.requests", "block.0.rd.reqs",
            "disk.device.read.bytes", "block.0.rd.bytes",
            "disk.device.read.latency", "block.0.rd.times",
            "disk.device.write.bytes", "block.0.wr.bytes",
            "disk.device.write.latency", "block.0.wr.times",
            "disk.device.capacity", "block.0.capacity",
            "disk.device.usage", "block.0.physical")
        .forEach((meter, name) -> assertBetween(samples, meter, before, name, after, 1));
    assertBetween(samples, "memory", before, "balloon.current", after, 1024);
    assertThat(samples.get("memory.resident").volume()).isPositive();
    assertThat(samples.get("cpu").volume()).isBetween(cpuTime(before), cpuTime(after));
    assertThat(samples.get("cpu").metadata().json()).contains("\"cpu_number\":2");
    assertThat(all).extracting(Sample::timestamp).containsOnly(all.get(0).timestamp());
    assertThat(samples.get("disk.device.capacity").series().resourceId()).isEqualTo(UUID + "-vda");
  }

  @Test
  void whatDoesNotRunIsMeasuredOnWish() {
    pollster = LibvirtPollsterTest.pollster("stopped = true");
    List<Found> found = find(libvirtd.uri("qemu")).found();
    assertThat(found).hasSize(2);
    Map<String, Sample> stopped = byMeter(samples(found, Descriptions.BARE_UUID));
    assertThat(stopped.keySet()).contains("power.state", "vcpus", "memory").doesNotContain("cpu");
    assertThat(stopped.get("power.state").volume()).isEqualTo(5);
    assertThat(stopped.get("memory").volume()).isEqualTo(64);
  }

  @Test
  void aDaemonThatHangsDelaysNobodyAndOneThatComesBackIsReadAgain()
      throws IOException, InterruptedException {
    String uri = libvirtd.uri("qemu");
    find(uri);
    libvirtd.signal("STOP");
    try {
      assertFails(ask(uri, Duration.ofMillis(200)), "did not answer within 200 ms");
      assertFails(ask(uri, Duration.ofMinutes(10)), "has not answered for");
    } finally {
      libvirtd.signal("CONT");
    }
    Wait.until(SOON, "it is read again", () -> isRead(uri));

    libvirtd.signal("STOP");
    CompletableFuture<Findings> first = ask(uri, SOON);
    CompletableFuture<Findings> second = ask(uri, SOON);
    libvirtd.signal("CONT");
    assertThat(samples(first.join().found(), UUID)).isEqualTo(samples(second.join().found(), UUID));

    libvirtd.signal("KILL");
    assertFails(ask(uri, SOON), "Failed to connect");
    libvirtd.start();
    assertThat(samples(find(uri).found(), UUID)).isNotEmpty();
  }

  @Test
  void aUriWithoutADriverIsAFailure() {
    assertFails(ask("nothing:///system", SOON), "nothing");
  }

  private boolean isRead(String uri) {
    return ask(uri, SOON).handle((findings, failure) -> failure == null).join();
  }

  private static void assertFails(CompletableFuture<?> asked, String reason) {
    assertThat(asked).failsWithin(SOON).withThrowableThat().withMessageContaining(reason);
  }

  private CompletableFuture<Findings> ask(String uri, Duration deadline) {
    return pollster
        .discoveries()
        .get(0)
        .find(new Search("vms", uri, NameFilter.of(List.of("*"), ""), deadline))
        .toCompletableFuture();
  }

  private Findings find(String uri) {
    Findings findings = ask(uri, SOON).join();
    assertThat(findings.isComplete()).isTrue();
    assertThat(findings.remarks()).isEmpty();
    return findings;
  }

  private static List<Sample> samples(List<Found> found, String uuid) {
    return found.stream()
        .filter(one -> one.target().resourceId().equals(uuid))
        .flatMap(one -> one.reading().samples().stream())
        .toList();
  }

  /** Without the empty drive. */
  private static Map<String, Sample> byMeter(List<Sample> samples) {
    return samples.stream()
        .filter(sample -> !sample.series().resourceId().endsWith("-sda"))
        .collect(Collectors.toMap(sample -> sample.series().meter(), Function.identity()));
  }

  private static void assertBetween(
      Map<String, Sample> samples,
      String meter,
      Map<String, String> before,
      String name,
      Map<String, String> after,
      double unit) {
    assertThat(before).containsKey(name);
    assertThat(samples).containsKey(meter);
    assertThat(samples.get(meter).volume())
        .as(meter)
        .isBetween(
            Double.parseDouble(before.get(name)) / unit,
            Double.parseDouble(after.get(name)) / unit);
  }

  private static Map<String, String> testFigures(String uri)
      throws IOException, InterruptedException {
    return TestLibvirtd.pairs(
        TestLibvirtd.virshOf(uri, "domblkstat", UUID, "vda")
            + TestLibvirtd.virshOf(uri, "domifstat", UUID, "tap0a1b2c3d-4e")
            + TestLibvirtd.virshOf(uri, "dommemstat", UUID));
  }

  private static Map<String, String> qemuFigures() throws IOException, InterruptedException {
    return TestLibvirtd.pairs(libvirtd.virsh("domstats", UUID));
  }

  private static double cpuTime(Map<String, String> figures) {
    double sum = 0;
    for (String name : List.of("vcpu.0.time", "vcpu.0.wait", "vcpu.1.time", "vcpu.1.wait")) {
      sum += Double.parseDouble(figures.get(name));
    }
    return sum;
  }
}
