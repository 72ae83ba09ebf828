package io.sonde.series;

/** Bytes of a version that only a newer Sonde knows: not damaged, and not to be read here. */
public final class NewerFormatException extends CorruptDataException {
  private static final long serialVersionUID = 1L;

  NewerFormatException(String what, int version) {
    super(what + " of unknown version " + version + ", which a newer Sonde wrote");
  }
}
