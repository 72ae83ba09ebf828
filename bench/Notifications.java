import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From a full queue of a broker to durable samples and events: see README.md. The broker's own work
 * is not counted.
 */
public final class Notifications {
  private static final String QUEUE = "notifications.info";
  private static final List<String> TYPES =
      List.of(
          "compute.instance.exists", "compute.instance.exists", "volume.exists", "image.update");
  private static final List<String> EXCHANGES = List.of("nova", "nova", "cinder", "glance");

  private Notifications() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    options.putAll(Map.of("url", "amqp://127.0.0.1:5672", "count", "60000", "warm-up", "20000"));
    options.put("resources", "60000");
    List<String> sets =
        Load.parse(
            args,
            options,
            "usage: bench/notifications [--url AMQP] [--count N] [--warm-up N] [--resources N] [--set PATH=VALUE]…");
    fill(
        options.get("url"),
        Integer.parseInt(options.get("count")),
        Integer.parseInt(options.get("resources")));
    sets.add(
        "sonde.notification.listeners=[{url=\""
            + options.get("url")
            + "\",exchanges=[nova,cinder,glance]}]");
    Load.serve(options, sets, Notifications::measure);
  }

  /** As a service does, but without waiting. */
  private static void fill(String url, int count, int resources) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(url);
    try (var connection = factory.newConnection()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare(QUEUE, false, false, false, Map.of());
      for (String exchange : Set.copyOf(EXCHANGES)) {
        channel.exchangeDeclare(exchange, "topic", false);
        channel.queueBind(QUEUE, exchange, QUEUE);
      }
      channel.queuePurge(QUEUE);
      channel.confirmSelect();
      AMQP.BasicProperties properties = new AMQP.BasicProperties();
      Instant start = Instant.now().minus(Duration.ofDays(1));
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        int kind = i % TYPES.size();
        byte[] body =
            notification(i, i % resources, TYPES.get(kind), start.plusMillis(i))
                .getBytes(StandardCharsets.UTF_8);
        bytes += body.length;
        channel.basicPublish(EXCHANGES.get(kind), QUEUE, properties, body);
        if (i % 1_000 == 999) {
          channel.waitForConfirmsOrDie(60_000);
        }
      }
      channel.waitForConfirmsOrDie(60_000);
      Load.print("filled %d notifications, %d bytes each%n", count, bytes / Math.max(1, count));
    }
  }

  /** Of four, two are of an instance, one of a volume and one of an image; in the envelope 2.0. */
  private static String notification(int number, int resource, String type, Instant time) {
    String at = time.toString().replace("Z", "").replace("T", " ");
    String form =
        switch (type) {
          case "volume.exists" ->
              """
                  "volume_id": "%1$036d", "display_name": "volume-%1$d", "volume_type": "lvm",
                  "size": 100, "status": "in-use", "host": "cinder-1@lvm#lvm", "snapshot_id": null,
                  "availability_zone": "zone-1", "launched_at": "%2$s", "created_at": "%2$s",
                  "replication_status": null, "metadata": [], "glance_metadata": [],
                  "volume_attachment": [], "audit_period_beginning": "%2$s",
                  "audit_period_ending": "%2$s",
                  """;
          case "image.update" ->
              """
                  "id": "%1$036d", "name": "image-%1$d", "status": "active", "created_at": "%2$s",
                  "updated_at": "%2$s", "min_disk": 0, "min_ram": 0, "protected": false,
                  "owner": "project-%3$d", "disk_format": "qcow2", "container_format": "bare",
                  "size": 2254249984, "is_public": false, "visibility": "private", "tags": [],
                  "properties": {"os": "debian"}, "deleted": false, "virtual_size": null,
                  """;
          default ->
              """
                  "instance_id": "%1$036d", "display_name": "instance-%1$d", "hostname": "vm-%1$d",
                  "reservation_id": "r-%1$d", "instance_type": "m1.small", "instance_type_id": 2,
                  "instance_flavor_id": "2", "architecture": "x86_64", "memory_mb": 2048,
                  "disk_gb": 20, "vcpus": 1, "root_gb": 20, "ephemeral_gb": 0, "host": "host-1",
                  "node": "host-1.example", "availability_zone": "zone-1", "cell_name": "",
                  "created_at": "%2$s", "launched_at": "%2$s", "terminated_at": "",
                  "deleted_at": "", "image_ref_url": "http://192.0.2.11:9292/images/%1$036d",
                  "os_type": null, "kernel_id": "", "ramdisk_id": "", "state": "active",
                  "state_description": "", "access_ip_v4": null, "access_ip_v6": null,
                  "metadata": {"role": "web"}, "image_meta": {"min_disk": "20"},
                  "bandwidth": {"private": {"bw_in": 1000, "bw_out": 2000}},
                  "audit_period_beginning": "%2$s", "audit_period_ending": "%2$s",
                  """;
        };
    String payload = form.formatted(resource, at, resource % 50);
    String message =
        """
        {"_context_project_id": "project-%1$d", "_context_user_id": "user-%1$d",
         "_context_request_id": "req-%2$036d", "_context_is_admin": true,
         "_unique_id": "%2$032x", "event_type": "%3$s", "priority": "INFO",
         "message_id": "%4$s", "publisher_id": "%5$s.host-1", "timestamp": "%6$s",
         "payload": {%7$s "tenant_id": "project-%1$d", "user_id": "user-%1$d"}}
        """
            .formatted(
                resource % 50,
                number,
                type,
                new UUID(number * 0x9e3779b97f4a7c15L, ~number * 0xc2b2ae3d27d4eb4fL),
                type.substring(0, type.indexOf('.')),
                at,
                payload);
    return "{\"oslo.version\": \"2.0\", \"oslo.message\": \""
        + message.replace("\"", "\\\"").replaceAll("\\s*\n\\s*", " ")
        + "\"}";
  }

  private static void measure(Map<String, String> options, Process server, Path log)
      throws Exception {
    Load.base = Load.awaitReady(server, log);
    Load.jvm = server.pid();
    int count = Integer.parseInt(options.get("count"));
    await(Integer.parseInt(options.get("warm-up")));
    long before = dealtWith();
    Usage begin = Usage.now();
    long start = System.nanoTime();
    await(count);
    double seconds = (System.nanoTime() - start) / 1e9;
    Usage end = Usage.now();
    double thousands = (count - before) / 1_000.0;
    Load.print(
        "%.0f notifications in %.1f s, %.0f a second%n",
        thousands * 1_000, seconds, thousands * 1_000 / seconds);
    Load.print(
        "CPU seconds per 1,000: %.3f server, %.3f PostgreSQL, %.3f together%n",
        (end.server() - begin.server()) / thousands,
        (end.postgres() - begin.postgres()) / thousands,
        (end.server() + end.postgres() - begin.server() - begin.postgres()) / thousands);
    long samples = 0;
    for (String meter :
        List.of(
            "memory",
            "vcpus",
            "disk.root.size",
            "disk.ephemeral.size",
            "volume.size",
            "image.size")) {
      Matcher row =
          Pattern.compile("\"count\"\\s*:\\s*(\\d+)")
              .matcher(get("v2/meters/" + meter + "/statistics"));
      samples += row.find() ? Long.parseLong(row.group(1)) : 0;
    }
    Load.print("%d samples are stored%n", samples);
  }

  private static void await(long count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    while (dealtWith() < count) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("only " + dealtWith() + " after ten minutes");
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static long dealtWith() throws Exception {
    Matcher total =
        Pattern.compile("(?m)^sonde_notifications_total\\{outcome=\"(?:stored|nothing)\"\\} (\\S+)")
            .matcher(get("metrics"));
    long sum = 0;
    while (total.find()) {
      sum += (long) Double.parseDouble(total.group(1));
    }
    return sum;
  }

  private static String get(String path) throws Exception {
    URI uri = Load.base.resolve(path);
    return Load.http
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
