package io.sonde.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads {@code /v2/stream} line by line on a thread of its own, and keeps its events. */
public final class StreamReader implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** An event; the id is null where it has none. */
  public record Event(String name, String id, JsonNode data) {}

  private final List<Event> events = new ArrayList<>();
  private final HttpHeaders headers;
  private final Stream<String> lines;
  private int comments;
  private boolean isOver;

  /** Opens a stream; what is stored from the return on must come. */
  public static StreamReader open(URI base, String query, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve("/v2/stream" + query))
            .timeout(Duration.ofSeconds(30))
            .header("Accept", "text/event-stream");
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<Stream<String>> answer =
        HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofLines());
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body().toList());
    }
    return new StreamReader(answer);
  }

  private StreamReader(HttpResponse<Stream<String>> answer) {
    headers = answer.headers();
    lines = answer.body();
    Thread thread = new Thread(this::read, "stream-reader");
    thread.setDaemon(true);
    thread.start();
  }

  /** The headers of the answer. */
  public HttpHeaders headers() {
    return headers;
  }

  /** What came until now. */
  public synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** How many events came until now. */
  public synchronized int count() {
    return events.size();
  }

  /** How many comments came until now. */
  public synchronized int comments() {
    return comments;
  }

  /** Whether the server has ended it. */
  public synchronized boolean isOver() {
    return isOver;
  }

  @Override
  public void close() {
    lines.close();
  }

  private void read() {
    String[] event = new String[3];
    try {
      lines.forEach(line -> take(line, event));
    } catch (UncheckedIOException e) {
      // The connection broke, or this end closed it.
    }
    synchronized (this) {
      isOver = true;
    }
  }

  private synchronized void take(String line, String[] event) {
    if (line.isEmpty() && event[2] != null) {
      events.add(new Event(event[0], event[1], tree(event[2])));
      event[0] = null;
      event[1] = null;
      event[2] = null;
    } else if (line.startsWith("event: ")) {
      event[0] = line.substring(7);
    } else if (line.startsWith("id: ")) {
      event[1] = line.substring(4);
    } else if (line.startsWith("data: ")) {
      event[2] = line.substring(6);
    } else if (line.startsWith(":")) {
      comments++;
    } else if (!line.isEmpty() && !line.startsWith("retry: ")) {
      throw new AssertionError("no line of an event: " + line);
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(json, e);
    }
  }
}
