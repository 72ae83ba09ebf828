package io.sonde.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another JVM that opens a data directory, and holds it until it is closed or killed. */
final class OtherServer implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private OtherServer(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a JVM that takes the lock and nothing else. */
  static OtherServer lock(Path directory) throws IOException {
    return start(directory, "lock");
  }

  /** Starts a JVM that takes the lock and starts the server in it. */
  static OtherServer postgres(Path directory) throws IOException {
    return start(directory, "postgres");
  }

  private static OtherServer start(Path directory, String mode) throws IOException {
    return new OtherServer(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                OtherServer.class.getName(),
                mode,
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Waits for what it has to say: {@code locked}, {@code postgres PID}, or {@code refused: REASON}.
   */
  String answer() throws IOException {
    String line = out.readLine();
    // Logging goes to the same stream.
    while (line != null && !line.matches("(locked|postgres|refused).*")) {
      line = out.readLine();
    }
    return line == null ? "no answer" : line;
  }

  long pid() {
    return process.pid();
  }

  /** Ends it as kill -9 does. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    kill();
  }

  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    try {
      DataDirectory directory = DataDirectory.open(Path.of(args[1]));
      if (args[0].equals("postgres")) {
        out.println("postgres " + EmbeddedPostgres.start(directory).pid());
      } else {
        out.println("locked");
      }
      // Until this side of the pipe is closed or the process killed.
      System.in.read();
      directory.close();
    } catch (StartupException e) {
      out.println("refused: " + e.getMessage());
    }
  }
}
