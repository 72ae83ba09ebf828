package io.sonde.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many exporters in one HTTP server, each of which counts how often it was read, and a service
 * discovery that lists them. Any of them can be told to misbehave.
 */
final class Exporters implements AutoCloseable {
  /** How an exporter answers. */
  enum Manner {
    WELL,
    /** Never. */
    HANGING,
    /** A byte now and then, without an end. */
    TRICKLING,
    /** With what is no exposition. */
    GARBAGE,
    /** With status 500. */
    BROKEN
  }

  private final Map<String, Manner> listed = new ConcurrentHashMap<>();
  private final Map<String, List<Long>> answered = new ConcurrentHashMap<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  Exporters() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/sd", this::list);
    server.createContext("/exporters/", this::expose);
    server.start();
  }

  /** Lists an exporter, or has it answer in another manner. */
  void list(String name, Manner manner) {
    listed.put(name, manner);
  }

  void unlist(String name) {
    listed.remove(name);
  }

  /** The discovery of a source that reads all that is listed. */
  String discovery() {
    return "\"http-sd:http://" + authority() + "/sd\"";
  }

  /** The id of an exporter's resource. */
  String resource(String name) {
    return "http://" + authority() + "/exporters/" + name;
  }

  /** How often it was asked what there is. */
  int looks() {
    return looks.get();
  }

  /** When an exporter answered well, in nanoseconds. */
  List<Long> answers(String name) {
    return List.copyOf(answered.getOrDefault(name, List.of()));
  }

  /** The longest time between two answers of an exporter since a moment, in milliseconds. */
  long longestPause(String name, long since) {
    List<Long> times = new ArrayList<>(answers(name));
    times.removeIf(time -> time < since);
    times.add(since);
    times.add(System.nanoTime());
    Collections.sort(times);
    long longest = 0;
    for (int i = 1; i < times.size(); i++) {
      longest = Math.max(longest, times.get(i) - times.get(i - 1));
    }
    return TimeUnit.NANOSECONDS.toMillis(longest);
  }

  private String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void list(HttpExchange exchange) throws IOException {
    looks.incrementAndGet();
    StringBuilder groups = new StringBuilder("[");
    for (String name : listed.keySet()) {
      groups
          .append(groups.length() > 1 ? "," : "")
          .append("{\"targets\": [\"" + authority() + "\"], \"labels\": {")
          .append("\"__metrics_path__\": \"/exporters/" + name + "\"}}");
    }
    send(exchange, 200, groups.append(']').toString());
  }

  private void expose(HttpExchange exchange) throws IOException {
    String name = exchange.getRequestURI().getPath().substring("/exporters/".length());
    switch (listed.getOrDefault(name, Manner.BROKEN)) {
      case WELL -> {
        List<Long> times = answered.computeIfAbsent(name, first -> new CopyOnWriteArrayList<>());
        times.add(System.nanoTime());
        send(exchange, 200, "# TYPE reads_total counter\nreads_total " + times.size() + "\n");
      }
      case HANGING -> {
        await();
        exchange.close();
      }
      case TRICKLING -> trickle(exchange);
      case GARBAGE -> send(exchange, 200, "{]\u0000 = 1\n");
      case BROKEN -> send(exchange, 500, "broken");
    }
  }

  private void trickle(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try {
      while (over.getCount() > 0) {
        exchange.getResponseBody().write('#');
        exchange.getResponseBody().flush();
        over.await(50, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close();
    }
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    try {
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      exchange.close();
    }
  }

  @Override
  public void close() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
