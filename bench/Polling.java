import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Exporters, as many as wanted, in this process, and a server that polls them: see README.md. How
 * punctual it is is seen from here: the time between two polls of an exporter should be the
 * interval.
 */
public final class Polling {
  private static final int NANOS_A_MILLI = 1_000_000;

  private static int targets;
  private static int instances;
  private static final AtomicLong pages = new AtomicLong();
  private static int hanging;
  private static int port;
  private static long interval;
  private static volatile boolean isMeasured;

  /** By target: when it was polled last, in nanoseconds. */
  private static long[] last;

  private static final AtomicLong polls = new AtomicLong();
  private static final AtomicLong onTime = new AtomicLong();

  /** How many gaps differed from the interval by so many milliseconds, the last by more. */
  private static final long[] deviations = new long[10_001];

  private Polling() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.putAll(Map.of("targets", "100000", "interval", "60", "hang", "0"));
    options.putAll(Map.of("warm-up", "2", "rounds", "3", "instances", "0"));
    List<String> sets =
        Load.parse(
            args,
            options,
            "usage: bench/polling [--targets N] [--interval SECONDS] [--hang N | --instances N] [--warm-up ROUNDS] [--rounds N] [--set PATH=VALUE]…");
    targets = Integer.parseInt(options.get("targets"));
    hanging = Integer.parseInt(options.get("hang"));
    interval = TimeUnit.SECONDS.toNanos(Long.parseLong(options.get("interval")));
    last = new long[targets];
    ServerSocket socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    port = socket.getLocalPort();
    Thread accepting = new Thread(() -> accept(socket));
    accepting.setDaemon(true);
    accepting.start();
    instances = Integer.parseInt(options.get("instances"));
    String here = "http://127.0.0.1:" + port;
    String discovery = instances > 0 ? "nova" : "\"http-sd:" + here + "/sd\"";
    sets.add(
        "sonde.polling.sources=[{name=bench,interval="
            + options.get("interval")
            + "s,discovery="
            + discovery
            + (instances > 0 ? ",timeout=30s" : "")
            + "}]");
    sets.add(
        "sonde.polling.pollsters.openstack.cloud={auth-url=\""
            + here
            + "/v3\",username=u,password=p,project=p}");
    Load.serve(options, sets, instances > 0 ? Polling::measureListing : Polling::measure);
  }

  /** One listing of all instances a round, read along for all of them. */
  private static void measureListing(Map<String, String> options, Process server, Path log)
      throws Exception {
    URI base = Load.awaitReady(server, log);
    Load.jvm = server.pid();
    TimeUnit.NANOSECONDS.sleep(Integer.parseInt(options.get("warm-up")) * interval);
    Map<String, Double> before = outcomes(base);
    long pagesBefore = pages.get();
    Usage begin = Usage.now();
    int rounds = Integer.parseInt(options.get("rounds"));
    TimeUnit.NANOSECONDS.sleep(rounds * interval);
    Usage end = Usage.now();
    Map<String, Double> after = outcomes(base);
    double ok = after.getOrDefault("ok", 0.0) - before.getOrDefault("ok", 0.0);
    Load.print(
        "%d instances every %s s, %d rounds: %d pages asked for, %.0f resources read and stored of %d%n",
        instances,
        options.get("interval"),
        rounds,
        pages.get() - pagesBefore,
        ok,
        (long) instances * rounds);
    String source =
        Load.http
            .send(
                HttpRequest.newBuilder(base.resolve("v2/polling/bench")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    Matcher duration =
        Pattern.compile("\"discoveries\".*?\"duration\"\\s*:\\s*([0-9.]+)").matcher(source);
    if (ok == 0) {
      throw new IOException("nothing was read: " + source);
    }
    Load.print(
        "the listing took %s s; CPU-seconds a round: server %.2f, PostgreSQL %.2f; heap %d MB%n",
        duration.find() ? duration.group(1) : "?",
        (end.server() - begin.server()) / rounds,
        (end.postgres() - begin.postgres()) / rounds,
        Usage.liveHeap() >> 20);
  }

  private static void measure(Map<String, String> options, Process server, Path log)
      throws Exception {
    URI base = Load.awaitReady(server, log);
    Load.jvm = server.pid();
    int warmUp = Integer.parseInt(options.get("warm-up"));
    int rounds = Integer.parseInt(options.get("rounds"));
    TimeUnit.NANOSECONDS.sleep(warmUp * interval);
    Map<String, Double> before = outcomes(base);
    Usage begin = Usage.now();
    isMeasured = true;
    TimeUnit.NANOSECONDS.sleep(rounds * interval);
    isMeasured = false;
    Usage end = Usage.now();
    Map<String, Double> after = outcomes(base);
    long measured = polls.get();
    long expected = (long) (targets - hanging) * rounds;
    Load.print(
        "%d targets every %s s, %d of them hanging, %d rounds: %d polls of those that answer, %.3f %% of %d expected%n",
        targets,
        options.get("interval"),
        hanging,
        rounds,
        measured,
        100.0 * measured / expected,
        expected);
    Load.print(
        "on time (within a second): %.3f %%; off by p50 %d ms, p99 %d ms, p99.9 %d ms%n",
        100.0 * onTime.get() / Math.max(1, measured),
        deviation(0.5),
        deviation(0.99),
        deviation(0.999));
    for (String outcome : List.of("ok", "failed", "skipped", "unstored")) {
      Load.print(
          "  %-8s %.0f%n",
          outcome, after.getOrDefault(outcome, 0.0) - before.getOrDefault(outcome, 0.0));
    }
    double cpu = end.server() - begin.server();
    double postgres = end.postgres() - begin.postgres();
    double seconds = rounds * interval / 1e9;
    Load.print(
        "CPU: server %.2f of a core, PostgreSQL %.2f; %.0f and %.0f CPU-seconds per million polls%n",
        cpu / seconds,
        postgres / seconds,
        cpu * 1e6 / Math.max(1, measured),
        postgres * 1e6 / Math.max(1, measured));
    Load.print(
        "memory: server %d MB at most; heap after a collection %d MB%n",
        Usage.kilobytes(List.of(Load.jvm), "status", "VmHWM") / 1024, Usage.liveHeap() >> 20);
  }

  /** How the server says that polls ended. */
  private static Map<String, Double> outcomes(URI base) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(base.resolve("metrics")).build();
    String text = Load.http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    Map<String, Double> outcomes = new HashMap<>();
    Matcher line =
        Pattern.compile("sonde_poll_outcomes_total\\{outcome=\"(\\w+)\",source=\"bench\"} (\\S+)")
            .matcher(text);
    while (line.find()) {
      outcomes.put(line.group(1), Double.parseDouble(line.group(2)));
    }
    return outcomes;
  }

  private static long deviation(double share) {
    synchronized (deviations) {
      long all = Arrays.stream(deviations).sum();
      long seen = 0;
      for (int millis = 0; millis < deviations.length; millis++) {
        seen += deviations[millis];
        if (seen >= all * share) {
          return millis;
        }
      }
      return -1;
    }
  }

  private static void polled(int target) {
    long now = System.nanoTime();
    long before = last[target];
    last[target] = now;
    if (isMeasured) {
      polls.incrementAndGet();
      long off = before == 0 ? Long.MAX_VALUE : Math.abs(now - before - interval) / NANOS_A_MILLI;
      if (off <= 1000) {
        onTime.incrementAndGet();
      }
      synchronized (deviations) {
        deviations[(int) Math.min(off, deviations.length - 1)]++;
      }
    }
  }

  private static void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket connection = socket.accept();
        connection.setTcpNoDelay(true);
        Thread thread = new Thread(null, () -> serve(connection), "exporter", 128 << 10);
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      System.err.println("no more connections: " + e);
    }
  }

  /** As much of HTTP/1.1 as a poller needs. */
  private static void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1024);
      OutputStream out = connection.getOutputStream();
      for (String line = line(in); line != null; line = line(in)) {
        String path = line.split(" ", 3)[1];
        int length = 0;
        while (!line.isEmpty()) {
          length =
              line.toLowerCase(Locale.ROOT).startsWith("content-length:")
                  ? Integer.parseInt(line.substring(15).strip())
                  : length;
          line = line(in);
        }
        in.readNBytes(length);
        byte[] body;
        String head = "HTTP/1.1 200 OK\r\n";
        if (path.equals("/sd")) {
          body = list().getBytes(StandardCharsets.UTF_8);
        } else if (path.startsWith("/v3/auth/tokens")) {
          head = "HTTP/1.1 201 Created\r\nX-Subject-Token: t\r\n";
          body = token().getBytes(StandardCharsets.UTF_8);
        } else if (path.startsWith("/compute/")) {
          body = servers(path).getBytes(StandardCharsets.UTF_8);
        } else {
          int target = Integer.parseInt(path.substring(3));
          if (target < hanging) {
            // Until the poller hangs up.
            in.read();
            return;
          }
          polled(target);
          body = ("# TYPE reads gauge\nreads " + target + "\n").getBytes(StandardCharsets.UTF_8);
        }
        head += "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.UTF_8));
        out.write(body);
      }
    } catch (IOException e) {
      // The poller hung up.
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static String list() {
    StringBuilder groups = new StringBuilder("[");
    for (int i = 0; i < targets; i++) {
      groups
          .append(i == 0 ? "" : ",")
          .append("{\"targets\":[\"127.0.0.1:")
          .append(port)
          .append("\"],\"labels\":{\"__metrics_path__\":\"/t/")
          .append(i)
          .append("\"}}");
    }
    return groups.append(']').toString();
  }

  /** What Keystone answers. */
  private static String token() {
    return """
        {"token": {"issued_at": "2026-01-01T00:00:00.000000Z",
         "expires_at": "2099-01-01T00:00:00.000000Z", "catalog": [{"type": "compute",
         "name": "nova", "endpoints": [{"interface": "public", "region": "R", "region_id": "R",
         "url": "http://127.0.0.1:%d/compute/v2.1"}]}]}}
        """
        .formatted(port);
  }

  /** A page of what Nova answers. */
  private static String servers(String path) {
    pages.incrementAndGet();
    Matcher marker = Pattern.compile("[?&]marker=0*(\\d+)").matcher(path);
    Matcher limit = Pattern.compile("[?&]limit=(\\d+)").matcher(path);
    int from = marker.find() ? Integer.parseInt(marker.group(1)) + 1 : 0;
    int most = limit.find() ? Integer.parseInt(limit.group(1)) : 1000;
    int to = Math.min(instances, from + most);
    StringBuilder page = new StringBuilder("{\"servers\": [");
    for (int i = from; i < to; i++) {
      page.append(i == from ? "" : ",").append(server(i));
    }
    page.append(']');
    if (to < instances) {
      page.append(
          ", \"servers_links\": [{\"rel\": \"next\", \"href\": \"http://127.0.0.1:%d/compute/v2.1/servers/detail?all_tenants=True&limit=%d&marker=%036d\"}]"
              .formatted(port, most, to - 1));
    }
    return page.append('}').toString();
  }

  private static String server(int number) {
    return """
        {"id": "%1$036d", "name": "vm-%1$d", "status": "ACTIVE", "tenant_id": "project-%2$d",
         "user_id": "user-%2$d", "metadata": {"metering.role": "web"}, "hostId": "%3$056x",
         "image": {"id": "%3$036d", "links": []}, "flavor": {"vcpus": 2, "ram": 4096, "disk": 40,
         "ephemeral": 0, "swap": 0, "original_name": "m1.medium", "extra_specs": {}},
         "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:10Z", "addresses": {},
         "accessIPv4": "", "accessIPv6": "", "links": [], "OS-DCF:diskConfig": "AUTO",
         "progress": 0, "OS-EXT-AZ:availability_zone": "zone-1", "config_drive": "",
         "key_name": null, "OS-SRV-USG:launched_at": "2026-01-01T00:00:10.000000",
         "OS-SRV-USG:terminated_at": null, "OS-EXT-SRV-ATTR:host": "compute-%3$d",
         "OS-EXT-SRV-ATTR:instance_name": "instance-%1$08x",
         "OS-EXT-SRV-ATTR:hypervisor_hostname": "compute-%3$d", "OS-EXT-STS:task_state": null,
         "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:power_state": 1, "security_groups": [],
         "os-extended-volumes:volumes_attached": [], "locked": false, "description": null,
         "tags": [], "host_status": "UP", "OS-EXT-SRV-ATTR:reservation_id": "r-%1$d"}"""
        .formatted(number, number % 50, number % 200);
  }
}
