package io.sonde.libvirt;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sonde.server.Wait;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A libvirtd of Debian's as ordinary users have it, with sockets and machines in a folder of its
 * own. It is run by the user nobody where the tests are run by root: root's is the one of the host.
 */
final class TestLibvirtd implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

  private final Path folder;
  private Process daemon;

  TestLibvirtd() throws IOException {
    // Short, since the paths of sockets are; and open to nobody, as folders of tests are not.
    folder = Files.createTempDirectory(Path.of("/tmp"), "libvirtd");
    Files.writeString(folder.resolve("conf"), "auth_unix_ro = \"none\"\nauth_unix_rw = \"none\"\n");
    giveAway(folder);
    // A test run that is broken off leaves no machines behind.
    Runtime.getRuntime().addShutdownHook(new Thread(this::killAll));
    start();
  }

  private static void giveAway(Path file) throws IOException {
    if (IS_ROOT) {
      UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
      Files.setOwner(file, users.lookupPrincipalByName("nobody"));
    }
  }

  void start() throws IOException {
    List<String> command = new ArrayList<>();
    if (IS_ROOT) {
      command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    }
    command.addAll(List.of("/usr/sbin/libvirtd", "-f", path("conf"), "-p", path("libvirtd.pid")));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    for (String variable :
        List.of("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HOME")) {
      builder.environment().put(variable, folder.toString());
    }
    daemon =
        builder
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    Wait.until(SOON, "libvirtd answers, see " + path("log"), () -> run("list").exitValue() == 0);
  }

  /** The URI under which it serves a driver such as qemu or test. */
  String uri(String driver) {
    return driver + "+unix:///session?socket=" + path("libvirt/libvirt-sock");
  }

  /** What virsh prints of the machines of QEMU. */
  String virsh(String... arguments) throws IOException, InterruptedException {
    return virshOf(uri("qemu"), arguments);
  }

  /** What virsh prints. */
  static String virshOf(String uri, String... arguments) throws IOException, InterruptedException {
    Process virsh = start(uri, arguments);
    String printed = new String(virsh.getInputStream().readAllBytes(), UTF_8);
    if (!virsh.waitFor(SOON.toSeconds(), TimeUnit.SECONDS) || virsh.exitValue() != 0) {
      throw new AssertionError(String.join(" ", arguments) + ": " + printed);
    }
    return printed;
  }

  /** The lines {@code name=value} or {@code … name value} that virsh prints. */
  static Map<String, String> pairs(String printed) {
    Map<String, String> pairs = new TreeMap<>();
    for (String line : printed.lines().toList()) {
      String[] words = line.trim().split("[ =]+", -1);
      if (words.length >= 2) {
        pairs.put(words[words.length - 2], words[words.length - 1]);
      }
    }
    return pairs;
  }

  /** Defines a machine of QEMU, which does not run yet; its disk has 1 MiB. */
  void define(String description) throws IOException, InterruptedException {
    Path disk = Files.createTempFile(folder, "disk", ".raw");
    Files.write(disk, new byte[1 << 20]);
    giveAway(disk);
    Path file =
        Files.writeString(
            folder.resolve("description.xml"),
            description.replace(Descriptions.DISK, disk.toString()));
    virsh("define", file.toString());
  }

  /** Sends STOP, CONT or KILL to the daemon; its machines are left alone. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("sh", "-c", "kill -" + name + " " + daemon.pid())
        .inheritIO()
        .start()
        .waitFor();
    if (name.equals("KILL")) {
      daemon.onExit().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    }
  }

  private Process run(String... arguments) throws IOException, InterruptedException {
    Process virsh = start(uri("qemu"), arguments);
    virsh.getInputStream().readAllBytes();
    virsh.waitFor();
    return virsh;
  }

  private static Process start(String uri, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** The machines are no children of the daemon and outlive it. */
  private void killAll() {
    daemon.destroyForcibly();
    if (!Files.isDirectory(folder.resolve("libvirt/qemu/run"))) {
      return;
    }
    try (Stream<Path> files = Files.list(folder.resolve("libvirt/qemu/run"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".pid")).toList()) {
        ProcessHandle.of(Long.parseLong(Files.readString(file).trim()))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() throws IOException {
    killAll();
    daemon.onExit().orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
