package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Exporters of counters that grow by one with each poll, and remember who polled them when. */
final class PolledCounters implements AutoCloseable {
  /** Time between two polls. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final int COUNT = 12;
  private static final String METER = "polls_total";
  private static final String RATE = "polls.rate";
  private static final Duration SETTLED = Duration.ofSeconds(10);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final Map<String, List<Poll>> polls = new HashMap<>();
  private final HttpJson http = new HttpJson();

  /** A poll: when, in nanoseconds, and from which address. */
  private record Poll(long moment, String by) {}

  PolledCounters(String address) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, 0), 0);
    // Without threads, whoever reads over a slow link would keep the others waiting.
    server.setExecutor(threads);
    server.createContext("/", this::expose);
    server.start();
  }

  /** What a node is told, as {@code PATH=VALUE}, for it to poll these and to make rates of them. */
  List<String> settings() {
    String urls =
        resources().stream().map(url -> '"' + url + '"').collect(Collectors.joining(",", "[", "]"));
    return List.of(
        "sonde.polling.sources=[{name=counters,interval="
            + (INTERVAL.toSeconds() + "s,meters=[" + METER + "],resources=" + urls + "}]"),
        "sonde.pipeline.sinks=[{name=store,publishers=[\"collector://\"]},"
            + "{name=rates,publishers=[\"collector://\"],transformers=[{name=rate_of_change,"
            + "parameters{target{name=polls.rate,unit=\"1/s\",type=gauge}}}]}]",
        "sonde.pipeline.sources=[{name=all,meters=[\"*\"],sinks=[store]},"
            + ("{name=polled,doors=[polling],meters=[" + METER + "],sinks=[rates]}]"));
  }

  private List<String> resources() {
    InetSocketAddress at = server.getAddress();
    return IntStream.range(0, COUNT)
        .mapToObj(i -> "http://" + at.getHostString() + ":" + at.getPort() + "/counter-" + i)
        .toList();
  }

  private void expose(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String by = exchange.getRemoteAddress().getAddress().getHostAddress();
    byte[] text =
        ("# TYPE polls_total counter\npolls_total " + polled(path, by) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
    exchange.close();
  }

  private synchronized int polled(String path, String by) {
    List<Poll> all = polls.computeIfAbsent(path, first -> new ArrayList<>());
    all.add(new Poll(System.nanoTime(), by));
    return all.size();
  }

  /** Whether all were polled since a moment. */
  synchronized boolean arePolledSince(long moment) {
    return polls.size() == COUNT
        && polls.values().stream().allMatch(all -> all.get(all.size() - 1).moment() >= moment);
  }

  /** Between two moments: how many intervals passed without a poll, of the worst counter. */
  synchronized long missed(long from, long to) {
    long longest = 0;
    for (List<Poll> all : polls.values()) {
      for (int i = 1; i < all.size(); i++) {
        if (all.get(i).moment() > from && all.get(i - 1).moment() < to) {
          longest = Math.max(longest, all.get(i).moment() - all.get(i - 1).moment());
        }
      }
    }
    // Polls are not on time to the last millisecond.
    return Math.max(0, Math.round((double) longest / INTERVAL.toNanos()) - 1);
  }

  /**
   * Between two moments: the longest time in which a node went on polling a counter at its rhythm
   * although another one polled it too, in milliseconds.
   */
  synchronized long longestByTwo(long from, long to) {
    long longest = 0;
    for (List<Poll> all : polls.values()) {
      long begin = 0;
      for (int i = 1; i < all.size(); i++) {
        Poll poll = all.get(i);
        if (poll.moment() < from || poll.moment() > to || poll.by().equals(all.get(i - 1).by())) {
          continue;
        }
        boolean isByTwo = i > 1 && isRhythm(lastBy(poll.by(), all, i - 1), poll);
        begin = isByTwo ? begin == 0 ? all.get(i - 1).moment() : begin : 0;
        longest = Math.max(longest, isByTwo ? poll.moment() - begin : 0);
      }
    }
    return TimeUnit.NANOSECONDS.toMillis(longest);
  }

  private static Poll lastBy(String by, List<Poll> all, int before) {
    for (int i = before; i >= 0; i--) {
      if (all.get(i).by().equals(by)) {
        return all.get(i);
      }
    }
    return new Poll(Long.MIN_VALUE / 2, by);
  }

  private static boolean isRhythm(Poll one, Poll next) {
    return next.moment() - one.moment() < INTERVAL.multipliedBy(3).dividedBy(2).toNanos();
  }

  /**
   * Ends them and compares with what is stored: a counter grew from each poll to the next, and a
   * rate is the growth since the poll of the rate before it. What a node read and could not store
   * any more is missing, but breaks nothing.
   *
   * @return what is missing, in words
   */
  String check(URI node) {
    close();
    int lostPolls = 0;
    int lostRates = 0;
    // What was polled last may be on its way; what is missing stays so.
    Wait.reached(SETTLED, () -> resources().stream().allMatch(one -> isSettled(node, one)));
    for (String resource : resources()) {
      SortedMap<LocalDateTime, Double> counts = stored(node, METER, resource);
      SortedMap<LocalDateTime, Double> rates = stored(node, RATE, resource);
      assertThat(counts).as("polls of " + resource).hasSizeGreaterThan(1);
      assertThat(rates).as("rates of " + resource).isNotEmpty();
      assertThat(List.copyOf(counts.values()))
          .as("counts of " + resource)
          .isSorted()
          .doesNotHaveDuplicates();
      assertThat(counts.get(counts.lastKey())).isLessThanOrEqualTo(count(resource));
      checkRates(resource, counts, rates);
      lostPolls += count(resource) - counts.size();
      lostRates += (int) counts.keySet().stream().filter(at -> !rates.containsKey(at)).count() - 1;
    }
    return lostPolls + " polls were not stored, " + lostRates + " without their rates";
  }

  private boolean isSettled(URI node, String resource) {
    return stored(node, METER, resource).size() == stored(node, RATE, resource).size() + 1;
  }

  private static void checkRates(
      String resource,
      SortedMap<LocalDateTime, Double> counts,
      SortedMap<LocalDateTime, Double> rates) {
    LocalDateTime before = counts.firstKey();
    for (Map.Entry<LocalDateTime, Double> rate : rates.entrySet()) {
      String where = "rate of " + resource + " at " + rate.getKey() + ", of " + counts;
      assertThat(rate.getValue()).as(where).isPositive();
      // The poll itself may be what could not be stored.
      if (counts.containsKey(before) && counts.containsKey(rate.getKey())) {
        double growth = counts.get(rate.getKey()) - counts.get(before);
        double seconds = Duration.between(before, rate.getKey()).toMillis() / 1e3;
        assertThat(rate.getValue() * seconds).as(where).isBetween(growth * 0.8, growth * 1.25);
      }
      before = rate.getKey();
    }
  }

  private synchronized int count(String resource) {
    return polls.get(URI.create(resource).getPath()).size();
  }

  private SortedMap<LocalDateTime, Double> stored(URI node, String meter, String resource) {
    SortedMap<LocalDateTime, Double> volumes = new TreeMap<>();
    for (JsonNode sample :
        http.get(
            node,
            ("v2/meters/" + meter + "?limit=1000000&q.field=resource_id&q.op=eq&q.value=")
                + HttpJson.encode(resource))) {
      LocalDateTime time = LocalDateTime.parse(sample.required("timestamp").asText());
      Double before = volumes.put(time, sample.required("counter_volume").asDouble());
      assertThat(before).as("a second sample of " + resource + " at " + time).isNull();
    }
    return volumes;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
