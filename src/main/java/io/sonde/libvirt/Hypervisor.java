package io.sonde.libvirt;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A connection to libvirt, for reading only. Every call may block for as long as libvirt likes.
 * Used by one thread: libvirt keeps the last error for each thread.
 */
final class Hypervisor implements AutoCloseable {
  /** Seconds between two signs of life, and how many may be missing: dead after 20 seconds. */
  private static final int KEEP_ALIVE_SECONDS = 5;

  private static final int KEEP_ALIVE_COUNT = 3;

  private static final int STATS =
      Libvirt.VIR_DOMAIN_STATS_STATE
          | Libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
          | Libvirt.VIR_DOMAIN_STATS_BALLOON
          | Libvirt.VIR_DOMAIN_STATS_VCPU
          | Libvirt.VIR_DOMAIN_STATS_INTERFACE
          | Libvirt.VIR_DOMAIN_STATS_BLOCK
          | Libvirt.VIR_DOMAIN_STATS_PERF;

  /** virDomainStatsRecord: the domain, its parameters and how many they are. */
  private static final int RECORD_PARAMETERS_AT = 8;

  private static final int RECORD_COUNT_AT = 16;

  private static final int UUID_BYTES = 37;

  /** Memory statistics that libvirt tells of, by their numbers; null for those not used here. */
  private static final String[] MEMORY_NAMES = {
    "balloon.swap_in",
    "balloon.swap_out",
    null,
    null,
    "balloon.unused",
    "balloon.available",
    null,
    "balloon.rss",
    "balloon.usable"
  };

  private static final int MEMORY_BYTES = 16;

  /** More than there are, and than fit into {@link #scratch}. */
  private static final int MEMORY_COUNT = 32;

  private static final String[] INTERFACE_NAMES = {
    "rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop"
  };

  private static final String[] BLOCK_NAMES = {"rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes"};

  /** The fifth counts errors. */
  private static final int BLOCK_BYTES = 40;

  private static final String[] BLOCK_SIZE_NAMES = {"capacity", "allocation", "physical"};

  private final Libvirt library;
  private final Pointer connection;
  private final boolean isToldAll;
  private final Memory scratch = new Memory((long) MEMORY_BYTES * MEMORY_COUNT);

  /**
   * Connects.
   *
   * @throws LibvirtException when that fails
   */
  Hypervisor(Libvirt library, String uri) {
    this.library = library;
    connection = library.virConnectOpenReadOnly(uri);
    if (connection == null) {
      throw new LibvirtException(library);
    }
    // Drivers that run in this process have no other end, and refuse.
    library.virConnectSetKeepAlive(connection, KEEP_ALIVE_SECONDS, KEEP_ALIVE_COUNT);
    // QEMU's driver tells in one call of whatever it knows; asked once more for what it left out,
    // it
    // waits for the domain that is busy. Other drivers tell of little there, and more when asked.
    isToldAll = "QEMU".equals(library.virConnectGetType(connection));
  }

  /** A domain as it was found; to be used before the next listing. */
  final class Domain {
    private final Pointer pointer;
    private final String uuid;
    private final DomainStats stats;

    private Domain(Pointer pointer, String uuid, DomainStats stats) {
      this.pointer = pointer;
      this.uuid = uuid;
      this.stats = stats;
    }

    String uuid() {
      return uuid;
    }

    DomainStats stats() {
      return stats;
    }

    /**
     * Its description; nothing when the domain is gone.
     *
     * @throws LibvirtException when it cannot be had
     */
    Optional<String> xml() {
      Pointer xml = library.virDomainGetXMLDesc(pointer, 0);
      if (xml == null) {
        LibvirtException failure = new LibvirtException(library);
        if (failure.code() == Libvirt.VIR_ERR_NO_DOMAIN) {
          return Optional.empty();
        }
        throw failure;
      }
      try {
        return Optional.of(xml.getString(0, StandardCharsets.UTF_8.name()));
      } finally {
        Native.free(Pointer.nativeValue(xml));
      }
    }

    /** Asks for what the listing did not tell, call by call; one that fails tells nothing. */
    void askDevices(DomainXml xml) {
      if (isToldAll) {
        return;
      }
      boolean isActive = !stats.isStopped();
      if (isActive) {
        addMemory();
      }
      if (!stats.has("block.count")) {
        stats.add("block.count", xml.disks().size());
        for (int i = 0; i < xml.disks().size(); i++) {
          addDisk("block." + i + ".", xml.disks().get(i), isActive);
        }
      }
      if (isActive && !stats.has("net.count")) {
        stats.add("net.count", xml.interfaces().size());
        for (int i = 0; i < xml.interfaces().size(); i++) {
          addInterface("net." + i + ".", xml.interfaces().get(i).device());
        }
      }
    }

    /** virDomainInfo: state, largest memory, memory, number of processors, processor time. */
    private void addInfo() {
      if (library.virDomainGetInfo(pointer, scratch) == 0) {
        stats.add("state.state", (long) scratch.getByte(0));
        stats.addKnown("balloon.current", scratch.getLong(16));
        stats.add("vcpu.current", (long) Short.toUnsignedInt(scratch.getShort(24)));
        stats.add("cpu.time", DomainStats.unsigned(scratch.getLong(32)));
      }
    }

    /** virDomainMemoryStatStruct: number of the statistic, value in KiB. */
    private void addMemory() {
      int count = library.virDomainMemoryStats(pointer, scratch, MEMORY_COUNT, 0);
      for (int i = 0; i < count; i++) {
        int tag = scratch.getInt((long) i * MEMORY_BYTES);
        if (tag >= 0 && tag < MEMORY_NAMES.length && MEMORY_NAMES[tag] != null) {
          stats.addKnown(MEMORY_NAMES[tag], scratch.getLong((long) i * MEMORY_BYTES + Long.BYTES));
        }
      }
    }

    private void addDisk(String prefix, String disk, boolean isActive) {
      stats.add(prefix + "name", disk);
      if (isActive && library.virDomainBlockStats(pointer, disk, scratch, BLOCK_BYTES) == 0) {
        addAll(prefix, BLOCK_NAMES);
      }
      if (library.virDomainGetBlockInfo(pointer, disk, scratch, 0) == 0) {
        addAll(prefix, BLOCK_SIZE_NAMES);
      }
    }

    private void addInterface(String prefix, String device) {
      stats.add(prefix + "name", device);
      long bytes = (long) INTERFACE_NAMES.length * Long.BYTES;
      if (library.virDomainInterfaceStats(pointer, device, scratch, bytes) == 0) {
        addAll(prefix, INTERFACE_NAMES);
      }
    }

    private void addAll(String prefix, String... names) {
      for (int i = 0; i < names.length; i++) {
        stats.addKnown(prefix + names[i], scratch.getLong((long) i * Long.BYTES));
      }
    }
  }

  /** Does something with a domain. */
  interface Visitor {
    void visit(Domain domain);
  }

  /** Whether the connection can still be used; also where libvirt cannot tell. */
  boolean isAlive() {
    return library.virConnectIsAlive(connection) != 0;
  }

  /**
   * Visits all domains, running or not, with what one call tells of them.
   *
   * @throws LibvirtException when the listing fails
   */
  void visit(Visitor visitor) {
    PointerByReference listed = new PointerByReference();
    int count = library.virConnectListAllDomains(connection, listed, 0);
    if (count < 0) {
      throw new LibvirtException(library);
    }
    Pointer list = listed.getValue();
    List<Pointer> pointers = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        pointers.add(list.getPointer((long) i * Native.POINTER_SIZE));
      }
      Optional<Map<String, DomainStats>> told = count == 0 ? Optional.empty() : stats(list);
      for (Pointer pointer : pointers) {
        String uuid = uuid(pointer);
        // What was listed and is not told of went away in between.
        if (told.isEmpty() || told.get().containsKey(uuid)) {
          Domain domain =
              new Domain(pointer, uuid, told.isEmpty() ? new DomainStats() : told.get().get(uuid));
          if (!isToldAll) {
            domain.addInfo();
          }
          visitor.visit(domain);
        }
      }
    } finally {
      pointers.forEach(library::virDomainFree);
      if (list != null) {
        Native.free(Pointer.nativeValue(list));
      }
    }
  }

  /** What one call tells of the listed domains, by uuid; nothing where there is no such call. */
  private Optional<Map<String, DomainStats>> stats(Pointer list) {
    PointerByReference records = new PointerByReference();
    // A domain that is busy is told of in part rather than waited for.
    int count =
        library.virDomainListGetStats(
            list, STATS, records, Libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    if (count < 0 && library.virGetLastErrorCode() == Libvirt.VIR_ERR_INVALID_ARG) {
      // Before libvirt 4.5 and in some drivers there is no such wish.
      count = library.virDomainListGetStats(list, STATS, records, 0);
    }
    if (count < 0) {
      LibvirtException failure = new LibvirtException(library);
      if (failure.code() == Libvirt.VIR_ERR_NO_SUPPORT) {
        return Optional.empty();
      }
      throw failure;
    }
    Map<String, DomainStats> byUuid = new HashMap<>();
    try {
      for (int i = 0; i < count; i++) {
        Pointer record = records.getValue().getPointer((long) i * Native.POINTER_SIZE);
        byUuid.put(
            uuid(record.getPointer(0)),
            DomainStats.of(
                record.getPointer(RECORD_PARAMETERS_AT), record.getInt(RECORD_COUNT_AT)));
      }
    } finally {
      library.virDomainStatsRecordListFree(records.getValue());
    }
    return Optional.of(byUuid);
  }

  private String uuid(Pointer domain) {
    if (library.virDomainGetUUIDString(domain, scratch) != 0) {
      throw new LibvirtException(library);
    }
    scratch.setByte(UUID_BYTES - 1, (byte) 0);
    return scratch.getString(0, StandardCharsets.US_ASCII.name());
  }

  @Override
  public void close() {
    library.virConnectClose(connection);
    scratch.close();
  }
}
