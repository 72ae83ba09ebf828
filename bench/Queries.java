import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Questions about the metering workload, and a listing of very many samples: see README.md. */
public final class Queries {
  private static final int CONNECTIONS = 4;
  private static final long BYTES_A_MEASUREMENT = 20_000_000;
  private static final Pattern COUNTS = Pattern.compile("\"count\"\\s*:\\s*(\\d+)");
  private static final Pattern USED_SAMPLES = Pattern.compile("\"samples\"\\s*:\\s*(\\d+)");

  /** Each sample of a listing has it once. */
  private static final String KEY = "\"recorded_at\"";

  /** Asks one question at a time, so over one connection. */
  private static final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Queries() {}

  /**
   * A question, and what is known of its answer.
   *
   * @param counts finds numbers that add up to the expected one; without a group each match is 1
   */
  private record Question(String name, String path, Pattern counts, long expected) {
    /** The same question about what had been recorded by a second since 1970. */
    Question asOf(String when, long second, long then) {
      return new Question(
          "   as of " + when, path + "&as_of=" + Instant.ofEpochSecond(second), counts, then);
    }
  }

  /** The current second since 1970, when nothing can be recorded in it any more. */
  private static long secondThatIsOver() throws InterruptedException {
    long second = Instant.now().getEpochSecond();
    TimeUnit.SECONDS.sleep(2);
    return second;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.putAll(Map.of("resources", "1000", "polls", "216", "interval", "20"));
    options.putAll(Map.of("repeats", "50", "warm-up", "10", "samples", "1000000"));
    options.putAll(Map.of("seed", "20260101", "seconds", "900", "settle", "10"));
    List<String> sets =
        Load.parse(
            args,
            options,
            "usage: bench/queries [--resources N] [--polls T] [--interval MINUTES] [--repeats N] [--warm-up N] [--samples N] [--seed S] [--seconds MOST] [--settle S] [--set PATH=VALUE]…");
    Load.serve(options, sets, Queries::measure);
  }

  private static void measure(Map<String, String> options, Process server, Path log)
      throws Exception {
    Load.base = Load.awaitReady(server, log);
    Load.jvm = server.pid();
    long most = Long.parseLong(options.get("seconds"));
    Load.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(most);
    CompletableFuture.delayedExecutor(most, TimeUnit.SECONDS)
        .execute(
            () -> {
              System.err.println("failed: not over after " + most + " s");
              System.exit(1);
            });
    Connection.resources = Integer.parseInt(options.get("resources"));
    Connection.interval = Integer.parseInt(options.get("interval"));
    int polls = Integer.parseInt(options.get("polls"));
    long pushed = (long) Connection.resources * Connection.METERS.length * polls;
    long begin = System.nanoTime();
    List<Connection> connections =
        Load.connections(CONNECTIONS, Long.parseLong(options.get("seed")));
    Load.push(connections, 0, polls / 2);
    long halfway = secondThatIsOver();
    Load.push(connections, polls / 2, polls);
    Load.print(
        "%d samples of %d resources, %.1f days, pushed in %.1f s%n",
        pushed,
        Connection.resources,
        polls * Connection.interval / (24 * 60.0),
        (System.nanoTime() - begin) / 1e9);
    // What the server put off is no part of the answers.
    TimeUnit.SECONDS.sleep(Long.parseLong(options.get("settle")));
    expect("samples stored", pushed, Load.stored());
    long end = secondThatIsOver();
    List<Question> questions = questions(polls);
    List<Question> then = questions(polls / 2);
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      ask(
          List.of(
              question,
              question.asOf("the end", end, question.expected()),
              question.asOf("halfway", halfway, then.get(i).expected())),
          Integer.parseInt(options.get("warm-up")),
          Integer.parseInt(options.get("repeats")));
    }
    long samples = Long.parseLong(options.get("samples"));
    if (samples > 0) {
      list(samples, Math.min(samples, pushed));
    }
  }

  private static List<Question> questions(int polls) {
    String resource = Connection.resourceId(Connection.resources / 2);
    long ofMeter = (long) Connection.resources * polls;
    return List.of(
        new Question(
            "Q1 a series, hourly",
            "v2/meters/cpu_util/statistics?period=3600&q.field=resource_id&q.value=" + resource,
            COUNTS,
            polls),
        new Question(
            "Q2 a meter by project, hourly",
            "v2/meters/cpu_util/statistics?period=3600&groupby=project_id",
            COUNTS,
            ofMeter),
        new Question(
            "Q3 a meter by resource, in all",
            "v2/meters/cpu_util/statistics?groupby=resource_id",
            COUNTS,
            ofMeter),
        new Question(
            "Q4 newest 100 of a resource",
            "v2/samples?limit=100&q.field=resource_id&q.value=" + resource,
            Pattern.compile(KEY),
            Math.min(100, Connection.METERS.length * polls)),
        new Question(
            "Q5 usage by project and day",
            "v2/usage?meter=memory.usage&per=day&groupby=project_id&start="
                + Connection.START.format(Connection.ISO)
                + "&end="
                + Connection.time(polls).format(Connection.ISO),
            USED_SAMPLES,
            ofMeter));
  }

  /**
   * Asks one after the other, again and again, and prints how long the answers took, the last byte
   * included, and how much longer than those to the first question.
   */
  private static void ask(List<Question> questions, int warmUp, int repeats) throws Exception {
    long[][] latencies = new long[questions.size()][repeats];
    int[] bytes = new int[questions.size()];
    for (int i = -warmUp; i < repeats; i++) {
      for (int q = 0; q < questions.size(); q++) {
        Question question = questions.get(q);
        HttpRequest request = HttpRequest.newBuilder(Load.base.resolve(question.path())).build();
        long begin = System.nanoTime();
        HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        long latency = System.nanoTime() - begin;
        expect("status of " + question.path(), 200, answer.statusCode());
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        expect("samples of " + question.path(), question.expected(), sum(question.counts(), body));
        bytes[q] = answer.body().length;
        if (i >= 0) {
          latencies[q][i] = latency;
        }
      }
    }
    for (long[] ofQuestion : latencies) {
      Arrays.sort(ofQuestion);
    }
    for (int q = 0; q < questions.size(); q++) {
      double p50 = Load.percentile(latencies[q], 50);
      double p95 = Load.percentile(latencies[q], 95);
      Load.print(
          "%-32s p50 %8.1f ms (%4.1f×), p95 %8.1f ms (%4.1f×), %9d bytes%n",
          questions.get(q).name(),
          p50,
          p50 / Load.percentile(latencies[0], 50),
          p95,
          p95 / Load.percentile(latencies[0], 95),
          bytes[q]);
    }
  }

  private static long sum(Pattern counts, String body) {
    long sum = 0;
    Matcher count = counts.matcher(body);
    while (count.find()) {
      sum += count.groupCount() == 0 ? 1 : Long.parseLong(count.group(1));
    }
    return sum;
  }

  /** Twice: the heap first, for to measure it takes time and lets the server work ahead. */
  private static void list(long limit, long expected) throws Exception {
    long before = Usage.liveHeap();
    Listing measured = read(limit, true);
    expect("samples listed", expected, measured.samples());
    long begin = System.nanoTime();
    Listing timed = read(limit, false);
    double seconds = (System.nanoTime() - begin) / 1e9;
    expect("samples listed", expected, timed.samples());
    Load.print(
        "listing of %d samples, %.0f MB: %.1f s; live heap %.1f MB before, at most %.1f MB more meanwhile (measured %d times)%n",
        expected,
        timed.bytes() / 1e6,
        seconds,
        before / 1e6,
        (measured.peak() - before) / 1e6,
        measured.measurements());
  }

  private record Listing(long samples, long bytes, long peak, int measurements) {}

  /**
   * Reads and forgets. While the heap is measured nothing is read, so the server's buffers fill.
   */
  private static Listing read(long limit, boolean isMeasured) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(Load.base.resolve("v2/samples?limit=" + limit)).build();
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    expect("status of the listing", 200, answer.statusCode());
    long samples = 0;
    long bytes = 0;
    long peak = 0;
    int measurements = 0;
    int matched = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream body = answer.body()) {
      for (int length = body.read(buffer); length >= 0; length = body.read(buffer)) {
        for (int i = 0; i < length; i++) {
          // It has quotes at its ends only, so what is no match can only begin anew at a quote.
          matched = buffer[i] == KEY.charAt(matched) ? matched + 1 : buffer[i] == '"' ? 1 : 0;
          if (matched == KEY.length()) {
            samples++;
            matched = 0;
          }
        }
        bytes += length;
        if (isMeasured && bytes >= measurements * BYTES_A_MEASUREMENT) {
          peak = Math.max(peak, Usage.liveHeap());
          measurements++;
        }
      }
    }
    return new Listing(samples, bytes, peak, measurements);
  }

  private static void expect(String what, long expected, long found) throws IOException {
    if (found != expected) {
      throw new IOException(what + ": " + found + " instead of " + expected);
    }
  }
}
