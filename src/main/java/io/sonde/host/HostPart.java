package io.sonde.host;

import io.sonde.model.Metadata;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.polling.PolledTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import oshi.hardware.CentralProcessor;
import oshi.hardware.CentralProcessor.TickType;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HWDiskStore;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.NetworkIF;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OSFileStore;

/**
 * A part of a host that is a resource of its own, with Ceilometer's meter names and units.
 * Subclasses keep the library's object and let it read afresh.
 */
abstract sealed class HostPart {
  private static final String SOURCE = "sonde";
  private static final double MIB = 1 << 20;

  /** Two sources may read a part at the same moment, which takes less than 1 ms each. */
  private static final long LONGEST_TURN_MILLIS = 100;

  private final String address;
  private final String suffix;
  private final Metadata metadata;
  private final ReentrantLock reading = new ReentrantLock();

  private HostPart(String address, String suffix, Map<String, ?> metadata) {
    this.address = address;
    this.suffix = suffix;
    this.metadata = Metadata.of(metadata);
  }

  /** Kind and name, unique on the host. */
  String address() {
    return address;
  }

  /** The resource, given the name of the host. */
  PolledTarget target(String host) {
    return new PolledTarget(HostPollster.NAME, host + suffix, host, address);
  }

  /**
   * Reads now; blocks for as long as the operating system takes.
   *
   * @throws PollException when the part is gone, or when the last reading hangs: otherwise each
   *     poll of a dead file system would take one more thread
   */
  SampleBatch read(String resourceId, long timestamp) {
    lock();
    try {
      PolledSamples out = new PolledSamples(SOURCE, timestamp).of(resourceId, metadata);
      read(out);
      return out.build();
    } finally {
      reading.unlock();
    }
  }

  private void lock() {
    boolean isLocked = false;
    try {
      isLocked = reading.tryLock(LONGEST_TURN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!isLocked) {
      throw new PollException("the last reading of " + address + " is not over yet");
    }
  }

  abstract void read(PolledSamples out);

  /** Where the platform does not know a figure, the library gives a negative one. */
  private static Number known(Number figure) {
    return figure.doubleValue() < 0 ? null : figure;
  }

  PollException gone() {
    return new PollException(address + " is gone");
  }

  /** Processors and memory. */
  static final class Machine extends HostPart {
    private final CentralProcessor processor;
    private final GlobalMemory memory;

    Machine(HardwareAbstractionLayer hardware) {
      super(
          "machine", "", Map.of("cpu_number", hardware.getProcessor().getLogicalProcessorCount()));
      processor = hardware.getProcessor();
      memory = hardware.getMemory();
    }

    @Override
    void read(PolledSamples out) {
      long[] ticks = processor.getSystemCpuLoadTicks();
      long busyMillis = 0;
      for (TickType type : TickType.values()) {
        boolean idle = type == TickType.IDLE || type == TickType.IOWAIT;
        busyMillis += idle ? 0 : ticks[type.getIndex()];
      }
      out.cumulative("cpu", "ns", busyMillis * 1e6)
          .gauge("vcpus", "vcpu", processor.getLogicalProcessorCount());
      double[] load = processor.getSystemLoadAverage(3);
      out.gauge("hardware.cpu.load.1min", "process", known(load[0]))
          .gauge("hardware.cpu.load.5min", "process", known(load[1]))
          .gauge("hardware.cpu.load.15min", "process", known(load[2]));
      long total = memory.getTotal();
      long available = memory.getAvailable();
      VirtualMemory swap = memory.getVirtualMemory();
      out.gauge("memory", "MiB", total / MIB)
          .gauge("memory.usage", "MiB", (total - available) / MIB)
          .gauge("memory.available", "MiB", available / MIB)
          .cumulative(
              "memory.swap.in", "MiB", known(swap.getSwapPagesIn() * memory.getPageSize() / MIB))
          .cumulative(
              "memory.swap.out", "MiB", known(swap.getSwapPagesOut() * memory.getPageSize() / MIB));
    }
  }

  /** A disk's counters. */
  static final class Disk extends HostPart {
    /** The kernel counts sectors of 512 bytes here, whatever the device's own are. */
    private static final int SECTOR = 512;

    private final HWDiskStore disk;
    private final Path counters;

    Disk(HWDiskStore disk) {
      super("disk/" + name(disk), "-" + name(disk), Map.of("disk_name", name(disk)));
      this.disk = disk;
      this.counters = Path.of("/sys/block", name(disk), "stat");
    }

    @Override
    void read(PolledSamples out) {
      // updateAttributes enumerates all block devices and mounts for each disk (2.5 ms of CPU a
      // disk on a host with two, growing with both); Linux has the four numbers in one small file.
      if (Files.isReadable(counters)) {
        readCounters(out);
      } else if (disk.updateAttributes()) {
        add(out, disk.getReads(), disk.getReadBytes(), disk.getWrites(), disk.getWriteBytes());
      } else {
        throw gone();
      }
    }

    private void readCounters(PolledSamples out) {
      try {
        String[] fields =
            Files.readString(counters, StandardCharsets.US_ASCII).trim().split("\\s+", 8);
        add(
            out,
            Long.parseLong(fields[0]),
            Long.parseLong(fields[2]) * SECTOR,
            Long.parseLong(fields[4]),
            Long.parseLong(fields[6]) * SECTOR);
      } catch (IOException e) {
        throw gone();
      }
    }

    private static void add(PolledSamples out, long reads, long read, long writes, long written) {
      out.cumulative("disk.device.read.requests", "request", known(reads))
          .cumulative("disk.device.read.bytes", "B", known(read))
          .cumulative("disk.device.write.requests", "request", known(writes))
          .cumulative("disk.device.write.bytes", "B", known(written));
    }

    private static String name(HWDiskStore disk) {
      return disk.getName().substring(disk.getName().lastIndexOf('/') + 1);
    }
  }

  /** A network interface's counters. */
  static final class Nic extends HostPart {
    private final NetworkIF nic;

    Nic(NetworkIF nic) {
      super(
          "nic/" + nic.getName(),
          "-" + nic.getName(),
          Map.of("name", nic.getName(), "mac", nic.getMacaddr()));
      this.nic = nic;
    }

    @Override
    void read(PolledSamples out) {
      if (!nic.updateAttributes()) {
        throw gone();
      }
      out.cumulative("network.incoming.bytes", "B", known(nic.getBytesRecv()))
          .cumulative("network.incoming.packets", "packet", known(nic.getPacketsRecv()))
          .cumulative("network.incoming.packets.error", "packet", known(nic.getInErrors()))
          .cumulative("network.incoming.packets.drop", "packet", known(nic.getInDrops()))
          .cumulative("network.outgoing.bytes", "B", known(nic.getBytesSent()))
          .cumulative("network.outgoing.packets", "packet", known(nic.getPacketsSent()))
          .cumulative("network.outgoing.packets.error", "packet", known(nic.getOutErrors()));
    }
  }

  /** How full a file system is. */
  static final class FileStore extends HostPart {
    private final OSFileStore store;

    FileStore(OSFileStore store) {
      super(
          "fs/" + store.getMount(),
          "-" + store.getMount(),
          Map.of("mount", store.getMount(), "type", store.getType()));
      this.store = store;
    }

    @Override
    void read(PolledSamples out) {
      if (!store.updateAttributes()) {
        throw gone();
      }
      out.gauge("disk.capacity", "B", store.getTotalSpace())
          .gauge("disk.usage", "B", store.getTotalSpace() - store.getFreeSpace());
    }
  }
}
