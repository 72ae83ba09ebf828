package io.sonde.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainSamplesTest {
  private static final long NOON = 1_767_268_800_000_000L;
  private static final String UUID = Descriptions.UUID;

  @Test
  void everyFigureBecomesItsMeter() {
    assertThat(lines(of(running(), Descriptions.instance("test"))))
        .containsExactly(
            UUID + " cpu cumulative ns 1111.0",
            UUID + " power.state gauge  1.0",
            UUID + " vcpus gauge vcpu 2.0",
            UUID + " memory gauge MiB 2048.0",
            UUID + " memory.usage gauge MiB 1200.0",
            UUID + " memory.available gauge MiB 2000.0",
            UUID + " memory.resident gauge MiB 1024.0",
            UUID + " memory.swap.in cumulative MiB 0.5",
            UUID + " memory.swap.out cumulative MiB 0.25",
            UUID + " perf.cpu.cycles gauge  1.0",
            UUID + " perf.instructions gauge  2.0",
            UUID + " perf.cache.references gauge  3.0",
            UUID + " perf.cache.misses gauge  4.0",
            UUID + " disk.root.size gauge GiB 20.0",
            UUID + " disk.ephemeral.size gauge GiB 5.0",
            UUID + "-vda disk.device.read.requests cumulative request 11.0",
            UUID + "-vda disk.device.read.bytes cumulative B 12.0",
            UUID + "-vda disk.device.read.latency cumulative ns 13.0",
            UUID + "-vda disk.device.write.requests cumulative request 14.0",
            UUID + "-vda disk.device.write.bytes cumulative B 15.0",
            UUID + "-vda disk.device.write.latency cumulative ns 16.0",
            UUID + "-vda disk.device.capacity gauge B 4096.0",
            UUID + "-vda disk.device.allocation gauge B 512.0",
            UUID + "-vda disk.device.usage gauge B 4096.0",
            nic() + " network.incoming.bytes cumulative B 21.0",
            nic() + " network.incoming.packets cumulative packet 22.0",
            nic() + " network.incoming.packets.drop cumulative packet 24.0",
            nic() + " network.incoming.packets.error cumulative packet 23.0",
            nic() + " network.outgoing.bytes cumulative B 25.0",
            nic() + " network.outgoing.packets cumulative packet 26.0",
            nic() + " network.outgoing.packets.drop cumulative packet 28.0",
            nic() + " network.outgoing.packets.error cumulative packet 27.0");
  }

  @Test
  void allAreOfOneMomentAndOfTheOwner() {
    assertThat(of(running(), Descriptions.instance("test")))
        .allMatch(sample -> sample.timestamp() == NOON && sample.key() == SampleKey.NONE)
        .extracting(Sample::series)
        .allMatch(series -> series.source().equals("openstack"))
        .allMatch(series -> series.projectId().equals("project-1"))
        .allMatch(series -> series.userId().equals("user-1"));
  }

  @Test
  void metadataIsThatOfNova() {
    List<Sample> samples = of(running(), Descriptions.instance("test"));
    String common =
        "\"flavor\":{\"disk\":20,\"ephemeral\":5,\"id\":\"42\",\"name\":\"m1.small\",\"ram\":2048,"
            + "\"swap\":0,\"vcpus\":2},"
            // printf %s project-1compute-1 | sha224sum
            + "\"host\":\"2e374e4286cee287c246b03d45c64c813fa985b8064ae61fd28c9f35\","
            + "\"image\":{\"id\":\"image-1\"},\"image_ref\":\"image-1\","
            + "\"instance_host\":\"compute-1\",\"instance_id\":\""
            + UUID
            + "\",\"instance_type\":\"m1.small\",";
    assertThat(metadata(samples, "cpu"))
        .isEqualTo(
            "{\"architecture\":\"i686\",\"cpu_number\":2,\"disk_gb\":25,"
                + "\"display_name\":\"web & shop\",\"ephemeral_gb\":5,"
                + common
                + "\"memory_mb\":2048,\"name\":\"instance-00000001\",\"os_type\":\"hvm\","
                + "\"root_gb\":20,\"state\":\"running\",\"status\":\"active\",\"vcpus\":2}");
    assertThat(metadata(samples, "disk.device.usage")).contains("\"disk_name\":\"vda\"", common);
    assertThat(metadata(samples, "network.incoming.bytes"))
        .contains(
            "\"disk_gb\":25,",
            "\"fref\":\"clean-traffic\"",
            "\"mac\":\"fa:16:3e:00:00:01\"",
            "\"name\":\"tap0a1b2c3d-4e\"",
            "\"parameters\":{\"bridge\":\"br-int\","
                + "\"interfaceid\":\"6b1a2c3d-0000-4000-8000-0000000000ff\",\"ip\":\"10.0.0.7\"}",
            "\"vnic_name\":\"tap0a1b2c3d-4e\"");
  }

  @Test
  void anInstanceOfNobodyIsMeasuredAsWell() {
    List<Sample> samples = of(running(), Descriptions.bare("test"));
    assertThat(samples)
        .hasSize(30)
        .extracting(Sample::series)
        .allMatch(one -> one.projectId() == null);
    assertThat(metadata(samples, "vcpus"))
        .isEqualTo(
            "{\"architecture\":\"i686\",\"display_name\":\"bare\",\"instance_host\":\"compute-1\","
                + "\"instance_id\":\""
                + UUID
                + "\",\"name\":\"bare\",\"os_type\":\"hvm\",\"state\":\"running\","
                + "\"status\":\"active\"}");
  }

  @Test
  void aFilterThatNovaMadeNamesTheInterface() {
    String filtered =
        Descriptions.instance("test").replace("clean-traffic", "nova-instance-1-fa163e000001");
    assertThat(resources(of(running(), filtered)))
        .containsExactly(UUID, UUID + "-vda", "nova-instance-1-fa163e000001");
  }

  @Test
  void anInterfaceThatTheDescriptionLacksIsMeasured() {
    DomainStats stats = running();
    stats.add("net.1.name", "tap9");
    stats.add("net.1.rx.bytes", 5L);
    assertThat(lines(of(stats, Descriptions.instance("test"))))
        .contains("instance-00000001-" + UUID + "-tap9 network.incoming.bytes cumulative B 5.0");
  }

  @Test
  void withoutTheWaitOfOneProcessorTheTimeIsThatOfTheDomain() {
    DomainStats stats = stats("vcpu.current", 2L, "vcpu.maximum", 2L, "cpu.time", 7L);
    stats.add("vcpu.0.time", 100L);
    stats.add("vcpu.0.wait", 10L);
    stats.add("vcpu.1.time", 1000L);
    assertThat(volume(stats, "cpu")).containsExactly(7.0);
    assertThat(volume(stats("cpu.time", 7L), "cpu")).containsExactly(7.0);
    assertThat(volume(stats("vcpu.current", 2L), "cpu")).isEmpty();
  }

  @Test
  void memoryIsUsedAsFarAsTheGuestTells() {
    assertThat(volume(stats("balloon.available", 4096L, "balloon.unused", 1024L), "memory.usage"))
        .containsExactly(3.0);
    assertThat(volume(stats("balloon.available", 4096L), "memory.usage")).isEmpty();
    assertThat(volume(stats("balloon.unused", 4096L), "memory.usage")).isEmpty();
  }

  @Test
  void ofAStoppedInstanceIsToldWhatItStillHolds() {
    DomainStats stats = stats("state.state", 5L);
    addRunning(stats);
    assertThat(lines(of(stats, Descriptions.instance("test"))))
        .containsExactly(
            UUID + " power.state gauge  5.0",
            UUID + " vcpus gauge vcpu 2.0",
            UUID + " memory gauge MiB 2048.0",
            UUID + "-vda disk.device.capacity gauge B 4096.0",
            UUID + "-vda disk.device.usage gauge B 4096.0");
  }

  @ParameterizedTest
  @CsvSource({
    "0, pending, building",
    "1, running, active",
    "2, running, active",
    "3, paused, paused",
    "4, shutdown, shutoff",
    "5, shutdown, shutoff",
    "6, crashed, error",
    "7, suspended, suspended"
  })
  void statesHaveNovasNames(long number, String state, String status) {
    assertThat(metadata(of(stats("state.state", number), Descriptions.bare("test")), "power.state"))
        .contains("\"state\":\"" + state + "\",\"status\":\"" + status + "\"");
  }

  @Test
  void aStateOfALaterLibvirtHasNoName() {
    assertThat(metadata(of(stats("state.state", 8L), Descriptions.bare("test")), "power.state"))
        .doesNotContain("\"state\"");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 2, true",
    "3, 12, true",
    "3, 1, false",
    "5, 3, true",
    "5, 1, false",
    "1, 2, false"
  })
  void whatMovesIsOnOneHostOnly(long state, long reason, boolean isElsewhere) {
    assertThat(stats("state.state", state, "state.reason", reason).isElsewhere())
        .isEqualTo(isElsewhere);
  }

  private static String nic() {
    return "instance-00000001-" + UUID + "-tap0a1b2c3d-4e";
  }

  private static DomainStats running() {
    DomainStats stats = stats("state.state", 1L);
    addRunning(stats);
    return stats;
  }

  /** Figures of a domain whose second and fourth processor are taken out. */
  private static void addRunning(DomainStats stats) {
    add(stats, "cpu.time", 7L, "vcpu.current", 2L, "vcpu.maximum", 4L);
    add(stats, "vcpu.0.time", 1L, "vcpu.0.wait", 10L, "vcpu.2.time", 100L, "vcpu.2.wait", 1000L);
    add(stats, "balloon.current", 2048L * 1024, "balloon.available", 2000L * 1024);
    add(stats, "balloon.unused", 700L * 1024, "balloon.usable", 800L * 1024);
    add(stats, "balloon.rss", 1024L * 1024, "balloon.swap_in", 512L, "balloon.swap_out", 256L);
    add(stats, "perf.cpu_cycles", 1L, "perf.instructions", 2L);
    add(stats, "perf.cache_references", 3L, "perf.cache_misses", 4L);
    add(stats, "block.count", 1L, "net.count", 2L);
    disk(stats);
    String[] names = {"bytes", "pkts", "errs", "drop"};
    stats.add("net.0.name", "tap0a1b2c3d-4e");
    for (int i = 0; i < names.length; i++) {
      stats.add("net.0.rx." + names[i], 21L + i);
      stats.add("net.0.tx." + names[i], 25L + i);
    }
  }

  private static void disk(DomainStats stats) {
    stats.add("block.0.name", "vda");
    String[] names = {"reqs", "bytes", "times"};
    for (int i = 0; i < names.length; i++) {
      stats.add("block.0.rd." + names[i], 11L + i);
      stats.add("block.0.wr." + names[i], 14L + i);
    }
    stats.add("block.0.capacity", 4000L);
    stats.add("block.0.allocation", 512L);
    stats.add("block.0.physical", 4096L);
  }

  private static DomainStats stats(Object... namesAndValues) {
    DomainStats stats = new DomainStats();
    add(stats, namesAndValues);
    return stats;
  }

  private static void add(DomainStats stats, Object... namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      stats.add((String) namesAndValues[i], namesAndValues[i + 1]);
    }
  }

  private static List<Sample> of(DomainStats stats, String xml) {
    return DomainSamples.of("compute-1", UUID, stats, DomainXml.parse(xml), NOON).samples();
  }

  private static List<Double> volume(DomainStats stats, String meter) {
    return of(stats, Descriptions.bare("test")).stream()
        .filter(sample -> sample.series().meter().equals(meter))
        .map(Sample::volume)
        .toList();
  }

  private static String metadata(List<Sample> samples, String meter) {
    return samples.stream()
        .filter(sample -> sample.series().meter().equals(meter))
        .findFirst()
        .orElseThrow()
        .metadata()
        .json();
  }

  private static Stream<String> resources(List<Sample> samples) {
    return samples.stream().map(Sample::series).map(Series::resourceId).distinct();
  }

  private static List<String> lines(List<Sample> samples) {
    return samples.stream()
        .map(
            sample ->
                String.join(
                    " ",
                    sample.series().resourceId(),
                    sample.series().meter(),
                    sample.series().type().name().toLowerCase(Locale.ROOT),
                    sample.series().unit(),
                    String.valueOf(sample.volume())))
        .toList();
  }
}
