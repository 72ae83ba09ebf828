package io.sonde.model;

import java.util.List;

/**
 * By what way samples came, as the journal notes it: the names of the sinks, with commas between
 * them, and after an {@code @} the tag of the definitions of the pipelines that were in force:
 * {@code store,archive@0f3a…}.
 */
public final class Provenance {
  private static final char VERSION = '@';

  private Provenance() {}

  /**
   * The note.
   *
   * @param sinks names, with commas between them
   * @param tag the tag of a version, or empty
   */
  public static String of(String sinks, String tag) {
    return tag.isEmpty() ? sinks : sinks + VERSION + tag;
  }

  /** The names of the sinks in a note. */
  public static List<String> sinks(String note) {
    int end = note.indexOf(VERSION);
    return List.of((end < 0 ? note : note.substring(0, end)).split(",", -1));
  }

  /** The tag of the version in a note; empty where none is. */
  public static String version(String note) {
    int end = note.indexOf(VERSION);
    return end < 0 ? "" : note.substring(end + 1);
  }
}
