package io.sonde.ceilometer;

import java.util.List;
import java.util.Map;

/**
 * What a pipeline file comes to in Sonde.
 *
 * @param sources in their order, with their keys as in {@code sonde.pipeline.sources}
 * @param sinks likewise
 */
record Pipes(List<Block> sources, List<Block> sinks) {
  static final Pipes NONE = new Pipes(List.of(), List.of());

  /**
   * One source, sink or definition.
   *
   * @param origin where it stood
   */
  record Block(YamlValue origin, Map<String, Object> keys) {}

  /** As a block of the configuration, with the places from which all came. */
  void write(String path, HoconText text) {
    text.line(0, "").line(0, path + " {");
    write("sources", sources, text);
    text.line(0, "");
    write("sinks", sinks, text);
    text.line(0, "}");
  }

  /** As one list of a block. */
  static void writeUnlessEmpty(String key, List<Block> blocks, HoconText text) {
    if (!blocks.isEmpty()) {
      write(key, blocks, text);
    }
  }

  /** Adds to a list that there is already. */
  static void add(String key, List<Block> blocks, HoconText text) {
    for (Block block : blocks) {
      text.comment(1, block.origin().file() + ":" + block.origin().line());
      text.line(1, key + " += {").entries(2, block.keys()).line(1, "}");
    }
  }

  private static void write(String key, List<Block> blocks, HoconText text) {
    text.line(1, key + " = [");
    for (Block block : blocks) {
      text.comment(2, block.origin().file() + ":" + block.origin().line());
      text.line(2, "{").entries(3, block.keys()).line(2, "}");
    }
    text.line(1, "]");
  }
}
