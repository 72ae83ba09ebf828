package io.sonde.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A network of this test's own: hosts, which are network namespaces, on one bridge, on which the
 * test itself has two addresses, for itself and for a database. Links can be cut, in one direction
 * or both, pulled, and made slow. Needs Linux, the rights of root and {@code ip}; slow links need
 * Python. All of it is gone when this is closed or the JVM ends; what a killed JVM left is removed
 * by the next one.
 */
final class TestNetwork implements AutoCloseable {
  private static final String PREFIX = "sonde-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d+)(-\\d+)?");

  /** Frames that go there are taken by nobody, without a word to the sender. */
  private static final String NOBODY = "02:00:00:00:00:01";

  /**
   * Of the bridge, which would take the least one of its ports else, and so another one whenever
   * ports come and go: then no host reaches the test or the database for some time.
   */
  private static final String OWN = "02:00:00:00:00:02";

  private static final int FIRST_HOST = 11;

  private final long pid = ProcessHandle.current().pid();
  private final String bridge = PREFIX + pid;
  private final String subnet = "10." + (64 + pid / 256 % 128) + "." + pid % 256 + ".";
  private final List<Host> hosts;
  private final List<List<String>> mending = new ArrayList<>();
  private final List<Process> slowLinks = new ArrayList<>();
  private final Thread whenTestsEnd = new Thread(this::remove, "remove-network");

  /** A host with one interface, {@code eth0}. */
  record Host(int number, String namespace, String address) {
    /** What, put before a command, has it run on this host. The process is the command's own. */
    List<String> runner() {
      return List.of("ip", "netns", "exec", namespace);
    }
  }

  /**
   * A link as it is to be.
   *
   * @param delay of every frame, in each direction
   * @param bitsPerSecond 0: as many as can be
   * @param lost the part of the frames that is lost
   */
  record Slow(Duration delay, int bitsPerSecond, double lost) {}

  /** Why there can be no such network here; empty when there can. */
  static Optional<String> refusal() {
    String name = PREFIX + ProcessHandle.current().pid() + "-0";
    try {
      run("ip", "netns", "add", name);
      run("ip", "netns", "del", name);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Makes one with so many hosts. */
  static TestNetwork of(int hosts) throws IOException {
    removeLeft();
    TestNetwork network = new TestNetwork(hosts);
    try {
      network.create();
      return network;
    } catch (IOException e) {
      network.close();
      throw e;
    }
  }

  private TestNetwork(int count) {
    hosts =
        IntStream.range(0, count)
            .mapToObj(i -> new Host(i, PREFIX + pid + "-" + i, subnet + (FIRST_HOST + i)))
            .toList();
    Runtime.getRuntime().addShutdownHook(whenTestsEnd);
  }

  private void create() throws IOException {
    run("ip", "link", "add", bridge, "address", OWN, "type", "bridge");
    run("ip", "addr", "add", address() + "/24", "dev", bridge);
    run("ip", "addr", "add", databaseAddress() + "/24", "dev", bridge);
    run("ip", "link", "set", bridge, "up");
    for (Host host : hosts) {
      String name = host.namespace();
      run("ip", "netns", "add", name);
      run(words("ip link add", port(host), "type veth peer name eth0 netns", name));
      run("ip", "link", "set", port(host), "master", bridge, "up");
      run("ip", "-n", name, "addr", "add", host.address() + "/24", "dev", "eth0");
      run("ip", "-n", name, "link", "set", "eth0", "up");
      run("ip", "-n", name, "link", "set", "lo", "up");
    }
  }

  List<Host> hosts() {
    return hosts;
  }

  /** The test's own address. */
  String address() {
    return subnet + "1";
  }

  /** The address for a database. */
  String databaseAddress() {
    return subnet + "2";
  }

  /** All addresses, as PostgreSQL writes it. */
  String addresses() {
    return subnet + "0/24";
  }

  /** Nothing that a host sends to an address arrives any more. What comes from there does. */
  void cut(Host from, String to) throws IOException {
    String name = from.namespace();
    run(words("ip -n", name, "neigh replace", to, "lladdr", NOBODY, "dev eth0 nud permanent"));
    mending.add(words("ip -n", name, "neigh del", to, "dev eth0"));
  }

  /** Two hosts hear nothing of each other any more. */
  void cut(Host one, Host other) throws IOException {
    cut(one, other.address());
    cut(other, one.address());
  }

  /** Nobody hears anything of a host any more, nor it of anybody. */
  void pull(Host host) throws IOException {
    run("ip", "link", "set", port(host), "down");
    mending.add(words("ip link set", port(host), "up"));
  }

  /** Makes all links of a host slow. */
  void slow(Host host, Slow slow, long seed) throws IOException {
    String near = "s" + pid + "-" + host.number();
    String far = "t" + pid + "-" + host.number();
    run("ip", "link", "add", near, "type", "veth", "peer", "name", far);
    run("ip", "link", "set", near, "up");
    run("ip", "link", "set", far, "master", bridge, "up");
    run("ip", "link", "set", port(host), "nomaster");
    mending.add(words("ip link del", near));
    mending.add(words("ip link set", port(host), "master", bridge));
    slowLinks.add(startSlowLink(port(host), near, slow, seed));
  }

  private static Process startSlowLink(String one, String other, Slow slow, long seed)
      throws IOException {
    Path script = Files.createTempFile("slow-link", ".py");
    Files.copy(
        TestNetwork.class.getResourceAsStream("slow-link.py"),
        script,
        StandardCopyOption.REPLACE_EXISTING);
    Process process =
        new ProcessBuilder(
                "/usr/bin/python3",
                script.toString(),
                one,
                other,
                Double.toString(slow.delay().toMillis() / 1e3),
                Integer.toString(slow.bitsPerSecond()),
                Double.toString(slow.lost()),
                Long.toString(seed))
            .redirectErrorStream(true)
            .start();
    String said = process.inputReader().readLine();
    Files.delete(script);
    if (!"passing".equals(said)) {
      throw new IOException("a slow link cannot be made: " + said);
    }
    return process;
  }

  /** All links are as they were at first. */
  void mend() throws IOException {
    slowLinks.forEach(Process::destroyForcibly);
    slowLinks.clear();
    for (List<String> command : mending) {
      run(command);
    }
    mending.clear();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(whenTestsEnd);
    remove();
  }

  private void remove() {
    slowLinks.forEach(Process::destroyForcibly);
    hosts.forEach(host -> tryTo("ip", "netns", "del", host.namespace()));
    hosts.forEach(host -> tryTo("ip", "link", "del", port(host)));
    tryTo("ip", "link", "del", bridge);
  }

  private String port(Host host) {
    return "p" + pid + "-" + host.number();
  }

  /** Of JVMs that are dead, with the processes that still run there. */
  private static void removeLeft() throws IOException {
    for (String line : run("ip", "netns", "list").lines().toList()) {
      String name = line.replaceFirst(" .*", "");
      if (isLeft(name)) {
        for (String process : run("ip", "netns", "pids", name).lines().toList()) {
          ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
        }
        tryTo("ip", "netns", "del", name);
      }
    }
    for (String line : run(words("ip -o link show type bridge")).lines().toList()) {
      String name = line.replaceFirst("^\\d+: ([^:@]+).*", "$1");
      if (isLeft(name)) {
        tryTo("ip", "link", "del", name);
      }
    }
  }

  private static boolean isLeft(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty();
  }

  private static void tryTo(String... command) {
    try {
      run(command);
    } catch (IOException e) {
      // It is gone already.
    }
  }

  /** Splits at spaces. */
  private static List<String> words(String... parts) {
    return List.of(String.join(" ", parts).split(" "));
  }

  private static String run(String... command) throws IOException {
    return run(List.of(command));
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + said.strip().replace('\n', ' '));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
    return said;
  }
}
