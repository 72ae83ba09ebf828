package io.sonde.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Sonde server in a process of its own, as {@code bin/sonde server} would start it with these
 * options.
 */
final class SondeProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofMinutes(2);
  private static final Duration STOPPED = Duration.ofSeconds(30);
  private static final Pattern READY_LINE = Pattern.compile("(?m)^.*\\bready\\b.*$");
  private static final Pattern ADDRESS = Pattern.compile("http://[\\w.\\[\\]:-]+:\\d+");

  private final Path dataDirectory;
  private final Path log;
  private final List<String> options;
  private final List<String> runner;
  private final Thread whenTestsEnd = new Thread(this::endEverything, "end-sonde");
  private Process process;
  private URI base;
  private long logStart;

  /**
   * Describes a server; nothing runs yet.
   *
   * @param dataDirectory where it keeps its data
   * @param log where its output is gathered, over all its starts
   * @param runner words before the command line, of what runs it and becomes its process
   * @param options command line options after the data directory, e.g. {@code --set}
   */
  SondeProcess(Path dataDirectory, Path log, List<String> runner, List<String> options) {
    this.dataDirectory = dataDirectory;
    this.log = log;
    this.runner = List.copyOf(runner);
    this.options = List.copyOf(options);
    // A test run that is broken off leaves no servers behind.
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
  }

  /** Starts the process and returns at once. */
  SondeProcess launch() {
    try {
      Files.createDirectories(dataDirectory);
      logStart = Files.exists(log) ? Files.size(log) : 0;
      process =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    base = null;
    return this;
  }

  /** Waits until the server says that it is ready, and where. */
  SondeProcess awaitReady() {
    Wait.until(
        READY,
        "a log line with the word ready of " + this,
        () -> readyLine().isPresent() || !process.isAlive());
    String line =
        readyLine()
            .orElseThrow(() -> new AssertionError(this + " ended with " + process.exitValue()));
    Matcher address = ADDRESS.matcher(line);
    if (!address.find()) {
      throw new AssertionError("the first ready line names no address: " + line);
    }
    base = URI.create(address.group() + "/");
    return this;
  }

  /** Starts and waits until it is ready. */
  SondeProcess start() {
    return launch().awaitReady();
  }

  /** Where it listens. */
  URI base() {
    return base;
  }

  /** Kills the JVM at once; its PostgreSQL may go on. */
  void kill9() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Kills the JVM and its PostgreSQL at once, as the end of a container or of the machine does. */
  void kill9WithPostgres() {
    List<ProcessHandle> doomed = new ArrayList<>();
    LeftPostgres.of(dataDirectory).ifPresent(p -> doomed.addAll(LeftPostgres.family(p)));
    process.destroyForcibly();
    doomed.forEach(ProcessHandle::destroyForcibly);
    awaitEnd();
    Wait.until(
        STOPPED,
        "the end of the killed PostgreSQL",
        () -> doomed.stream().noneMatch(ProcessHandle::isAlive));
  }

  /**
   * Kills the first process of its PostgreSQL at once and nothing else; the server must see to the
   * rest.
   */
  void kill9Postmaster() {
    ProcessHandle postmaster = LeftPostgres.of(dataDirectory).orElseThrow();
    postmaster.destroyForcibly();
    Wait.until(STOPPED, "the end of the killed postmaster", () -> !postmaster.isAlive());
  }

  /** Sends a signal by its name, as {@code STOP}. */
  void signal(String name) {
    Signals.send(name, List.of(process.toHandle()));
  }

  /** Waits until it ends by itself and returns its exit code. */
  int awaitExit() {
    awaitEnd();
    return process.exitValue();
  }

  /** Whether the process runs. */
  boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Asks it to end (SIGTERM) and returns its exit code. */
  int terminate() {
    process.destroy();
    awaitEnd();
    return process.exitValue();
  }

  /** Whether its embedded PostgreSQL runs. */
  boolean postgresRuns() {
    return LeftPostgres.of(dataDirectory).isPresent();
  }

  /** Whether its embedded PostgreSQL says that it takes connections. */
  boolean isPostgresReady() {
    return LeftPostgres.isReady(dataDirectory);
  }

  /** The tables of its embedded PostgreSQL, which must run. */
  StoredRows rows() {
    return StoredRows.of(dataDirectory);
  }

  /** What it printed since its last start. */
  String output() {
    try {
      byte[] all = Files.readAllBytes(log);
      int from = (int) Math.min(logStart, all.length);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  /** The last lines of its output over all starts. */
  List<String> lastLines(int count) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of("(no log: " + e + ")");
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
    endEverything();
    process = null;
  }

  @Override
  public String toString() {
    return "server " + dataDirectory.getFileName();
  }

  private Optional<String> readyLine() {
    Matcher line = READY_LINE.matcher(output());
    // A line that is still being written may lack its address.
    return line.find() && !line.hitEnd() ? Optional.of(line.group()) : Optional.empty();
  }

  private List<String> command() {
    List<String> arguments = new ArrayList<>(List.of("server"));
    arguments.addAll(options);
    arguments.addAll(List.of("--set", "sonde.data-dir=\"" + dataDirectory + "\""));
    List<String> command = new ArrayList<>(runner);
    command.addAll(command(arguments));
    return command;
  }

  /** What runs {@code sonde} with these arguments. */
  static List<String> command(List<String> arguments) {
    Path root = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    Path classes = root.resolve("target/classes");
    Path libraries = root.resolve("target/lib");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx384m");
    command.add("-cp");
    command.add(classes + File.pathSeparator + libraries + File.separator + "*");
    command.add("io.sonde.server.Main");
    command.addAll(arguments);
    return command;
  }

  private void awaitEnd() {
    Wait.until(STOPPED, "the end of " + this, () -> !process.isAlive());
  }

  private void endEverything() {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor(STOPPED.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    LeftPostgres.end(dataDirectory);
  }
}
