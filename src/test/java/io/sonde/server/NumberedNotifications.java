package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service that tells of instances that begin to exist, one after the other, each until some node
 * says that it took it.
 */
final class NumberedNotifications implements AutoCloseable {
  private static final Duration RHYTHM = Duration.ofMillis(500);

  private final HttpJson http = new HttpJson();
  private final List<URI> nodes;
  private final Instant begin = Instant.now().minus(Duration.ofHours(6));
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::tell, "notifications");
  private final AtomicInteger acknowledged = new AtomicInteger();
  private volatile boolean isOver;

  /** Begins to tell these nodes, in turn. */
  NumberedNotifications(List<URI> nodes) {
    this.nodes = nodes;
    thread.setDaemon(true);
    thread.start();
  }

  private void tell() {
    int tries = 0;
    while (!isOver) {
      if (isTold(nodes.get(tries++ % nodes.size()))) {
        acknowledged.incrementAndGet();
      }
      Wait.reached(RHYTHM, () -> isOver);
    }
  }

  private boolean isTold(URI node) {
    try {
      HttpResponse<String> answer =
          http.post(node, "v2/notifications", notification(acknowledged.get()));
      if (answer.statusCode() != 201 && answer.statusCode() != 503) {
        complaints.add(answer.statusCode() + " " + answer.body());
      }
      return answer.statusCode() == 201;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String notification(int number) {
    return String.format(
        Locale.ROOT,
        """
        {"message_id": "%1$s", "event_type": "compute.instance.create.end", "priority": "INFO",
         "publisher_id": "compute.host", "timestamp": "%2$s", "_context_project_id": "p",
         "_context_user_id": "u", "payload": {
         "instance_id": "instance-%1$s", "tenant_id": "p", "user_id": "u", "memory_mb": 512,
         "vcpus": 1, "disk_gb": 20, "root_gb": 20, "ephemeral_gb": 0, "state": "active"}}
        """,
        id(number),
        begin.plusSeconds(number).toString().replace("Z", ""));
  }

  private static String id(int number) {
    return "n-" + number;
  }

  /** How many some node took. */
  int acknowledgedCount() {
    return acknowledged.get();
  }

  /** What nodes answered that they must not answer. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() {
    isOver = true;
    Wait.until(Duration.ofSeconds(30), "the last notification", () -> !thread.isAlive());
  }

  /** After the end: an event and a sample for each that was taken, and at most one more of each. */
  void check(URI node) {
    List<String> events = new ArrayList<>();
    for (JsonNode event :
        http.get(
            node,
            "v2/events?limit=1000000&q.field=event_type&q.value=compute.instance.create.end")) {
      events.add(event.required("message_id").asText());
    }
    Map<String, Integer> samples = new HashMap<>();
    for (JsonNode sample : http.get(node, "v2/meters/memory?limit=1000000")) {
      samples.merge(sample.required("resource_id").asText(), 1, Integer::sum);
    }
    assertThat(events).as("events").doesNotHaveDuplicates();
    assertThat(samples.values()).as("samples of an instance").containsOnly(1);
    int count = acknowledged.get();
    for (int number = 0; number < count; number++) {
      assertThat(events).contains(id(number));
      assertThat(samples).containsKey("instance-" + id(number));
    }
    // The last one that was tried may be there without a word.
    assertThat(events).hasSizeBetween(count, count + 1);
    assertThat(samples).hasSizeBetween(count, count + 1);
  }
}
