package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class PostgresBinariesTest {
  @TempDir private Path temporary;
  private Path target;
  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

  @BeforeEach
  void createTarget() throws IOException {
    target = Files.createDirectory(temporary.resolve("target"));
  }

  @Test
  void keepsLinksAndTheRightToExecute() throws IOException {
    try (TarArchiveOutputStream tar = tar()) {
      file(tar, "bin/tool", 0755);
      file(tar, "lib/so.1", 0644);
      link(tar, "lib/so", "so.1");
    }

    unpack();

    assertThat(target.resolve("bin/tool")).isExecutable().content().isEqualTo("bin/tool");
    assertThat(Files.getPosixFilePermissions(target.resolve("lib/so.1"))).hasSize(4);
    assertThat(target.resolve("lib/so")).isSymbolicLink().content().isEqualTo("lib/so.1");
  }

  @Test
  void writesNothingOutside() throws IOException {
    try (TarArchiveOutputStream tar = tar()) {
      file(tar, "../outside", 0644);
    }

    assertThatThrownBy(this::unpack).isInstanceOf(IOException.class).hasMessageContaining("outsid");
    assertThat(temporary.resolve("outside")).doesNotExist();
  }

  @Test
  void followsNoLinkOutside() throws IOException {
    try (TarArchiveOutputStream tar = tar()) {
      link(tar, "lib", "../elsewhere");
      file(tar, "lib/outside", 0644);
    }

    assertThatThrownBy(this::unpack).isInstanceOf(IOException.class).hasMessageContaining("link");
    assertThat(temporary.resolve("elsewhere")).doesNotExist();
  }

  private void unpack() throws IOException {
    PostgresBinaries.unpack(new ByteArrayInputStream(archive.toByteArray()), target);
  }

  private TarArchiveOutputStream tar() throws IOException {
    OutputStream xz = new XZOutputStream(archive, new LZMA2Options(0));
    return new TarArchiveOutputStream(xz, StandardCharsets.UTF_8.name());
  }

  /** A file whose content is its name. */
  private static void file(TarArchiveOutputStream tar, String name, int mode) throws IOException {
    byte[] content = name.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setMode(mode);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar, String name, String to) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    entry.setLinkName(to);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }
}
