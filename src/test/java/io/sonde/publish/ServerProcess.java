package io.sonde.publish;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A consumer's server in a process of its own, which is stopped or killed and started again. */
public final class ServerProcess implements AutoCloseable {
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private Process process;

  /** A server that is not started yet; its output is appended to the log. */
  public ServerProcess(Path log, Map<String, String> environment, String... command) {
    this.command = List.of(command);
    this.environment = environment;
    this.log = log;
    // A test run that is broken off leaves no servers behind.
    Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
  }

  /** A port that nobody listens at. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether somebody listens at a port. */
  public static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public ServerProcess start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    return this;
  }

  /** Ends it in order, and waits. */
  public void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError("it did not end: " + command);
    }
  }

  /** Waits until it has ended by itself, and well. */
  public void await() {
    Process ended = process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    if (ended.exitValue() != 0) {
      throw new AssertionError("exit code " + ended.exitValue() + ", see " + log);
    }
  }

  /** As {@code kill -9}, children first; waits for its end. */
  public void kill() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  /** Sends a signal such as {@code STOP} or {@code CONT} to it and its children. */
  public void signal(String name) throws IOException, InterruptedException {
    List<String> kill = new ArrayList<>(List.of("kill", "-" + name, "" + process.pid()));
    process.descendants().forEach(child -> kill.add("" + child.pid()));
    new ProcessBuilder(kill).inheritIO().start().waitFor();
  }

  @Override
  public void close() {
    kill();
  }
}
