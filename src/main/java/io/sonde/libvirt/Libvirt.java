package io.sonde.libvirt;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The functions of libvirt's C library that are used here, with their names and parameters there.
 * The library is loaded when it is first needed: a host without it needs none.
 *
 * <p>The project's Java binding (org.libvirt:libvirt 0.5.4) lacks the one call that tells of all
 * domains at once, {@code virDomainListGetStats}. Without it a host with 100 domains of 2 disks and
 * 2 interfaces is asked 1,000 questions a cycle, each of which waits for a domain that is busy.
 */
interface Libvirt extends Library {
  int VIR_ERR_NO_SUPPORT = 3;
  int VIR_ERR_INVALID_ARG = 8;
  int VIR_ERR_NO_DOMAIN = 42;

  int VIR_DOMAIN_STATS_STATE = 1;
  int VIR_DOMAIN_STATS_CPU_TOTAL = 1 << 1;
  int VIR_DOMAIN_STATS_BALLOON = 1 << 2;
  int VIR_DOMAIN_STATS_VCPU = 1 << 3;
  int VIR_DOMAIN_STATS_INTERFACE = 1 << 4;
  int VIR_DOMAIN_STATS_BLOCK = 1 << 5;
  int VIR_DOMAIN_STATS_PERF = 1 << 6;

  int VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT = 1 << 29;

  int virInitialize();

  int virEventRegisterDefaultImpl();

  int virEventRunDefaultImpl();

  void virSetErrorFunc(Pointer userData, ErrorFunc handler);

  int virGetLastErrorCode();

  String virGetLastErrorMessage();

  Pointer virConnectOpenReadOnly(String name);

  int virConnectSetKeepAlive(Pointer connection, int interval, int count);

  int virConnectIsAlive(Pointer connection);

  String virConnectGetType(Pointer connection);

  int virConnectClose(Pointer connection);

  int virConnectListAllDomains(Pointer connection, PointerByReference domains, int flags);

  int virDomainListGetStats(Pointer domains, int stats, PointerByReference records, int flags);

  void virDomainStatsRecordListFree(Pointer records);

  int virDomainGetUUIDString(Pointer domain, Pointer text);

  Pointer virDomainGetXMLDesc(Pointer domain, int flags);

  int virDomainGetInfo(Pointer domain, Pointer info);

  int virDomainMemoryStats(Pointer domain, Pointer stats, int count, int flags);

  int virDomainBlockStats(Pointer domain, String disk, Pointer stats, long size);

  int virDomainGetBlockInfo(Pointer domain, String disk, Pointer info, int flags);

  int virDomainInterfaceStats(Pointer domain, String device, Pointer stats, long size);

  int virDomainFree(Pointer domain);

  /** Is told of every error as it happens. */
  interface ErrorFunc extends Callback {
    /** Called by the library, on the thread whose call has failed. */
    void invoke(Pointer userData, Pointer error);
  }

  /**
   * The library, loaded when it is asked for first.
   *
   * @throws LinkageError when this host has none that can be loaded
   */
  static Libvirt load() {
    return Loaded.get();
  }

  /** The one that this process has loaded. */
  final class Loaded {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Errors are read by whoever made the call; by default the library prints them. */
    private static final ErrorFunc SILENCE = (userData, error) -> {};

    private static Libvirt library;

    private Loaded() {}

    static synchronized Libvirt get() {
      if (library == null) {
        if (Native.POINTER_SIZE != Long.BYTES) {
          throw new UnsatisfiedLinkError("a system of 64 bits is needed");
        }
        Libvirt loaded =
            Native.load(
                "virt",
                Libvirt.class,
                Map.of(OPTION_STRING_ENCODING, StandardCharsets.UTF_8.name()));
        if (loaded.virInitialize() != 0) {
          throw new UnsatisfiedLinkError("virInitialize: " + loaded.virGetLastErrorMessage());
        }
        loaded.virSetErrorFunc(null, SILENCE);
        // Without a loop of events nothing asks whether the other end of a connection still lives.
        if (loaded.virEventRegisterDefaultImpl() == 0) {
          Thread events = new Thread(() -> runEvents(loaded), "libvirt-events");
          events.setDaemon(true);
          events.start();
        }
        library = loaded;
      }
      return library;
    }

    /** For the life of the process: what is registered with libvirt stays registered. */
    private static void runEvents(Libvirt loaded) {
      while (true) {
        if (loaded.virEventRunDefaultImpl() < 0) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }
}
