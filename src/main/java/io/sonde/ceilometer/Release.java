package io.sonde.ceilometer;

/** Whose forms of the files are read. */
public enum Release {
  /** Up to Newton: polling sits in the pipeline file, {@code counters} stands for meters. */
  NEWTON,
  /** What Ceilometer reads today: polling has a file of its own, and there are no transformers. */
  CURRENT
}
