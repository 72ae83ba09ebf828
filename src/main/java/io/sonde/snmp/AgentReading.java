package io.sonde.snmp;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.snmp.SnmpTable.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.snmp4j.smi.OID;
import org.snmp4j.smi.Variable;

/**
 * Asks an agent for one part after the other, and makes samples of those that came whole: the host,
 * its interfaces, its disks. Meters, units and resources are those of Ceilometer's {@code
 * hardware.*}.
 */
final class AgentReading {
  private static final String SOURCE = "hardware";
  private static final String KB = "KB";

  // SNMPv2-MIB, IP-MIB
  private static final OID SYS_DESCR = new OID("1.3.6.1.2.1.1.1.0");
  private static final OID SYS_NAME = new OID("1.3.6.1.2.1.1.5.0");
  private static final OID IP_IN_RECEIVES = new OID("1.3.6.1.2.1.4.3.0");
  private static final OID IP_OUT_REQUESTS = new OID("1.3.6.1.2.1.4.10.0");
  private static final List<OID> SYSTEM =
      List.of(SYS_DESCR, SYS_NAME, IP_IN_RECEIVES, IP_OUT_REQUESTS);

  // UCD-SNMP-MIB: laLoadInt, memory, systemStats
  private static final OID LOAD_1 = new OID("1.3.6.1.4.1.2021.10.1.5.1");
  private static final OID LOAD_5 = new OID("1.3.6.1.4.1.2021.10.1.5.2");
  private static final OID LOAD_15 = new OID("1.3.6.1.4.1.2021.10.1.5.3");
  private static final OID SWAP_TOTAL = new OID("1.3.6.1.4.1.2021.4.3.0");
  private static final OID SWAP_AVAIL = new OID("1.3.6.1.4.1.2021.4.4.0");
  private static final OID MEMORY_TOTAL = new OID("1.3.6.1.4.1.2021.4.5.0");
  private static final OID MEMORY_AVAIL = new OID("1.3.6.1.4.1.2021.4.6.0");
  private static final OID MEMORY_BUFFER = new OID("1.3.6.1.4.1.2021.4.14.0");
  private static final OID MEMORY_CACHED = new OID("1.3.6.1.4.1.2021.4.15.0");
  private static final OID CPU_IDLE = new OID("1.3.6.1.4.1.2021.11.11.0");
  private static final OID IO_SENT = new OID("1.3.6.1.4.1.2021.11.57.0");
  private static final OID IO_RECEIVED = new OID("1.3.6.1.4.1.2021.11.58.0");
  private static final List<OID> UCD =
      List.of(
          LOAD_1,
          LOAD_5,
          LOAD_15,
          SWAP_TOTAL,
          SWAP_AVAIL,
          MEMORY_TOTAL,
          MEMORY_AVAIL,
          MEMORY_BUFFER,
          MEMORY_CACHED,
          CPU_IDLE,
          IO_SENT,
          IO_RECEIVED);

  // IF-MIB: ifName, ifHCInOctets, ifHCOutOctets
  private static final List<OID> IF_X_TABLE = columns("1.3.6.1.2.1.31.1.1.1", 1, 6, 10);
  // ifDescr, ifPhysAddress, ifInOctets, ifInErrors, ifOutOctets, ifOutErrors
  private static final List<OID> IF_TABLE = columns("1.3.6.1.2.1.2.2.1", 2, 6, 10, 14, 16, 20);

  // UCD-SNMP-MIB dskTable: path, device, total, used, and both in halves of 32 bits, low and high
  private static final List<OID> DSK_TABLE =
      columns("1.3.6.1.4.1.2021.9.1", 2, 3, 6, 8, 11, 12, 15, 16);

  // HOST-RESOURCES-MIB hrStorageTable: type, description, allocation unit, size, used
  private static final List<OID> STORAGE_TABLE = columns("1.3.6.1.2.1.25.2.3.1", 2, 3, 4, 5, 6);
  private static final OID RAM = new OID("1.3.6.1.2.1.25.2.1.2");
  private static final Set<OID> DISKS =
      Set.of(
          new OID("1.3.6.1.2.1.25.2.1.4"),
          new OID("1.3.6.1.2.1.25.2.1.9"),
          new OID("1.3.6.1.2.1.25.2.1.10"));

  private final SnmpExchange agent;
  private final SnmpUrl url;
  private final Map<String, String> failures = new LinkedHashMap<>();
  private final Map<OID, Variable> values = new HashMap<>();
  private List<Row> names = List.of();
  private List<Row> interfaces = List.of();
  private boolean isUcdRead;
  // Null while not read.
  private List<Row> disks;
  private List<Row> storage = List.of();

  AgentReading(SnmpExchange agent, SnmpUrl url) {
    this.agent = agent;
    this.url = url;
  }

  /** Completes when all parts came, or were given up because the exchange was closed. */
  CompletionStage<Void> read() {
    return part("SNMPv2-MIB", () -> agent.get(SYSTEM), this::took)
        .thenCompose(x -> part("UCD-SNMP-MIB", () -> agent.get(UCD), this::tookUcd))
        .thenCompose(x -> part("IF-MIB", this::readInterfaces, this::tookInterfaces))
        .thenCompose(
            x -> part("dskTable", () -> SnmpTable.read(agent, DSK_TABLE), rows -> disks = rows))
        .thenCompose(
            x -> isStorageOfUse() ? readStorage() : CompletableFuture.completedFuture(null));
  }

  /** The parts that did not come whole, in the order in which they were asked for, and why. */
  synchronized Map<String, String> failures() {
    return new LinkedHashMap<>(failures);
  }

  private record Interfaces(List<Row> names, List<Row> counters) {}

  private CompletionStage<Interfaces> readInterfaces() {
    return SnmpTable.read(agent, IF_X_TABLE)
        .thenCompose(
            first ->
                SnmpTable.read(agent, IF_TABLE).thenApply(second -> new Interfaces(first, second)));
  }

  private CompletionStage<Void> readStorage() {
    return part(
        "hrStorageTable", () -> SnmpTable.read(agent, STORAGE_TABLE), rows -> storage = rows);
  }

  /**
   * Only for what the agent has not elsewhere. A part that failed this time is no reason: its
   * resources would change their names until the next poll.
   */
  private synchronized boolean isStorageOfUse() {
    return isStorageOfMemory() || isStorageOfDisks();
  }

  private boolean isStorageOfMemory() {
    return isUcdRead && memoryTotal() == null;
  }

  private boolean isStorageOfDisks() {
    return disks != null && disks.isEmpty();
  }

  private void tookUcd(Map<OID, Variable> some) {
    took(some);
    isUcdRead = true;
  }

  private void took(Map<OID, Variable> some) {
    values.putAll(some);
  }

  private void tookInterfaces(Interfaces both) {
    names = both.names;
    interfaces = both.counters;
  }

  /** A part that fails is noted, and does not keep the others from being asked for. */
  private <T> CompletionStage<Void> part(
      String name, Supplier<CompletionStage<T>> question, Consumer<T> taker) {
    return question
        .get()
        .handle(
            (answer, failure) -> {
              synchronized (this) {
                if (failure == null) {
                  taker.accept(answer);
                } else {
                  failures.put(name, PollException.reasonOf(failure));
                }
              }
              return null;
            });
  }

  /**
   * The samples of what came.
   *
   * @param timestamp microseconds since 1970
   */
  synchronized SampleBatch samples(long timestamp) {
    PolledSamples out = new PolledSamples(SOURCE, timestamp);
    addHost(out);
    addInterfaces(out);
    if (isStorageOfDisks()) {
      addStorage(out);
    } else if (disks != null) {
      addDisks(out);
    }
    return out.build();
  }

  private void addHost(PolledSamples out) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put("name", SnmpValues.text(values.get(SYS_NAME)));
    metadata.put("description", SnmpValues.text(values.get(SYS_DESCR)));
    out.of(url.resource(), metadata(metadata))
        .gauge("hardware.cpu.load.1min", "process", hundredth(LOAD_1))
        .gauge("hardware.cpu.load.5min", "process", hundredth(LOAD_5))
        .gauge("hardware.cpu.load.15min", "process", hundredth(LOAD_15));
    Double idle = number(CPU_IDLE);
    out.gauge("hardware.cpu.util", "%", idle == null ? null : 100 - idle)
        .gauge("hardware.system_stats.cpu.idle", "%", idle)
        .gauge("hardware.memory.total", KB, memoryTotal())
        .gauge("hardware.memory.used", KB, memoryUsed())
        .gauge("hardware.memory.buffer", KB, number(MEMORY_BUFFER))
        .gauge("hardware.memory.cached", KB, number(MEMORY_CACHED))
        .gauge("hardware.memory.swap.total", KB, number(SWAP_TOTAL))
        .gauge("hardware.memory.swap.avail", KB, number(SWAP_AVAIL))
        .cumulative("hardware.network.ip.incoming.datagrams", "datagrams", number(IP_IN_RECEIVES))
        .cumulative("hardware.network.ip.outgoing.datagrams", "datagrams", number(IP_OUT_REQUESTS))
        .cumulative("hardware.system_stats.io.outgoing.blocks", "blocks", number(IO_SENT))
        .cumulative("hardware.system_stats.io.incoming.blocks", "blocks", number(IO_RECEIVED));
    if (isStorageOfMemory()) {
      storage.stream()
          .filter(row -> RAM.equals(row.cell(0)))
          .findFirst()
          .ifPresent(
              row ->
                  out.gauge("hardware.memory.total", KB, storageKb(row, 3))
                      .gauge("hardware.memory.used", KB, storageKb(row, 4)));
    }
  }

  private void addInterfaces(PolledSamples out) {
    Map<OID, Row> named = new HashMap<>();
    names.forEach(row -> named.put(row.index(), row));
    Set<String> taken = new HashSet<>();
    for (Row row : interfaces) {
      Row more = named.get(row.index());
      String name = more == null ? null : SnmpValues.text(more.cell(0));
      if (name == null) {
        name = SnmpValues.text(row.cell(0));
      }
      if (name == null || !taken.add(name)) {
        // Some devices describe all ports of one kind with the same words.
        name = (name == null ? "" : name + ".") + row.index();
        taken.add(name);
      }
      Map<String, String> metadata = new HashMap<>();
      metadata.put("name", name);
      metadata.put("mac", SnmpValues.mac(row.cell(1)));
      out.of(url.resource() + "." + name, metadata(metadata))
          .cumulative("hardware.network.incoming.bytes", "B", widest(more, 1, row, 2))
          .cumulative("hardware.network.outgoing.bytes", "B", widest(more, 2, row, 4))
          .cumulative("hardware.network.incoming.errors", "packet", number(row, 3))
          .cumulative("hardware.network.outgoing.errors", "packet", number(row, 5));
    }
  }

  private void addDisks(PolledSamples out) {
    Map<String, Row> byName = new LinkedHashMap<>();
    for (Row row : disks) {
      String path = SnmpValues.text(row.cell(0));
      String device = SnmpValues.text(row.cell(1));
      // Of tmpfs, overlay and their like there are many on one host.
      boolean isDevice = device != null && (device.contains("/") || device.contains(":"));
      String name = isDevice ? device : path;
      Double total = wide(row, 5, 4, 2);
      if (name != null && total != null && total > 0) {
        byName.putIfAbsent(name, row);
      }
    }
    byName.forEach(
        (name, row) -> {
          Map<String, String> metadata = new HashMap<>();
          metadata.put("path", SnmpValues.text(row.cell(0)));
          metadata.put("device", SnmpValues.text(row.cell(1)));
          out.of(url.resource() + "." + name, metadata(metadata))
              .gauge("hardware.disk.size.total", KB, wide(row, 5, 4, 2))
              .gauge("hardware.disk.size.used", KB, wide(row, 7, 6, 3));
        });
  }

  private void addStorage(PolledSamples out) {
    Set<String> taken = new HashSet<>();
    for (Row row : storage) {
      String path = SnmpValues.text(row.cell(1));
      boolean isDisk = row.cell(0) instanceof OID type && DISKS.contains(type);
      Double total = storageKb(row, 3);
      if (isDisk && path != null && total != null && total > 0 && taken.add(path)) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("path", path);
        out.of(url.resource() + "." + path, metadata(metadata))
            .gauge("hardware.disk.size.total", KB, total)
            .gauge("hardware.disk.size.used", KB, storageKb(row, 4));
      }
    }
  }

  private Metadata metadata(Map<String, String> about) {
    about.put("resource_url", url.shown());
    about.values().removeIf(text -> text == null);
    return Metadata.of(about);
  }

  private Double number(OID variable) {
    return SnmpValues.number(values.get(variable));
  }

  private Double hundredth(OID variable) {
    Double value = number(variable);
    return value == null ? null : value / 100;
  }

  private Double memoryTotal() {
    return number(MEMORY_TOTAL);
  }

  /** As Ceilometer has it: all that is not free. Buffers and caches are in use. */
  private Double memoryUsed() {
    Double total = memoryTotal();
    Double free = number(MEMORY_AVAIL);
    return total == null || free == null ? null : total - free;
  }

  private static Double number(Row row, int column) {
    return SnmpValues.number(row.cell(column));
  }

  /** The counter of 64 bits where there is one, else that of 32. */
  private static Double widest(Row more, int wide, Row row, int narrow) {
    Double value = more == null ? null : number(more, wide);
    return value == null ? number(row, narrow) : value;
  }

  /** A figure in two halves where there are any: the single one stands still at 2 TiB. */
  private static Double wide(Row row, int high, int low, int single) {
    Double upper = number(row, high);
    Double lower = number(row, low);
    return upper == null || lower == null ? number(row, single) : upper * 0x1p32 + lower;
  }

  private static Double storageKb(Row row, int column) {
    Double units = SnmpValues.unsigned(row.cell(column));
    Double bytes = number(row, 2);
    return units == null || bytes == null ? null : units * bytes / 1024;
  }

  private static List<OID> columns(String entry, int... columns) {
    List<OID> all = new ArrayList<>();
    for (int column : columns) {
      all.add(new OID(entry).append(column));
    }
    return List.copyOf(all);
  }
}
