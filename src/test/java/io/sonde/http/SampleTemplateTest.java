package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonParser;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Samples that are written like earlier ones are read like all others, only faster. */
class SampleTemplateTest {
  private static final int ROUNDS = 4_000;
  private static final PushContext ANY = new PushContext(null, Caller.UNRESTRICTED, null);
  private static final PushContext KEYED = new PushContext(null, Caller.UNRESTRICTED, "key");
  private static final PushContext OWN =
      new PushContext(null, new Caller("caller", "p1", "p1"), null);

  // How senders write: what varies stands as %s, in this order.
  private static final String[] SHAPES = {
    "{\"counter_name\":\"cpu\",\"counter_type\":\"gauge\",\"counter_unit\":\"ns\","
        + "\"resource_id\":\"%d\",\"project_id\":\"p1\",\"resource_metadata\":{\"a\":{\"b\":1}},"
        + "\"counter_volume\":%n,\"timestamp\":\"%t\",\"message_id\":\"%i\"}",
    "{ \"name\": \"cpu\", \"volume\": %n, \"type\": \"gauge\", \"unit\": \"\","
        + " \"monotonic_time\": %n, \"id\": \"%i\", \"resource_id\": \"%d\","
        + " \"timestamp\": \"%t\", \"message_signature\": \"%i\", \"user_id\": null }",
    "{\"timestamp\":\"%t\",\"name\":\"m\u00e9\",\"type\":\"delta\",\"unit\":\"\",\"volume\":%n,"
        + "\"resource_id\":\"%d\",\"resource_metadata\":null,\"recorded_at\":\"%t\"\n}",
    "{\"counter_volume\":%n,\"volume\":%n,\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\","
        + "\"timestamp\":\"%t\",\"timestamp\":\"%t\",\"id\":\"%i\",\"message_id\":\"%i\","
        + "\"resource_id\":\"%d\"}",
    "{\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\",\"resource_id\":\"%d\",\"volume\":%n}",
    "{\"volume\":%n,\"counter_volume\":\"%n\",\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\","
        + "\"timestamp\":\"%t\",\"message_id\":null,\"resource_id\":\"%d\"}"
  };
  private static final String[] NUMBERS = {
    "0",
    "-0",
    "-0.0",
    "1",
    "12.5",
    "-3",
    "0.30000000000000004",
    "123456789012345678",
    "9007199254740993",
    "12345678901234567890123",
    "1e3",
    "1E-3",
    "1e400",
    "01",
    "-",
    "1.",
    ".5",
    "+1",
    "null",
    "true",
    "\"7\"",
    "NaN",
    "1 ",
    "1.0000000000000000000000001"
  };
  private static final String[] TIMES = {
    "2026-01-01T00:00:00",
    "2026-01-01T00:01:00.5",
    "2026-01-01 00:00Z",
    "2999-01-01",
    "2026-01-0\\u0031",
    "",
    "2026-02-30",
    "today"
  };
  private static final String[] IDS = {
    "5460acce-4fd6-480d-ab18-9735ec7b1996",
    "a",
    "",
    "i\\u0064",
    "\u00e9",
    "12345678",
    "a\\\"b",
    "x".repeat(1024),
    "x".repeat(1025),
    "tab\t"
  };

  @Test
  void aSenderIsReadAlikeInEveryPush() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    SampleParser warm = parser();
    int good = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] body = push(random);
      PushContext context = random.nextInt(4) > 0 ? ANY : random.nextBoolean() ? KEYED : OWN;
      Object expected = outcome(parser(), body.clone(), context);
      Object found = outcome(warm, body.clone(), context);
      if (!found.equals(expected)) {
        fail(
            "seed %d: %s%nis read as %s%ninstead of %s",
            seed, new String(body, StandardCharsets.UTF_8), found, expected);
      }
      good += expected instanceof List ? 1 : 0;
    }
    assertThat(good).as("pushes that are taken").isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
  }

  @Test
  void whatIsWrittenAlikeNeedsNoParser() throws IOException {
    PushCaches caches = PushCaches.create(64 << 20);
    StringBuilder push = new StringBuilder("[");
    for (int i = 0; i < 20; i++) {
      String sample =
          SHAPES[i % 2]
              .replace("%n", "1.5")
              .replace("%t", TIMES[0])
              .replace("%i", "id" + i)
              .replace("%d", "r" + i);
      push.append(i > 0 ? "\r\n,\t " : " ").append(sample);
    }
    byte[] body = push.append(" ]").toString().getBytes(StandardCharsets.UTF_8);

    assertThat(parsed(body, caches)).as("parsed the first time").isEqualTo(20);
    assertThat(parsed(body, caches)).as("parsed again").isEqualTo(1);
  }

  @Test
  void templatesAreBoundedAndThoseInUseStay() {
    SampleTemplates templates = new SampleTemplates(400_000);
    SampleTemplate used = template(0);
    templates.keep(used);
    SampleTemplate before = used;
    for (int i = 1; i < 10_000; i++) {
      SampleTemplate next = template(i);
      templates.keep(next);
      before.next = next;
      before = next;
      used.isUsed = true;
    }

    assertThat(templates.of(series(0))).isSameAs(used);
    assertThat(templates.of(series(9_999))).isSameAs(before);
    long kept = 0;
    for (int i = 0; i < 10_000; i++) {
      kept += templates.of(series(i)) == null ? 0 : 1;
    }
    assertThat(kept).as("kept in 400 kB").isBetween(100L, 1_000L);
    SampleTemplate again = template(0);
    templates.keep(again);
    assertThat(templates.of(series(0))).isSameAs(again);
  }

  /** How many samples of the push the parser had to read. */
  private static int parsed(byte[] body, PushCaches caches) throws IOException {
    SampleReader reader = new SampleReader(body, ANY, 1, micros -> null, caches);
    int parsed = 0;
    try (JsonParser parser = JsonTree.FACTORY.createParser(body)) {
      parser.nextToken();
      while (reader.count() < 20) {
        parser.nextToken();
        reader.read(parser);
        parsed++;
        if (reader.readAlike()) {
          break;
        }
      }
    }
    assertThat(reader.count()).isEqualTo(20);
    return parsed;
  }

  private static SampleTemplate template(int i) {
    byte[] body = new byte[100];
    Arrays.fill(body, (byte) 'x');
    return new SampleTemplate(
        body, 0, 100, new SampleSpans(), Caller.UNRESTRICTED, series(i), Metadata.EMPTY);
  }

  private static Series series(int i) {
    return new Series("s", "m", MeterType.GAUGE, "", "r" + i, null, null, Series.NO_DIMENSIONS);
  }

  private static SampleParser parser() {
    return new SampleParser(
        () -> 1, micros -> micros > Timestamps.parse("2100-01-01") ? "late" : null);
  }

  private static Object outcome(SampleParser parser, byte[] body, PushContext context) {
    try {
      List<Object> all = new ArrayList<>();
      PushedSamples pushed = parser.parse(body, context);
      for (int i = 0; i < pushed.batch().size(); i++) {
        all.add(pushed.batch().series(i));
        all.add(pushed.batch().timestamp(i));
        all.add(pushed.batch().metadata(i));
        all.add(pushed.batch().volume(i));
        if (context.idempotencyKey() != null || isWithId(pushed.batch().series(i))) {
          all.add(pushed.batch().key(i));
        }
      }
      return all;
    } catch (ApiException e) {
      return e.getMessage();
    }
  }

  /** Others may get a random one each time. */
  private static boolean isWithId(Series series) {
    return series.resourceId().startsWith("named") && series.meter().equals("cpu");
  }

  private static byte[] push(Random random) {
    StringBuilder push = new StringBuilder("[");
    int from = random.nextInt(6);
    int count = 1 + random.nextInt(12);
    boolean isTidy = random.nextBoolean();
    for (int i = from; i < from + count; i++) {
      if (i > from) {
        push.append(isTidy || random.nextInt(10) > 0 ? "," : pick(random, " ,\n", ", ", ",,", " "));
      }
      String sample = SHAPES[random.nextInt(30) > 0 ? i % 4 : random.nextInt(SHAPES.length)];
      boolean isNamed = random.nextBoolean();
      sample = fill(sample, "%n", () -> value(NUMBERS, 6, isTidy, random));
      sample = fill(sample, "%t", () -> value(TIMES, 3, isTidy, random));
      sample =
          fill(sample, "%i", () -> isNamed ? "id-" + i(random) : value(IDS, 2, isTidy, random));
      push.append(sample.replace("%d", (isNamed ? "named" : "r") + i % 8));
    }
    push.append(isTidy || random.nextInt(10) > 0 ? "]" : pick(random, " ]", ",]", "", "]]", "}"));
    byte[] body = push.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(10) == 0) {
      body[random.nextInt(body.length)] = (byte) random.nextInt();
    }
    return body;
  }

  private static int i(Random random) {
    return random.nextInt(1000);
  }

  private static String fill(String shape, String mark, Supplier<String> value) {
    String filled = shape;
    while (filled.contains(mark)) {
      int at = filled.indexOf(mark);
      filled = filled.substring(0, at) + value.get() + filled.substring(at + mark.length());
    }
    return filled;
  }

  private static String value(String[] of, int good, boolean isTidy, Random random) {
    return of[random.nextInt(isTidy || random.nextInt(8) > 0 ? good : of.length)];
  }

  private static String pick(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }
}
