package io.sonde.libvirt;

/** A call of libvirt has failed; the message is libvirt's. */
final class LibvirtException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /** The last error of this thread. */
  LibvirtException(Libvirt library) {
    // Without a stack trace: it is made for every poll of a dead hypervisor and never printed.
    super(library.virGetLastErrorMessage(), null, false, false);
    code = library.virGetLastErrorCode();
  }

  /** One of libvirt's {@code VIR_ERR_…}. */
  int code() {
    return code;
  }
}
