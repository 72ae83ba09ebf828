package io.sonde.store;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds and starts a command line of one of PostgreSQL's programs. They refuse to run as root;
 * there, they run in a user namespace of their own, in which nobody is root. The files stay root's,
 * and signals from outside reach them.
 */
final class PostgresCommand {
  private static final List<String> NAMESPACE = List.of("unshare", "--user");

  private final List<String> words;

  private PostgresCommand(List<String> words) {
    this.words = words;
  }

  static PostgresCommand of(Path program) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    if (new UnixSystem().getUid() == 0) {
      requireNamespaces();
      words.addAll(NAMESPACE);
    }
    words.add(program.toString());
    return new PostgresCommand(words);
  }

  PostgresCommand with(String... arguments) {
    words.addAll(List.of(arguments));
    return this;
  }

  /**
   * Gives the program a session of its own. A Ctrl-C in the terminal goes to all processes of the
   * session's foreground group, and would end PostgreSQL while Sonde still writes to it. The
   * process keeps its id: both ways replace the program, neither forks.
   */
  PostgresCommand inOwnSession() {
    if (onPath("setsid")) {
      words.add(0, "setsid");
    } else if (onPath("perl")) {
      // macOS has no setsid, but perl.
      words.addAll(0, List.of("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die $!"));
    } else {
      throw new StartupException(
          "the embedded PostgreSQL needs the program setsid (or perl), which is not installed:"
              + " install util-linux or set sonde.database.url to a server of your own");
    }
    return this;
  }

  /** Starts it with its output appended to the log and with none of our PostgreSQL settings. */
  Process start(PostgresLog log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    // The log is read for reasons: in English.
    builder.environment().put("LC_ALL", "C");
    return builder
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()))
        .start();
  }

  private static void requireNamespaces() throws IOException, InterruptedException {
    List<String> probe = new ArrayList<>(NAMESPACE);
    probe.add("true");
    if (!onPath(NAMESPACE.get(0))
        || new ProcessBuilder(probe)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor()
            != 0) {
      throw new StartupException(
          "the embedded PostgreSQL cannot run as root here (no user namespaces): run Sonde as"
              + " another user or set sonde.database.url to a server of your own");
    }
  }

  private static boolean onPath(String program) {
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
