package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import io.sonde.publish.TestRabbit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Notifications through a real RabbitMQ to a real server, of which either is killed: none that the
 * broker took is lost or counted twice. Needs {@code rabbitmq-server} and Debian's {@code
 * python3-oslo.messaging}.
 */
@Tag("servers")
@Timeout(300)
class NotificationFaultIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is told again is told with the time of the first try. */
  private final Instant begin = Instant.now().minus(Duration.ofHours(2));

  private static final String QUEUE = "kept.info";

  @TempDir static Path folder;
  private static TestRabbit rabbit;

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();
  private final Set<String> confirmed = ConcurrentHashMap.newKeySet();
  private final Set<String> garbage = ConcurrentHashMap.newKeySet();
  private final Object telling = new Object();
  private volatile boolean isOver;
  private SondeProcess server;

  @BeforeAll
  static void start() throws IOException {
    rabbit = new TestRabbit(folder);
  }

  @AfterAll
  static void stop() {
    rabbit.close();
  }

  @Test
  @Tag("faults")
  void whatTheBrokerTookIsThereOnce() throws Exception {
    server = sondes.server("node", "--config", configuration("nova", "kept", true).toString());
    // The services are there first, and fill the queue.
    CompletableFuture<Void> service = CompletableFuture.runAsync(this::tell);
    try {
      awaitMore(500);
      server.start();
      awaitMore(1_000);
      server.kill9();
      server.start();
      awaitMore(500);
      rabbit.stop();
      rabbit.start();
      awaitMore(500);
      server.kill9WithPostgres();
      server.start();
      awaitMore(500);
      rabbit.kill();
      rabbit.start();
      awaitMore(500);
      deleteQueue();
      awaitMore(500);
    } finally {
      isOver = true;
    }
    service.get(60, TimeUnit.SECONDS);
    Wait.until(SOON, "an empty queue", () -> messages() == 0);
    boolean isComplete = Wait.reached(SOON, () -> events().size() >= confirmed.size());
    assertThat(events()).as("all events").containsAll(confirmed);
    assertThat(isComplete).isTrue();

    List<String> events = events();
    assertThat(events).doesNotHaveDuplicates().containsAll(confirmed);
    Map<String, Integer> memory = new HashMap<>();
    for (JsonNode sample : http.get(server.base(), "v2/meters/memory?limit=100000")) {
      memory.merge(sample.get("resource_id").asText(), 1, Integer::sum);
    }
    assertThat(memory.values()).as("counted once each").containsOnly(1);
    assertThat(memory.keySet())
        .as("an instance a notification")
        .containsExactlyInAnyOrderElementsOf(
            events.stream().map(id -> "instance-" + id).collect(Collectors.toSet()));
    JsonNode dead = http.get(server.base(), "v2/notifications/dead?limit=10000");
    assertThat(dead).hasSizeGreaterThanOrEqualTo(garbage.size());
    assertThat(dead.findValuesAsText("reason")).allMatch(reason -> reason.startsWith("not JSON"));
    System.out.println(
        ("NotificationFaultIT: " + confirmed.size() + " confirmed by the broker, ")
            + (events.size() + " events, " + memory.size() + " samples of memory, ")
            + (dead.size() + " dead letters"));
  }

  /** An independent client, with the defaults that services have. */
  @Test
  void notificationsOfOslosOwnClientAreUnderstood() throws Exception {
    server =
        sondes
            .server("node", "--config", configuration("neutron", "notifications", false).toString())
            .start();
    Path script = folder.resolve("tell.py");
    Files.writeString(
        script,
        """
        import sys
        from oslo_config import cfg
        import oslo_messaging
        conf = cfg.ConfigOpts()
        conf([], project='sonde')
        oslo_messaging.set_transport_defaults('neutron')
        transport = oslo_messaging.get_notification_transport(conf, url=sys.argv[1])
        for driver in ('messaging', 'messagingv2'):
            notifier = oslo_messaging.Notifier(
                transport, 'network.host1', driver=driver, topics=['notifications'])
            context = {'user_id': 'u', 'project_id': 'p', 'request_id': 'req-1'}
            notifier.info(context, 'network.create.end', {'network': {'id': driver, 'name': 'n'}})
            notifier.error(context, 'network.create.error', {'network': {'id': driver}})
        """);
    Process process =
        new ProcessBuilder(
                "/usr/bin/python3",
                script.toString(),
                "rabbit://guest:guest@127.0.0.1:" + rabbit.port() + "/")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("tell.log").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve("tell.log"))).isZero();
    Wait.until(SOON, "four events", () -> events().size() == 4);
    JsonNode events =
        http.get(server.base(), "v2/events?q.field=event_type&q.value=network.create.end");
    assertThat(events).hasSize(2);
    assertThat(events.toString()).contains("network.host1", "req-1");
  }

  private Path configuration(String exchange, String topic, boolean isDurable) throws IOException {
    return Files.writeString(
        sondes.directory().resolve("sonde.conf"),
        """
        sonde.http.port = 0
        sonde.polling.sources = []
        sonde.notification.listeners = [{
          url = "amqp://guest:guest@127.0.0.1:%d/", exchanges = [%s], topics = [%s]
          prefetch = 100, durable = %s
        }]
        """
            .formatted(rabbit.port(), exchange, topic, isDurable));
  }

  /** One after the other; what the broker has not confirmed is told again. */
  private void tell() {
    int number = 0;
    while (!isOver) {
      try (Connection connection = connect()) {
        Channel channel = connection.createChannel();
        declare(channel);
        channel.confirmSelect();
        AtomicBoolean isReturned = new AtomicBoolean();
        channel.addReturnListener(back -> isReturned.set(true));
        while (!isOver) {
          synchronized (telling) {
            number += isTold(channel, number, isReturned) ? 1 : 0;
          }
        }
      } catch (IOException | TimeoutException | ShutdownSignalException e) {
        // The broker is away: it is tried again.
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private boolean isTold(Channel channel, int number, AtomicBoolean isReturned) throws Exception {
    String id = "m-" + number;
    boolean isGarbage = number % 50 == 49;
    String body =
        isGarbage ? "garbage " + id : notification(id, begin.plusMillis(number), number % 2 == 0);
    // Now and then a service sends twice.
    for (int i = 0; i < (number % 20 == 0 ? 2 : 1); i++) {
      channel.basicPublish(
          "nova",
          QUEUE,
          true,
          MessageProperties.PERSISTENT_BASIC,
          body.getBytes(StandardCharsets.UTF_8));
    }
    // What no queue took is returned before it is confirmed.
    if (!channel.waitForConfirms(5_000) || isReturned.getAndSet(false)) {
      return false;
    }
    (isGarbage ? garbage : confirmed).add(id);
    return true;
  }

  private static void declare(Channel channel) throws IOException {
    channel.exchangeDeclare("nova", "topic", true);
    channel.queueDeclare(QUEUE, true, false, false, Map.of());
    channel.queueBind(QUEUE, "nova", QUEUE);
  }

  private static String notification(String id, Instant time, boolean isNew) {
    String message =
        """
        {"message_id": "%1$s", "event_type": "compute.instance.create.end", "priority": "INFO",
         "publisher_id": "compute.host", "timestamp": "%2$s", "_context_project_id": "p",
         "_context_user_id": "u", "_context_auth_token": "secret", "payload": {
         "instance_id": "instance-%1$s", "tenant_id": "p", "user_id": "u", "memory_mb": 512,
         "vcpus": 1, "disk_gb": 20, "root_gb": 20, "ephemeral_gb": 0, "state": "active"}}
        """
            .formatted(id, time.toString().replace("Z", ""));
    if (!isNew) {
      return message;
    }
    return JSON.createObjectNode()
        .put("oslo.version", "2.0")
        .put("oslo.message", message)
        .toString();
  }

  private void awaitMore(int count) {
    int before = confirmed.size();
    Wait.until(SOON, count + " more", () -> confirmed.size() >= before + count);
  }

  /** Once it is empty, and while nobody tells: a broker confirms what is lost with a queue. */
  private void deleteQueue() throws Exception {
    synchronized (telling) {
      deleteEmptyQueue();
    }
  }

  private static void deleteEmptyQueue() throws Exception {
    try (Connection connection = connect()) {
      Wait.until(
          SOON,
          "the queue to be deleted",
          () -> {
            try {
              Channel channel = connection.createChannel();
              channel.queueDelete(QUEUE, false, true);
              declare(connection.createChannel());
              return true;
            } catch (IOException e) {
              return false;
            }
          });
    }
  }

  private static Connection connect() throws IOException, TimeoutException {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(rabbit.port());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  private static long messages() throws Exception {
    try (Connection connection = connect()) {
      return connection.createChannel().messageCount(QUEUE);
    }
  }

  private List<String> events() {
    List<String> ids = new ArrayList<>();
    http.get(server.base(), "v2/events?limit=100000")
        .forEach(event -> ids.add(event.get("message_id").asText()));
    return ids;
  }
}
