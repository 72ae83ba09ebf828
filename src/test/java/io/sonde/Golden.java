package io.sonde;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Bytes that a format had when it was frozen, in {@code src/test/resources/formats}: a line has a
 * name, which is the manifest where there is one, and hexadecimal digits. What is stored or sent
 * under a manifest never changes its meaning; docs/formats.md says what may be done instead.
 *
 * @param name the manifest
 */
public record Golden(String name, byte[] bytes) {
  /**
   * What a file holds, in order.
   *
   * @param now what is written now; with {@code -Dformats=write} it becomes the file, for a format
   *     that no released version has
   */
  public static List<Golden> of(String file, List<Golden> now) {
    Path path = Path.of(System.getProperty("basedir", ""), "src/test/resources/formats", file);
    try {
      if ("write".equals(System.getProperty("formats"))) {
        Files.createDirectories(path.getParent());
        Files.writeString(path, now.stream().map(Golden::line).collect(Collectors.joining()));
      }
      List<Golden> all = new ArrayList<>();
      for (String line : Files.readAllLines(path)) {
        String[] words = line.split(" ", 2);
        all.add(new Golden(words[0], HexFormat.of().parseHex(words[1])));
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails where anything is written otherwise than in the file. */
  public static void assertFrozen(String file, List<Golden> now) {
    assertThat(now.stream().map(Golden::line).toList())
        .isEqualTo(of(file, now).stream().map(Golden::line).toList());
  }

  private String line() {
    return name + " " + HexFormat.of().formatHex(bytes) + "\n";
  }
}
