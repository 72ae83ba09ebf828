package io.sonde.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once from the archive on the class path into {@code
 * bin-<version>}.
 *
 * @param folder holds {@code bin}, {@code lib} and {@code share}
 */
record PostgresBinaries(Path folder) {
  private static final String PREFIX = "bin-";
  private static final String UNFINISHED = "unpacking-";
  private static final Pattern VERSION = Pattern.compile("-(\\d+(?:\\.\\d+)+)\\.jar$");
  private static final int OWNER_MAY_EXECUTE = 0100;

  Path program(String name) {
    return folder.resolve("bin").resolve(name);
  }

  /** Finds the programs under {@code parent}, or unpacks them there. */
  static PostgresBinaries unpackInto(Path parent) throws IOException {
    DurableFiles.deleteStartingWith(parent, UNFINISHED);
    URL archive = archive();
    Path folder = parent.resolve(PREFIX + version(archive));
    if (!Files.isDirectory(folder)) {
      Path unfinished = Files.createTempDirectory(parent, UNFINISHED);
      try (InputStream in = new BufferedInputStream(open(archive).getInputStream(), 1 << 16)) {
        unpack(in, unfinished);
      }
      DurableFiles.move(unfinished, folder);
    }
    return new PostgresBinaries(folder);
  }

  /** Removes other versions; call it once no server runs from them any more. */
  void deleteOthers() throws IOException {
    try (var versions = Files.newDirectoryStream(folder.getParent(), PREFIX + "*")) {
      for (Path version : versions) {
        if (!version.equals(folder)) {
          DurableFiles.deleteQuietly(version);
        }
      }
    }
  }

  private static URL archive() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system = os.startsWith("mac") ? "darwin" : os;
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String processor =
        switch (arch) {
          case "amd64" -> "x86_64";
          case "aarch64" -> "arm_64";
          default -> arch;
        };
    String name = "postgres-" + system + "-" + processor + ".txz";
    URL url = PostgresBinaries.class.getClassLoader().getResource(name);
    if (url == null) {
      throw new StartupException(
          "no PostgreSQL for "
              + os
              + " on "
              + arch
              + " comes with Sonde: set sonde.database.url to a server of your own");
    }
    return url;
  }

  private static String version(URL archive) throws IOException {
    if (open(archive) instanceof JarURLConnection jar) {
      Matcher named = VERSION.matcher(jar.getJarFileURL().getPath());
      if (named.find()) {
        return named.group(1);
      }
    }
    throw new StartupException("cannot tell the version of PostgreSQL from " + archive);
  }

  private static URLConnection open(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    // The cache would keep the jar open for the life of the process.
    connection.setUseCaches(false);
    return connection;
  }

  /**
   * Unpacks files, folders and symbolic links, with the right to execute; nothing outside {@code
   * target}, whatever the archive says.
   */
  static void unpack(InputStream compressed, Path target) throws IOException {
    Set<Path> written = new LinkedHashSet<>();
    try (var tar = new TarArchiveInputStream(new XZInputStream(compressed))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException("the archive points outside of its folder: " + entry.getName());
        }
        unpack(tar, entry, path, written);
      }
    }
    // All at the end: the system has begun to write on its own by then.
    for (Path path : written) {
      DurableFiles.sync(path);
    }
  }

  private static void unpack(
      TarArchiveInputStream tar, TarArchiveEntry entry, Path path, Set<Path> written)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      // PostgreSQL's links are names of neighbours; a longer path could lead out of the target.
      Path link = Path.of(entry.getLinkName());
      if (link.getNameCount() != 1 || link.isAbsolute() || link.startsWith("..")) {
        throw new IOException("the archive holds a link to another folder: " + entry.getName());
      }
      Files.createSymbolicLink(path, link);
    } else if (entry.isFile() && !entry.isLink()) {
      Files.copy(tar, path);
      boolean program = (entry.getMode() & OWNER_MAY_EXECUTE) != 0;
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
      written.add(path);
    } else {
      throw new IOException("unexpected kind of entry in the archive: " + entry.getName());
    }
    written.add(path.getParent());
  }
}
