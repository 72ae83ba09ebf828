package io.sonde.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The servers of one test, or of all tests of a class if it is held in a static field, in a
 * temporary directory. They are ended however the tests end; when one fails, what they logged is
 * printed first.
 */
final class SondeProcesses
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private static final int LOG_LINES = 200;

  private final List<SondeProcess> servers = new ArrayList<>();
  private Path directory;
  private boolean isOfClass;

  /** A directory of this test's own. */
  Path directory() {
    return directory;
  }

  /** Describes a server with a data directory of this name; see {@link SondeProcess#start()}. */
  SondeProcess server(String name, String... options) {
    return serverBy(List.of(), name, options);
  }

  /** As {@link #server}, on another host: run by these words, which stand before its command. */
  SondeProcess serverBy(List<String> runner, String name, String... options) {
    SondeProcess server =
        new SondeProcess(
            directory.resolve(name), directory.resolve(name + ".log"), runner, List.of(options));
    servers.add(server);
    return server;
  }

  /** Ends all of them, for tests that must do so before something else ends. */
  void endServers() {
    servers.forEach(SondeProcess::close);
  }

  /** Different ports that nobody listens on. */
  static List<Integer> freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sockets.forEach(SondeProcesses::closeQuietly);
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    isOfClass = true;
    createDirectory();
  }

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    if (!isOfClass) {
      createDirectory();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    printLogsOfFailed(context);
    if (!isOfClass) {
      endAndDelete();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    printLogsOfFailed(context);
    endAndDelete();
  }

  private void createDirectory() throws IOException {
    directory = Files.createTempDirectory("sonde-it-").toRealPath();
  }

  private void printLogsOfFailed(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      for (SondeProcess server : servers) {
        System.out.println("---- last lines of " + server);
        server.lastLines(LOG_LINES).forEach(System.out::println);
      }
    }
  }

  private void endAndDelete() throws IOException {
    endServers();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void closeQuietly(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
