package io.sonde.libvirt;

import io.sonde.libvirt.DomainXml.Flavor;
import io.sonde.libvirt.DomainXml.Interface;
import io.sonde.libvirt.DomainXml.Nova;
import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PolledSamples;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The samples of one domain, with Ceilometer's names, units and metadata. A figure that is not
 * known gives no sample.
 */
final class DomainSamples {
  private static final String SOURCE = "openstack";
  private static final double KIB_IN_MIB = 1024;

  /** Nova's names of libvirt's states, by their numbers: of the machine, and of the instance. */
  private static final List<String> STATES =
      List.of(
          "pending",
          "running",
          "running",
          "paused",
          "shutdown",
          "shutdown",
          "crashed",
          "suspended");

  private static final List<String> STATUSES =
      List.of("building", "active", "active", "paused", "shutoff", "shutoff", "error", "suspended");

  /** Nova makes filters of this name for one interface each; others guard many. */
  private static final String NOVA_FILTER = "nova-";

  private final String host;
  private final String uuid;
  private final DomainStats stats;
  private final DomainXml xml;
  private final String projectId;
  private final String userId;
  private final Map<String, Object> metadata;
  private final PolledSamples out;

  private DomainSamples(
      String host, String uuid, DomainStats stats, DomainXml xml, long timestamp) {
    this.host = host;
    this.uuid = uuid;
    this.stats = stats;
    this.xml = xml;
    Nova nova = xml.nova();
    projectId = nova == null ? null : nova.projectId();
    userId = nova == null ? null : nova.userId();
    metadata = metadata();
    out = new PolledSamples(SOURCE, timestamp);
  }

  /**
   * All that the figures tell.
   *
   * @param host name of the host that the domain is on
   * @param uuid of the domain, the resource of its samples
   * @param timestamp of all samples, in microseconds since 1970
   * @throws IllegalArgumentException when a text is longer than what is stored
   */
  static SampleBatch of(
      String host, String uuid, DomainStats stats, DomainXml xml, long timestamp) {
    DomainSamples samples = new DomainSamples(host, uuid, stats, xml, timestamp);
    if (stats.isStopped()) {
      samples.addStopped();
    } else {
      samples.addRunning();
    }
    return samples.out.build();
  }

  /** What is still held while nothing runs. */
  private void addStopped() {
    of(uuid, Map.of())
        .gauge("power.state", "", stats.number("state.state"))
        .gauge("vcpus", "vcpu", stats.number("vcpu.current"))
        .gauge("memory", "MiB", mib("balloon.current"));
    for (String disk : stats.members("block")) {
      ofDisk(disk)
          .gauge("disk.device.capacity", "B", capacity(disk))
          .gauge("disk.device.usage", "B", stats.number(disk + "physical"));
    }
  }

  private void addRunning() {
    if (stats.has("vcpu.current")) {
      of(uuid, Map.of("cpu_number", stats.number("vcpu.current")));
    } else {
      of(uuid, Map.of());
    }
    out.cumulative("cpu", "ns", cpuTime());
    of(uuid, Map.of())
        .gauge("power.state", "", stats.number("state.state"))
        .gauge("vcpus", "vcpu", stats.number("vcpu.current"));
    addMemory();
    out.gauge("perf.cpu.cycles", "", stats.number("perf.cpu_cycles"))
        .gauge("perf.instructions", "", stats.number("perf.instructions"))
        .gauge("perf.cache.references", "", stats.number("perf.cache_references"))
        .gauge("perf.cache.misses", "", stats.number("perf.cache_misses"));
    Flavor flavor = flavor();
    if (flavor != null) {
      out.gauge("disk.root.size", "GiB", flavor.diskGib())
          .gauge("disk.ephemeral.size", "GiB", flavor.ephemeralGib());
    }
    stats.members("block").forEach(this::addDisk);
    stats.members("net").forEach(this::addInterface);
  }

  /**
   * The time that the virtual processors ran and waited for a real one, where that is known of each
   * of them; otherwise what the whole domain has used.
   */
  private Number cpuTime() {
    double sum = 0;
    int missing = stats.integer("vcpu.current", 0);
    boolean isKnown = missing > 0;
    // Of processors that can be taken out while it runs, any may be missing.
    for (int i = 0; i < stats.integer("vcpu.maximum", 0); i++) {
      Number time = stats.number("vcpu." + i + ".time");
      Number wait = stats.number("vcpu." + i + ".wait");
      if (time != null && wait != null) {
        sum += time.doubleValue() + wait.doubleValue();
        missing--;
      }
    }
    return isKnown && missing == 0 ? (Number) sum : stats.number("cpu.time");
  }

  private void addMemory() {
    Number available = stats.number("balloon.available");
    Number free =
        stats.has("balloon.usable")
            ? stats.number("balloon.usable")
            : stats.number("balloon.unused");
    Number used =
        available == null || free == null ? null : available.doubleValue() - free.doubleValue();
    out.gauge("memory", "MiB", mib("balloon.current"))
        .gauge("memory.usage", "MiB", used == null ? null : used.doubleValue() / KIB_IN_MIB)
        .gauge("memory.available", "MiB", mib("balloon.available"))
        .gauge("memory.resident", "MiB", mib("balloon.rss"))
        .cumulative("memory.swap.in", "MiB", mib("balloon.swap_in"))
        .cumulative("memory.swap.out", "MiB", mib("balloon.swap_out"));
  }

  private Number mib(String name) {
    Number kib = stats.number(name);
    return kib == null ? null : kib.doubleValue() / KIB_IN_MIB;
  }

  private void addDisk(String disk) {
    ofDisk(disk)
        .cumulative("disk.device.read.requests", "request", stats.number(disk + "rd.reqs"))
        .cumulative("disk.device.read.bytes", "B", stats.number(disk + "rd.bytes"))
        .cumulative("disk.device.read.latency", "ns", stats.number(disk + "rd.times"))
        .cumulative("disk.device.write.requests", "request", stats.number(disk + "wr.reqs"))
        .cumulative("disk.device.write.bytes", "B", stats.number(disk + "wr.bytes"))
        .cumulative("disk.device.write.latency", "ns", stats.number(disk + "wr.times"))
        .gauge("disk.device.capacity", "B", capacity(disk))
        .gauge("disk.device.allocation", "B", stats.number(disk + "allocation"))
        .gauge("disk.device.usage", "B", stats.number(disk + "physical"));
  }

  private PolledSamples ofDisk(String disk) {
    String name = stats.text(disk + "name");
    return of(uuid + "-" + name, Map.of("disk_name", name));
  }

  /** Of an image whose last block is not whole the file is larger than what the domain sees. */
  private Number capacity(String disk) {
    Number capacity = stats.number(disk + "capacity");
    Number physical = stats.number(disk + "physical");
    return capacity == null || physical == null
        ? capacity
        : (Number) Math.max(capacity.doubleValue(), physical.doubleValue());
  }

  private void addInterface(String net) {
    String device = stats.text(net + "name");
    Interface described =
        xml.interfaces().stream()
            .filter(one -> one.device().equals(device))
            .findFirst()
            .orElse(new Interface(device, null, null, Map.of()));
    String filter = described.filter();
    boolean isNamedByFilter = filter != null && filter.startsWith(NOVA_FILTER);
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("name", device);
    own.put("mac", described.mac());
    own.put("fref", filter);
    own.put("parameters", described.parameters());
    own.put("vnic_name", isNamedByFilter ? filter : device);
    of(isNamedByFilter ? filter : xml.name() + "-" + uuid + "-" + device, own)
        .cumulative("network.incoming.bytes", "B", stats.number(net + "rx.bytes"))
        .cumulative("network.incoming.packets", "packet", stats.number(net + "rx.pkts"))
        .cumulative("network.incoming.packets.drop", "packet", stats.number(net + "rx.drop"))
        .cumulative("network.incoming.packets.error", "packet", stats.number(net + "rx.errs"))
        .cumulative("network.outgoing.bytes", "B", stats.number(net + "tx.bytes"))
        .cumulative("network.outgoing.packets", "packet", stats.number(net + "tx.pkts"))
        .cumulative("network.outgoing.packets.drop", "packet", stats.number(net + "tx.drop"))
        .cumulative("network.outgoing.packets.error", "packet", stats.number(net + "tx.errs"));
  }

  /** What follows is of this resource, whose metadata is that of the domain and its own. */
  private PolledSamples of(String resourceId, Map<String, ?> own) {
    Map<String, Object> all = new LinkedHashMap<>(metadata);
    own.forEach((name, value) -> put(all, name, value));
    return out.of(resourceId, projectId, userId, Metadata.of(all));
  }

  private Flavor flavor() {
    return xml.nova() == null ? null : xml.nova().flavor();
  }

  private Map<String, Object> metadata() {
    Map<String, Object> all = new LinkedHashMap<>();
    Nova nova = xml.nova();
    all.put("display_name", nova == null || nova.name() == null ? xml.name() : nova.name());
    all.put("name", xml.name());
    all.put("instance_id", uuid);
    all.put("instance_host", host);
    int state = stats.integer("state.state", 0);
    if (stats.has("state.state") && state >= 0 && state < STATES.size()) {
      all.put("state", STATES.get(state));
      all.put("status", STATUSES.get(state));
    }
    put(all, "os_type", xml.osType());
    put(all, "architecture", xml.architecture());
    if (projectId != null) {
      all.put("host", hostId(projectId, host));
    }
    if (nova != null && nova.imageId() != null) {
      all.put("image", Map.of("id", nova.imageId()));
      all.put("image_ref", nova.imageId());
    }
    if (flavor() != null) {
      putFlavor(all, flavor());
    }
    return all;
  }

  private static void putFlavor(Map<String, Object> all, Flavor flavor) {
    Map<String, Object> own = new LinkedHashMap<>();
    put(own, "id", flavor.id());
    put(own, "name", flavor.name());
    put(own, "vcpus", flavor.vcpus());
    put(own, "ram", flavor.memoryMib());
    put(own, "disk", flavor.diskGib());
    put(own, "ephemeral", flavor.ephemeralGib());
    put(own, "swap", flavor.swapMib());
    all.put("flavor", own);
    put(all, "instance_type", flavor.name());
    put(all, "vcpus", flavor.vcpus());
    put(all, "memory_mb", flavor.memoryMib());
    put(all, "root_gb", flavor.diskGib());
    put(all, "ephemeral_gb", flavor.ephemeralGib());
    if (flavor.diskGib() != null && flavor.ephemeralGib() != null) {
      all.put("disk_gb", flavor.diskGib() + flavor.ephemeralGib());
    }
  }

  private static void put(Map<String, Object> all, String name, Object value) {
    if (value != null) {
      all.put(name, value);
    }
  }

  /** The name that Nova gives a host towards a project. */
  private static String hostId(String projectId, String host) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-224")
                  .digest((projectId + host).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("the JDK has SHA-224", e);
    }
  }
}
