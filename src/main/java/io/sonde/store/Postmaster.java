package io.sonde.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A running PostgreSQL server of one data directory, whoever started it. A process counts as one
 * only if it is PostgreSQL and works in that very directory: process ids are used again, and a
 * stranger is never signalled.
 *
 * @param pid of the server's first process, the parent of the others
 * @param data its data directory
 */
record Postmaster(long pid, Path data) {
  private static final String PID_FILE = "postmaster.pid";
  private static final Duration ORDERLY = Duration.ofSeconds(60);
  private static final Duration AT_ONCE = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 20;

  /** The server that works in {@code data}, in whatever state it is. */
  static Optional<Postmaster> running(Path data) throws IOException {
    return PidFile.read(data)
        .map(file -> new Postmaster(file.pid(), data))
        .filter(Postmaster::isAlive);
  }

  /**
   * Rewrites a dead server's mark whose process id belongs to somebody else by now: PostgreSQL
   * would take that one for its predecessor and refuse to start. It does not take its own parent,
   * which we are, for one. The mark itself stays, since it tells PostgreSQL where to look for
   * orphans of the dead server that still write. Call it only when none is {@linkplain #running
   * running}.
   */
  static void forgetStranger(Path data) throws IOException {
    Optional<PidFile> file = PidFile.read(data);
    if (file.isPresent() && ProcessHandle.of(file.get().pid()).isPresent()) {
      Path mark = data.resolve(PID_FILE);
      String text = new String(Files.readAllBytes(mark), StandardCharsets.UTF_8);
      DurableFiles.writePrivate(
          mark, text.replaceFirst("\\A\\s*\\d+", Long.toString(ProcessHandle.current().pid())));
    }
  }

  /** The loopback port it listens on, once it takes connections. */
  Optional<Integer> readyPort() throws IOException {
    return PidFile.read(data).filter(f -> f.pid() == pid && f.ready()).map(PidFile::port);
  }

  /** Whether it still runs; a process that has ended but was not waited for does not. */
  boolean isAlive() {
    List<String> words = commandLine(pid);
    return !words.isEmpty()
        && words.get(0).matches("(.*/)?postgres")
        && (isData(Path.of("/proc/" + pid + "/cwd")) || isDataArgument(words));
  }

  /**
   * Ends it as {@code pg_ctl stop -m fast} does: open transactions are rolled back, the rest is
   * written. If that takes longer than a minute it is told to leave at once; it then recovers from
   * its log at the next start, so nothing committed is lost either way.
   */
  void stop() throws IOException, InterruptedException {
    if (isAlive()) {
      signal("INT");
      if (!awaitEnd(ORDERLY)) {
        signal("QUIT");
        if (!awaitEnd(AT_ONCE)) {
          throw new IOException("PostgreSQL, process " + pid + ", does not end");
        }
      }
    }
  }

  private boolean awaitEnd(Duration limit) throws InterruptedException {
    long start = System.nanoTime();
    while (isAlive()) {
      if (System.nanoTime() - start > limit.toNanos()) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  private void signal(String name) throws IOException, InterruptedException {
    // Java knows SIGTERM and SIGKILL only. The shell has kill built in; not every system has
    // /bin/kill.
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private boolean isDataArgument(List<String> words) {
    int at = words.indexOf("-D");
    try {
      return at >= 0 && at + 1 < words.size() && isData(Path.of(words.get(at + 1)));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private boolean isData(Path folder) {
    try {
      return Files.isSameFile(folder, data);
    } catch (IOException e) {
      // No /proc, not ours to look at, or gone.
      return false;
    }
  }

  private static List<String> commandLine(long pid) {
    try {
      byte[] words = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
      return List.of(new String(words, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return ProcessHandle.of(pid).map(p -> words(p.info())).orElse(List.of());
    }
  }

  private static List<String> words(ProcessHandle.Info info) {
    List<String> words = new ArrayList<>();
    info.command().ifPresent(words::add);
    info.arguments().ifPresent(arguments -> words.addAll(List.of(arguments)));
    return words;
  }

  /** What a server writes of itself: a line each, in this order, some of them later than others. */
  private record PidFile(long pid, int port, boolean ready) {
    private static final int PORT_LINE = 3;
    private static final int STATUS_LINE = 7;

    static Optional<PidFile> read(Path data) throws IOException {
      List<String> lines;
      try {
        lines =
            Files.readString(data.resolve(PID_FILE), StandardCharsets.ISO_8859_1).lines().toList();
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
      long pid = number(lines, 0);
      boolean ready = lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
      return pid <= 0
          ? Optional.empty()
          : Optional.of(new PidFile(pid, (int) number(lines, PORT_LINE), ready));
    }

    private static long number(List<String> lines, int line) {
      String text = lines.size() > line ? lines.get(line).strip() : "";
      return text.matches("\\d{1,10}") ? Long.parseLong(text) : 0;
    }
  }
}
