package io.sonde.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Where PostgreSQL and its programs write what they have to say.
 *
 * @param file appended to; need not exist
 */
record PostgresLog(Path file) {
  private static final long ROTATE_BYTES = 10 << 20;
  private static final int TAIL_BYTES = 1 << 16;

  /** Sets a large log aside, over the one before; only while no server writes to it. */
  void rotate() throws IOException {
    if (size() > ROTATE_BYTES) {
      Files.move(
          file,
          file.resolveSibling(file.getFileName() + ".1"),
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** In bytes; 0 while there is none. */
  long size() throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /**
   * The last fatal error after that many bytes, without time and process; else the last error, else
   * the last line.
   */
  String reasonSince(long from) throws IOException {
    List<String> lines = linesSince(from);
    for (String level : List.of("FATAL: ", "PANIC: ", "ERROR: ", "error: ")) {
      for (int i = lines.size() - 1; i >= 0; i--) {
        int at = lines.get(i).indexOf(level);
        if (at >= 0) {
          return lines.get(i).substring(at + level.length()).strip();
        }
      }
    }
    return lines.isEmpty() ? "it left no reason in " + file : lines.get(lines.size() - 1).strip();
  }

  private List<String> linesSince(long from) throws IOException {
    if (size() <= from) {
      return List.of();
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(Math.max(from, in.length() - TAIL_BYTES));
      byte[] tail = new byte[(int) (in.length() - in.getFilePointer())];
      in.readFully(tail);
      return new String(tail, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
    }
  }
}
