package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollingTranslationTest {
  private final Remarks remarks = new Remarks();

  /** Takes all but one discovery, and agents with a community only. */
  private static final PollingCheck CHECK =
      new PollingCheck() {
        @Override
        public Optional<String> refusalOfSource(Map<String, Object> source) {
          boolean hasSwift = source.toString().contains("swift");
          boolean hasAgent = source.toString().contains("snmp://");
          return hasSwift
              ? Optional.of("discovery: \"swift\" is not one of those that there are")
              : hasAgent && !source.toString().contains("public@")
                  ? Optional.of(
                      "resources[0]: \"" + source.get("resources") + "\" is not what is good")
                  : Optional.empty();
        }

        @Override
        public Optional<String> refusalOfDefinition(Map<String, Object> definition) {
          throw new AssertionError("not asked");
        }

        @Override
        public Set<String> sources() {
          return new TreeSet<>(Set.of("host", "self"));
        }

        @Override
        public Map<String, String> definitions() {
          return Map.of("dns.zone.ttl", "dynamic");
        }
      };

  @Test
  void metersChooseTheDiscoveries() {
    assertThat(
            translated(
                """
                sources:
                - name: some_pollsters
                  interval: 300
                  meters: [power.state, cpu, 'network.*', volume.size, volume.snapshot.size]
                - name: once
                  interval: '30'
                  meters: ['dns.zone.*', 'dynamic.users.{kind}', local.load, image.size]
                """))
        .containsExactly(
            "{name=some_pollsters, interval=300s, timeout=60s, meters=[power.state, cpu, network.*,"
                + " volume.size, volume.snapshot.size], discovery=[libvirt, cinder-volumes,"
                + " cinder-snapshots, neutron-vpn-services, neutron-vpn-connections,"
                + " neutron-firewalls, neutron-firewall-policies]}",
            "{name=once, interval=30s, timeout=30s, meters=[dns.zone.*, dynamic.users.*, local.load,"
                + " image.size], discovery=[glance, dynamic, dynamic-local]}");
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void aWildcardTakesAllThatThereIs() {
    assertThat(translated("sources: [{name: all, interval: 600, meters: ['*', '!image*']}]"))
        .containsExactly(
            "{name=all, interval=600s, timeout=60s, meters=[*, !image*], discovery=[libvirt,"
                + " cinder-volumes, cinder-snapshots, cinder-backups, cinder-pools, cinder-services,"
                + " neutron-floatingips, neutron-vpn-services, neutron-vpn-connections,"
                + " neutron-firewalls, neutron-firewall-policies, ipmi, dynamic, dynamic-local]}",
            "{name=all-nova, interval=600s, timeout=60s, meters=[instance], discovery=[nova]}");
    assertThat(shown(remarks))
        .containsExactly("f:1: lost: polling of all: Sonde has no discovery swift here");
  }

  @Test
  void whatSondeHasNoPollsterForIsSaid() {
    assertThat(
            translated(
                """
                sources:
                - name: a/b
                  interval: 300
                  meters: [cpu, cpu_util, disk.read.bytes, energy, 'switch.*', hardware.cpu.util, lost.one]
                  discovery: ['endpoint:x', 'tripleo_overcloud_nodes://u']
                  group_id_coordination_expression: "'a'"
                - name: none
                  interval: 300
                  meters: [energy]
                """))
        .containsExactly(
            "{name=a-b, interval=300s, timeout=60s, meters=[cpu], discovery=[libvirt]}");
    assertThat(shown(remarks))
        .containsExactly(
            "f:2: lost: polling of a/b: cpu_util: Sonde's pipelines make it of cpu",
            "f:2: lost: polling of a/b: disk.read.bytes: Sonde has disk.device.read.bytes",
            "f:2: lost: polling of a/b: Sonde has no pollster for energy",
            "f:2: lost: polling of a/b: Sonde has no pollster for switch.*",
            "f:2: lost: polling of a/b: hardware.cpu.util: the source lists no agents as snmp://…",
            "f:2: note: the name a/b becomes a-b",
            "f:5: note: the discovery endpoint is left out: here the meters say what is looked for",
            "f:5: lost: polling of a/b: the discovery tripleo_overcloud_nodes://u: Sonde polls the"
                + " agents that are listed as resources",
            "f:6: note: group_id_coordination_expression is left out: Sonde's nodes divide what is"
                + " polled by themselves",
            "f:7: lost: polling of none: Sonde has no pollster for energy",
            "f:7: lost: polling of none: nothing of it could be carried over");
  }

  @Test
  void agentsAreResources() {
    assertThat(
            translated(
                """
                sources:
                - name: agents
                  interval: 60
                  meters: ['hardware.*', '!hardware.ipmi*']
                  resources:
                  - snmp://public@192.0.2.1:161
                  - {resource_id: 'my host', resource_url: 'snmp://public@192.0.2.2'}
                  - snmp://u:s3cret@192.0.2.3?priv_password=s3cret
                  - opendaylight://s3cret@h/x
                """))
        .containsExactly(
            "{name=agents, interval=60s, timeout=60s, meters=[hardware.*, !hardware.ipmi*],"
                + " resources=[snmp://public@192.0.2.1:161, snmp://public@192.0.2.2?resource=my+host]}");
    assertThat(shown(remarks))
        .containsExactly(
            "f:4: note: Ceilometer refuses this list (Both included and excluded meters specified); here"
                + " what the exclusions leave of the inclusions is taken",
            "f:8: lost: polling of agents: the resource snmp://***@192.0.2.3: expected"
                + " what is good",
            "f:9: lost: polling of agents: the resource opendaylight://***@h/x: Sonde has no pollster"
                + " for it");
  }

  @Test
  void whatSeveralSourcesPollAtOnceIsPolledOnce() {
    assertThat(
            translated(
                """
                sources:
                - {name: meter_source, interval: 600, meters: ['*', '!disk*', '!storage*']}
                - {name: cpu_source, interval: 600, meters: [cpu]}
                - {name: disk_source, interval: 600, meters: [cpu, disk.device.read.bytes]}
                - {name: host, interval: 60, meters: [cpu]}
                """))
        .hasSize(4)
        .element(2)
        .isEqualTo(
            "{name=disk_source, interval=600s, timeout=60s, meters=[cpu, disk.device.read.bytes,"
                + " !cpu], discovery=[libvirt]}");
    assertThat(shown(remarks))
        .containsExactly(
            "f:3: note: polling of cpu_source is left out: the source meter_source polls its meters at"
                + " the same interval",
            "f:5: note: the name host becomes host-2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|sources required",
        "{sources: {}}|expected a list of sources, found a map",
        "{sources: [{interval: 3, meters: [a]}]}|Required field name not specified",
        "{sources: [{name: x, interval: 3}]}|Missing meters value",
        "{sources: [{name: x, interval: 3, meters: []}]}|No meters specified",
        "{sources: [{name: x, interval: 3, meters: [a, '*']}]}|Included meters specified with wildcard",
        "{sources: [{name: x, meters: [a]}]}|Missing interval value",
        "{sources: [{name: x, interval: , meters: [a]}]}|Invalid interval value",
        "{sources: [{name: x, interval: '2.5', meters: [a]}]}|Invalid interval value",
        "{sources: [{name: x, interval: -1, meters: [a]}]}|Interval value should > 0",
        "{sources: [{name: x, interval: 3, meters: [a], resources: r}]}|Resources should be a list",
        "{sources: [{name: x, interval: 3, meters: [a], discovery: r}]}|Discovery should be a list",
      })
  void whatTheOriginalRefusesIsRefusedInItsWords(String text, String message) {
    refused(() -> translated(text)).withMessage("f:1: " + message);
  }

  private List<String> translated(String text) {
    PollingReading reading = new PollingReading(Release.CURRENT, remarks);
    reading.read(parse(text));
    Map<String, String> dynamic = new LinkedHashMap<>(CHECK.definitions());
    dynamic.put("dynamic.users.{kind}", "dynamic");
    dynamic.put("local.load", "dynamic-local");
    dynamic.put("lost.one", null);
    return new PollingTranslation(CHECK, dynamic, remarks)
        .translate(reading.sources()).stream().map(block -> block.keys().toString()).toList();
  }
}
