package io.sonde.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * The files of one PostgreSQL server: its data (what PostgreSQL calls a cluster), the password of
 * its superuser, its log.
 *
 * @param home holds all of it; only the owner may enter
 */
record PostgresCluster(Path home) {
  static final String USER = "sonde";
  private static final String UNFINISHED = "initdb-";

  /** initdb hands its own path to a shell, in double quotes. */
  private static final Pattern SPECIAL = Pattern.compile("[\"$`\\\\\n]");

  /** Makes the folder where it is missing; the data comes with {@link #initialize}. */
  static PostgresCluster in(Path directory) throws IOException {
    if (SPECIAL.matcher(directory.toString()).find()) {
      throw new StartupException(
          "PostgreSQL cannot work in "
              + directory
              + ": the path must not hold any of the characters \" $ ` \\");
    }
    Path home = home(directory);
    if (!Files.isDirectory(home)) {
      Files.createDirectory(
          home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      DurableFiles.sync(directory);
    }
    return new PostgresCluster(home);
  }

  /** Where it is within a data directory. */
  static Path home(Path directory) {
    return directory.resolve("postgresql");
  }

  Path data() {
    return home.resolve("data");
  }

  PostgresLog log() {
    return new PostgresLog(home.resolve("postgresql.log"));
  }

  String password() throws IOException {
    return Files.readString(passwordFile()).strip();
  }

  /**
   * Creates the data where there is none. It is made under another name and renamed when it is
   * finished and on the disk, so there is a whole cluster or none, whenever the process is killed.
   */
  void initialize(PostgresBinaries binaries) throws IOException, InterruptedException {
    DurableFiles.deleteStartingWith(home, UNFINISHED);
    if (Files.isDirectory(data())) {
      if (!Files.isRegularFile(passwordFile())) {
        throw new StartupException(
            passwordFile() + " is missing: without it nobody can enter " + data());
      }
      return;
    }
    if (!Files.isRegularFile(passwordFile())) {
      byte[] secret = new byte[32];
      new SecureRandom().nextBytes(secret);
      DurableFiles.writePrivate(
          passwordFile(), Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
    }
    Path unfinished = Files.createTempDirectory(home, UNFINISHED);
    long before = log().size();
    int code =
        PostgresCommand.of(binaries.program("initdb"))
            .with("--pgdata=" + unfinished)
            .with("--username=" + USER)
            .with("--pwfile=" + passwordFile())
            .with("--auth=scram-sha-256")
            .with("--encoding=UTF8")
            .with("--no-locale")
            .with("--data-checksums")
            .with("--no-instructions")
            .start(log())
            .waitFor();
    if (code != 0) {
      throw new StartupException(
          "the embedded PostgreSQL cannot be set up: " + log().reasonSince(before));
    }
    DurableFiles.move(unfinished, data());
  }

  /**
   * Writes the settings, all of them, for the server that is about to start.
   *
   * @param port on the loopback interface
   */
  void configure(int port) throws IOException {
    DurableFiles.writePrivate(data().resolve("postgresql.conf"), SETTINGS.formatted(port));
  }

  private Path passwordFile() {
    return home.resolve("password");
  }

  private static final String SETTINGS =
      """
      # Written by Sonde at each start; what is changed here is lost.
      # To tune, use ALTER SYSTEM SET, which PostgreSQL keeps in postgresql.auto.conf.

      listen_addresses = '127.0.0.1'
      port = %d
      unix_socket_directories = ''
      password_encryption = 'scram-sha-256'

      # An acknowledged sample is on the disk: never turn one of these off.
      fsync = on
      synchronous_commit = on
      full_page_writes = on

      max_connections = 60
      shared_buffers = 128MB
      huge_pages = off
      dynamic_shared_memory_type = posix
      max_wal_size = 1GB
      wal_compression = on
      autovacuum = on
      # The statements are short: compiling one costs more than running it.
      jit = off

      # Rotated by size at start: a line for every checkpoint would outgrow that.
      log_checkpoints = off
      log_line_prefix = '%%m [%%p] '
      log_timezone = 'UTC'
      timezone = 'UTC'
      datestyle = 'iso, ymd'
      lc_messages = 'C'
      lc_monetary = 'C'
      lc_numeric = 'C'
      lc_time = 'C'
      default_text_search_config = 'pg_catalog.simple'
      """;
}
