package io.sonde.server;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** Signals beyond SIGTERM and SIGKILL, which are all that Java knows. */
final class Signals {
  private Signals() {}

  /** Sends one to processes; those that ended meanwhile do not matter. */
  static void send(String name, List<ProcessHandle> processes) {
    String pids =
        processes.stream().map(p -> Long.toString(p.pid())).collect(Collectors.joining(" "));
    try {
      // The shell has kill built in; not every system has /bin/kill.
      List<String> command = List.of("sh", "-c", "kill -" + name + " " + pids);
      new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
