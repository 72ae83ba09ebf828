import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Pushes the metering workload into a fresh server; run it through {@code bench/load}. */
public final class Load {
  static final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  static final AtomicLong acknowledged = new AtomicLong();
  static final AtomicLong sentBytes = new AtomicLong();
  static final AtomicLong resent = new AtomicLong();
  static volatile Exception failure;
  static volatile boolean measuring = true;
  static long deadline;
  static int fromPoll;
  static int toPoll;
  static Path data;
  static long jvm;
  static URI base;

  /** Further nodes, which share the work, and what else of ours runs for them. */
  static final List<Process> others = new ArrayList<>();

  /** All nodes' addresses, the first one's too. */
  static final List<URI> bases = new ArrayList<>();

  static long postgresPeak;

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.putAll(Map.of("polls", "200", "connections", "4", "warm-up", "20"));
    options.putAll(Map.of("resources", "1000", "nodes", "1"));
    options.putAll(Map.of("seed", "20260101", "seconds", "900", "settle", "10"));
    options.putAll(Map.of("verify", "0", "replay", "0"));
    List<String> sets =
        parse(
            args,
            options,
            "usage: bench/load [--polls T] [--connections N] [--resources N] [--nodes N] [--warm-up T] [--seed S] [--seconds MOST] [--settle S] [--verify N] [--replay N] [--set PATH=VALUE]…");
    serve(options, sets, Load::run);
  }

  /**
   * Reads arguments over the options, which are all that there are.
   *
   * @return what is to be set at the server
   */
  static List<String> parse(String[] args, Map<String, String> options, String usage) {
    List<String> sets = new ArrayList<>();
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].replaceFirst("^--", "");
      if (name.equals("set") && i + 1 < args.length) {
        sets.add(args[i + 1]);
        continue;
      }
      if (i + 1 == args.length || !(options.containsKey(name) || name.equals("root"))) {
        System.err.println(usage);
        System.exit(2);
      }
      options.put(name, args[i + 1]);
    }
    return sets;
  }

  /** What is measured of a server. */
  interface Measurement {
    void of(Map<String, String> options, Process server, Path log) throws Exception;
  }

  /** Starts a server on an empty directory, measures, and leaves nothing behind. */
  static void serve(Map<String, String> options, List<String> sets, Measurement measurement)
      throws IOException {
    Path temporary = Files.createTempDirectory("sonde-bench-");
    data = temporary.resolve("data");
    Path log = temporary.resolve("log");
    String sonde = options.get("root") + "/bin/sonde";
    List<String> command =
        new ArrayList<>(
            List.of(
                sonde,
                "server",
                "--set",
                "sonde.data-dir=\"" + data + "\"",
                "--set",
                "sonde.http.port=0",
                "--set",
                "sonde.polling.sources=[]"));
    sets.forEach(set -> command.addAll(List.of("--set", set)));
    int nodes = Integer.parseInt(options.getOrDefault("nodes", "1"));
    Process server = nodes > 1 ? first(sonde, command, nodes, temporary) : start(command, log);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, temporary)));
    try {
      for (int i = 1; i < nodes; i++) {
        bases.add(awaitReady(others.get(i), temporary.resolve("log" + i)));
      }
      measurement.of(options, server, log);
    } catch (Exception e) {
      System.err.println("failed: " + e + "\n" + read(log.toString()));
      System.exit(1);
    }
  }

  /** Starts a PostgreSQL and nodes that share it; the first one's log is called as of one alone. */
  private static Process first(String sonde, List<String> command, int nodes, Path temporary)
      throws IOException {
    String set = "sonde.data-dir=\"" + data + "\"";
    others.add(
        start(List.of(sonde, "database", "--port", "0", "--set", set), temporary.resolve("sql")));
    Path database = data.resolve("database.conf");
    while (!Files.exists(database) && others.get(0).isAlive()) {
      Thread.onSpinWait();
    }
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process server = null;
    for (int i = 0; i < nodes; i++) {
      List<String> one = new ArrayList<>(command);
      one.set(one.indexOf(set), "sonde.data-dir=\"" + temporary.resolve("node" + i) + "\"");
      one.addAll(List.of("--config", database.toString()));
      one.addAll(List.of("--set", "sonde.cluster.port=" + (i == 0 ? port : 0)));
      one.addAll(List.of("--set", "sonde.cluster.seed-nodes=[\"127.0.0.1:" + port + "\"]"));
      Process node = start(one, temporary.resolve(i == 0 ? "log" : "log" + i));
      if (i == 0) {
        server = node;
      } else {
        others.add(node);
      }
    }
    return server;
  }

  private static Process start(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** The processes that are ours to count, apart from PostgreSQL. */
  static List<Long> jvms() {
    return Stream.concat(Stream.of(jvm), others.stream().map(Process::pid)).toList();
  }

  static void run(Map<String, String> options, Process server, Path log) throws Exception {
    base = awaitReady(server, log);
    bases.add(0, base);
    jvm = server.pid();
    int count = Integer.parseInt(options.get("connections"));
    Connection.resources = Integer.parseInt(options.get("resources"));
    int warmUp = Integer.parseInt(options.get("warm-up"));
    int polls = Integer.parseInt(options.get("polls"));
    deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.parseLong(options.get("seconds")));
    List<Connection> connections = connections(count, Long.parseLong(options.get("seed")));
    Thread watch = new Thread(Load::watchMemory);
    watch.setDaemon(true);
    watch.start();
    push(connections, 0, warmUp);
    connections.forEach(c -> c.latencies.clear());
    long warm = acknowledged.get();
    long warmBytes = sentBytes.get();
    Usage before = Usage.now();
    long begin = System.nanoTime();
    push(connections, warmUp, warmUp + polls);
    double seconds = (System.nanoTime() - begin) / 1e9;
    Usage after = Usage.now();
    // What the server put off is part of the price.
    TimeUnit.SECONDS.sleep(Long.parseLong(options.get("settle")));
    Usage settled = Usage.now();
    measuring = false;
    long samples = acknowledged.get() - warm;
    double millions = samples / 1e6;
    long[] latencies =
        connections.stream()
            .flatMap(c -> c.latencies.stream())
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    print(
        "%d samples (%.0f bytes each) in %.1f s over %d connections after %d to warm up: %.0f samples/s, %d requests resent%n",
        samples,
        (sentBytes.get() - warmBytes) / (double) samples,
        seconds,
        count,
        warm,
        samples / seconds,
        resent.get());
    print(
        "requests of %d: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms%n",
        Connection.PER_REQUEST,
        percentile(latencies, 50),
        percentile(latencies, 95),
        percentile(latencies, 99));
    print(
        "CPU-seconds per million samples: server %.2f, PostgreSQL %.2f, client %.2f%n",
        (after.server() - before.server()) / millions,
        (after.postgres() - before.postgres()) / millions,
        (after.client() - before.client()) / millions);
    print(
        "  with the %s s that followed:   server %.2f, PostgreSQL %.2f%n",
        options.get("settle"),
        (settled.server() - before.server()) / millions,
        (settled.postgres() - before.postgres()) / millions);
    print(
        "peak memory: server %d MB, PostgreSQL %d MB (shared pages once), client %d MB%n",
        Usage.kilobytes(jvms(), "status", "VmHWM") / 1024,
        postgresPeak / 1024,
        Usage.kilobytes(List.of(ProcessHandle.current().pid()), "status", "VmHWM") / 1024);
    printSizes(acknowledged.get());
    long stored = stored();
    print("stored by statistics: %d of %d acknowledged%n", stored, acknowledged.get());
    if (stored != acknowledged.get()) {
      System.exit(1);
    }
    for (int i = Integer.parseInt(options.get("verify")); i > 0; i--) {
      audit(options.get("root"), "verify");
    }
    for (int i = Integer.parseInt(options.get("replay")); i > 0; i--) {
      replay(options.get("root"), "replay" + i);
    }
  }

  /** Beside the server, as an operator would. */
  private static void audit(String root, String... what) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(root + "/bin/sonde", "audit"));
    command.addAll(List.of(what));
    command.addAll(List.of("--set", "sonde.data-dir=\"" + data + "\""));
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      System.exit(1);
    }
  }

  /** Into a new database of the same PostgreSQL, so that its CPU seconds are of both sides. */
  private static void replay(String root, String name) throws Exception {
    try (java.sql.Connection connection = database();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
      String url =
          connection.getMetaData().getURL().replaceFirst("/sonde$", "/" + name)
              + "?user=sonde&password="
              + Files.readString(postgres("password")).strip();
      Usage before = Usage.now();
      double ended = Usage.ended();
      audit(root, "replay", "--into", url);
      print(
          "CPU-seconds of the replay: command %.2f, PostgreSQL %.2f%n",
          Usage.ended() - ended, Usage.now().postgres() - before.postgres());
      statement.execute("DROP DATABASE " + name);
    }
  }

  /** Each with its share of the resources. */
  static List<Connection> connections(int count, long seed) {
    List<Connection> connections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      connections.add(
          new Connection(
              bases.isEmpty() ? base : bases.get(i % bases.size()),
              Connection.resources * i / count,
              Connection.resources * (i + 1) / count,
              seed + i));
    }
    return connections;
  }

  static void push(List<Connection> connections, int from, int to) throws Exception {
    fromPoll = from;
    toPoll = to;
    List<Thread> threads = connections.stream().map(Thread::new).toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure != null) {
      throw failure;
    }
  }

  static URI awaitReady(Process server, Path log) throws Exception {
    // bin/sonde may have to build first.
    for (long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        System.nanoTime() < end && server.isAlive();
        TimeUnit.MILLISECONDS.sleep(50)) {
      Matcher ready =
          Pattern.compile("\\bready\\b.*?(http://\\S+:\\d+).*\\n").matcher(read(log.toString()));
      if (ready.find()) {
        return URI.create(ready.group(1) + "/");
      }
    }
    throw new IOException("the server does not become ready");
  }

  static long stored() throws Exception {
    long count = 0;
    for (String meter : Connection.METERS) {
      HttpRequest request =
          HttpRequest.newBuilder(base.resolve("v2/meters/" + meter + "/statistics")).build();
      Matcher row =
          Pattern.compile("\"count\"\\s*:\\s*(\\d+)")
              .matcher(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
      while (row.find()) {
        count += Long.parseLong(row.group(1));
      }
    }
    return count;
  }

  /**
   * The largest tables; all of them together, with indexes and TOAST, are what the samples cost.
   */
  static void printSizes(long samples) {
    String query =
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'm')"
            + " AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')"
            + " ORDER BY 2 DESC LIMIT 6";
    try (java.sql.Connection connection = database();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      while (rows.next()) {
        print(
            "table %-28s %10d bytes, %6.2f a sample%n",
            rows.getString(1), rows.getLong(2), rows.getLong(2) / (double) samples);
      }
    } catch (IOException | java.sql.SQLException e) {
      print("no sizes on disk: %s%n", e.getMessage());
    }
  }

  private static java.sql.Connection database() throws IOException, java.sql.SQLException {
    String port = Files.readAllLines(postgres("data/postmaster.pid")).get(3).strip();
    return java.sql.DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/sonde",
        "sonde",
        Files.readString(postgres("password")).strip());
  }

  static void watchMemory() {
    while (measuring) {
      postgresPeak =
          Math.max(postgresPeak, Usage.kilobytes(Usage.tree(postmaster()), "smaps_rollup", "Pss"));
      try {
        TimeUnit.SECONDS.sleep(1);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  static long postmaster() {
    String pid = read(postgres("data/postmaster.pid").toString()).lines().findFirst().orElse("");
    return pid.isBlank() ? -1 : Long.parseLong(pid.strip());
  }

  static Path postgres(String name) {
    return data.resolve("postgresql").resolve(name);
  }

  static double percentile(long[] sorted, int percent) {
    return sorted.length == 0
        ? 0
        : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }

  static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      return "";
    }
  }

  static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }

  static void stop(Process server, Path temporary) {
    try {
      List<Process> all = new ArrayList<>(others);
      // The database, where it is a process of its own, last.
      all.add(server);
      for (int i = all.size() - 1; i >= 0; i--) {
        all.get(i).destroy();
        if (!all.get(i).waitFor(60, TimeUnit.SECONDS)) {
          all.get(i).destroyForcibly().waitFor();
          System.err.println("a server had to be killed");
        }
      }
      // A server that crashed leaves its PostgreSQL; the number in the file may be anybody's by
      // now.
      ProcessHandle.of(postmaster())
          .filter(p -> p.info().commandLine().orElse("").contains(data.toString()))
          .ifPresent(
              p -> p.onExit().completeOnTimeout(p, p.destroy() ? 10 : 0, TimeUnit.SECONDS).join());
      try (Stream<Path> files = Files.walk(temporary)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("left behind: " + temporary + " (" + e + ")");
    }
  }
}
