package io.sonde.ceilometer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What Sonde has pollsters for, by the names that Ceilometer's pollsters have in polling.yaml. */
final class PolledMeters {
  static final String LIBVIRT = "libvirt";
  static final String NOVA = "nova";

  /** Of agents that a source lists, not of a discovery. */
  static final String SNMP = "snmp";

  static final String DYNAMIC = "dynamic";
  static final String DYNAMIC_LOCAL = "dynamic-local";

  /** The discovery that finds what has a meter. */
  static final Map<String, String> DISCOVERIES = discoveries();

  /** What Sonde has instead of a meter, or why it has none. */
  static final Map<String, String> OTHERWISE =
      Map.of(
          "cpu_util", "Sonde's pipelines make it of cpu",
          "disk.read.bytes", "Sonde has disk.device.read.bytes",
          "disk.read.requests", "Sonde has disk.device.read.requests",
          "disk.write.bytes", "Sonde has disk.device.write.bytes",
          "disk.write.requests", "Sonde has disk.device.write.requests",
          "network.incoming.bytes.delta",
              "the transformer delta makes it of network.incoming.bytes",
          "network.outgoing.bytes.delta",
              "the transformer delta makes it of network.outgoing.bytes");

  private PolledMeters() {}

  private static Map<String, String> discoveries() {
    Map<String, String> meters = new LinkedHashMap<>();
    put(
        meters,
        LIBVIRT,
        "cpu vcpus memory memory.usage memory.available memory.resident memory.swap.in"
            + " memory.swap.out power.state disk.root.size disk.ephemeral.size perf.cpu.cycles"
            + " perf.instructions perf.cache.references perf.cache.misses");
    for (String way : List.of("read", "write")) {
      for (String what : List.of("requests", "bytes", "latency")) {
        put(meters, LIBVIRT, "disk.device." + way + "." + what);
      }
    }
    put(meters, LIBVIRT, "disk.device.capacity disk.device.allocation disk.device.usage");
    for (String way : List.of("incoming", "outgoing")) {
      for (String what : List.of("bytes", "packets", "packets.drop", "packets.error")) {
        put(meters, LIBVIRT, "network." + way + "." + what);
      }
    }
    put(meters, NOVA, "instance");
    put(meters, "cinder-volumes", "volume.size");
    put(meters, "cinder-snapshots", "volume.snapshot.size");
    put(meters, "cinder-backups", "volume.backup.size");
    for (String what : List.of("total", "free", "allocated", "provisioned", "virtual_free")) {
      put(meters, "cinder-pools", "volume.provider.pool.capacity." + what);
    }
    put(meters, "cinder-services", "volume.service.health");
    put(meters, "neutron-floatingips", "ip.floating");
    put(meters, "neutron-vpn-services", "network.services.vpn");
    put(meters, "neutron-vpn-connections", "network.services.vpn.connections");
    put(meters, "neutron-firewalls", "network.services.firewall");
    put(meters, "neutron-firewall-policies", "network.services.firewall.policy");
    put(meters, "glance", "image image.size");
    put(
        meters,
        "swift",
        "storage.objects storage.size storage.containers storage.containers.objects"
            + " storage.containers.size");
    for (String what : List.of("temperature", "voltage", "current", "fan", "power")) {
      put(meters, "ipmi", "hardware.ipmi." + what);
    }
    put(
        meters,
        SNMP,
        "hardware.cpu.load.1min hardware.cpu.load.5min hardware.cpu.load.15min hardware.cpu.util"
            + " hardware.system_stats.cpu.idle hardware.disk.size.total hardware.disk.size.used"
            + " hardware.memory.total hardware.memory.used hardware.memory.buffer"
            + " hardware.memory.cached hardware.memory.swap.total hardware.memory.swap.avail"
            + " hardware.network.incoming.bytes hardware.network.outgoing.bytes"
            + " hardware.network.outgoing.errors hardware.network.ip.incoming.datagrams"
            + " hardware.network.ip.outgoing.datagrams hardware.system_stats.io.incoming.blocks"
            + " hardware.system_stats.io.outgoing.blocks");
    return meters;
  }

  private static void put(Map<String, String> meters, String discovery, String names) {
    for (String name : names.split(" ", -1)) {
      meters.put(name, discovery);
    }
  }
}
