import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** One connection: makes its bodies while it sends them, from templates, to stay cheap. */
final class Connection implements Runnable {
  static int resources = 1_000;

  /** Minutes from poll to poll. */
  static int interval = 1;

  static final int PER_REQUEST = 2_500;
  static final String[] METERS = {
    "cpu", "cpu_util", "memory.usage", "disk.read.bytes", "disk.write.bytes",
    "network.incoming.bytes", "network.outgoing.bytes", "disk.ephemeral.size", "instance", "memory"
  };
  static final String[] UNITS = {"ns", "%", "MB", "B", "B", "B", "B", "GB", "instance", "MB"};

  /** Steps of the cumulative meters a poll; 0 marks a gauge. */
  static final long[] GROWTH = {
    60_000_000_000L, 0, 0, 4_000_000, 8_000_000, 1_000_000, 2_000_000, 0, 0, 0
  };

  /** Largest steps of the gauges a poll, in thousandths. */
  static final int[] WANDER = {0, 2_000, 10_000, 0, 0, 0, 0, 0, 0, 0};

  static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);
  static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);

  final int first;
  final int last;
  final byte[][] heads;
  final long[] milli;
  final URI samplesUrl;
  final SplittableRandom random;
  byte[] body = new byte[PER_REQUEST * 600];
  int length;
  int samples;
  final List<Long> latencies = new ArrayList<>();

  Connection(URI base, int first, int last, long seed) {
    samplesUrl = base.resolve("v2/samples");
    this.first = first;
    this.last = last;
    random = new SplittableRandom(seed);
    heads = new byte[(last - first) * METERS.length][];
    milli = new long[heads.length];
    for (int s = 0; s < heads.length; s++) {
      int meter = s % METERS.length;
      heads[s] = head(first + s / METERS.length, meter);
      milli[s] =
          GROWTH[meter] > 0
              ? 1000 * random.nextLong(10_000_000_000L)
              : 1000 * random.nextLong(8_192);
    }
  }

  static LocalDateTime time(int poll) {
    return START.plusMinutes((long) poll * interval);
  }

  static String resourceId(int r) {
    SplittableRandom ids = new SplittableRandom(r);
    String id = hex(ids.nextLong()) + hex(ids.nextLong());
    return String.join(
        "-",
        id.substring(0, 8),
        id.substring(8, 12),
        id.substring(12, 16),
        id.substring(16, 20),
        id.substring(20));
  }

  static byte[] head(int r, int m) {
    SplittableRandom owners = new SplittableRandom(r % 100);
    String user = hex(owners.nextLong()) + hex(owners.nextLong());
    owners = new SplittableRandom(1_000 + r % 50);
    String project = hex(owners.nextLong()) + hex(owners.nextLong());
    String type = GROWTH[m] > 0 ? "cumulative" : "gauge";
    String flavor = List.of("small", "medium", "large", "xlarge").get(r % 4);
    return ("{\"counter_name\":\""
            + METERS[m]
            + "\",\"counter_type\":\""
            + type
            + "\",\"counter_unit\":\""
            + UNITS[m]
            + "\",\"resource_id\":\""
            + resourceId(r)
            + "\",\"project_id\":\""
            + project
            + "\",\"user_id\":\""
            + user
            + "\",\"resource_metadata\":{\"display_name\":\"vm-"
            + r
            + "\",\"flavor.name\":\"m1."
            + flavor
            + "\",\"host\":\"compute-"
            + r % 40
            + "\",\"status\":\"active\"},\"source\":\"openstack\",\"counter_volume\":")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static String hex(long value) {
    String digits = Long.toHexString(value);
    return "0".repeat(16 - digits.length()) + digits;
  }

  @Override
  public void run() {
    try {
      for (int poll = Load.fromPoll;
          poll < Load.toPoll && System.nanoTime() < Load.deadline && Load.failure == null;
          poll++) {
        byte[] time =
            (",\"timestamp\":\"" + time(poll).format(ISO) + "\",\"message_id\":\"")
                .getBytes(StandardCharsets.US_ASCII);
        for (int s = 0; s < heads.length; s++) {
          append(s, time);
          if (samples == PER_REQUEST) {
            send();
          }
        }
      }
      if (samples > 0) {
        send();
      }
    } catch (Exception e) {
      Load.failure = e;
    }
  }

  void append(int s, byte[] time) {
    int meter = s % METERS.length;
    if (GROWTH[meter] > 0) {
      milli[s] += 1000 * random.nextLong(GROWTH[meter]);
    } else if (WANDER[meter] > 0) {
      milli[s] = Math.max(0, milli[s] + random.nextInt(-WANDER[meter], WANDER[meter] + 1));
    }
    body[length++] = (byte) (samples == 0 ? '[' : ',');
    put(heads[s]);
    number(milli[s] / 1000);
    int fraction = (int) (milli[s] % 1000);
    if (fraction > 0) {
      body[length++] = '.';
      for (int unit = 100; fraction > 0; fraction %= unit, unit /= 10) {
        body[length++] = (byte) ('0' + fraction / unit);
      }
    }
    put(time);
    messageId();
    body[length++] = '"';
    body[length++] = '}';
    samples++;
  }

  void put(byte[] bytes) {
    System.arraycopy(bytes, 0, body, length, bytes.length);
    length += bytes.length;
  }

  void number(long value) {
    int end = length + 1;
    for (long rest = value / 10; rest > 0; rest /= 10) {
      end++;
    }
    int at = end;
    do {
      body[--at] = (byte) ('0' + value % 10);
      value /= 10;
    } while (at > length);
    length = end;
  }

  void messageId() {
    long high = random.nextLong();
    long low = random.nextLong();
    for (int i = 0; i < 32; i++) {
      if (i == 8 || i == 12 || i == 16 || i == 20) {
        body[length++] = '-';
      }
      int digit = (int) ((i < 16 ? high : low) >>> 4 * (i % 16)) & 15;
      body[length++] = (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
  }

  void send() throws Exception {
    body[length++] = ']';
    HttpRequest request =
        HttpRequest.newBuilder(samplesUrl)
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body, 0, length))
            .build();
    long begin = System.nanoTime();
    HttpResponse<Void> answer = Load.http.send(request, HttpResponse.BodyHandlers.discarding());
    while (answer.statusCode() == 503) {
      Load.resent.incrementAndGet();
      if (System.nanoTime() > Load.deadline) {
        throw new IOException("still answered 503 when the time was over");
      }
      TimeUnit.SECONDS.sleep(answer.headers().firstValueAsLong("Retry-After").orElseThrow());
      answer = Load.http.send(request, HttpResponse.BodyHandlers.discarding());
    }
    if (answer.statusCode() != 201) {
      throw new IOException("answered " + answer.statusCode());
    }
    latencies.add(System.nanoTime() - begin);
    Load.acknowledged.addAndGet(samples);
    Load.sentBytes.addAndGet(length);
    length = 0;
    samples = 0;
  }
}
