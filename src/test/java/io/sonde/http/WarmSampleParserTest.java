package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Timestamps;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What earlier pushes left behind changes nothing in how a push is read. */
class WarmSampleParserTest {
  private static final int ROUNDS = 3_000;
  private static final PushContext ANY = new PushContext(null, Caller.UNRESTRICTED, null);
  private static final PushContext OWN =
      new PushContext(null, new Caller("caller", "p1", null), "key");
  private static final PushContext CPU = new PushContext("cpu", new Caller(null, "p2", "p2"), null);

  private static final String[] TEXTS = {
    "r1",
    "",
    "p1",
    "p2",
    "12345678",
    "1234567",
    "123456789",
    "openstack",
    "gauge",
    "cpu",
    "5460acce-4fd6-480d-ab18-9735ec7b1996",
    "\\u0072\\u0031",
    "r\\\"1",
    "r\\\\",
    "\u00e9",
    "12345\u00e9",
    "1234567\\n",
    "\ud83d\ude00",
    "\\ud83d",
    "\\u0000",
    "\u007f",
    "tab\there"
  };
  private static final String[] METADATA = {
    "{}",
    "{\"a\":1}",
    "{ \"a\" : 1 }",
    "{\"a\":1,\"a\":2}",
    "{\"a.b\":{\"c\":[1,null,true]}}",
    "{\"a\":NaN}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"}\"}",
    "{\"a\":1",
    "[]",
    "null",
    "{\"a\":" + "[".repeat(40) + "]".repeat(40) + "}",
    "{\"\u00e9\":\"\\u00e9\"}"
  };
  private static final String[] VOLUMES = {
    "1",
    "0.1",
    "-12.5e3",
    "1e400",
    "null",
    "\"7\"",
    "9007199254740993",
    "123456789012345678901",
    "NaN",
    "[]",
    "01",
    "0.30000000000000004"
  };
  private static final String[] TIMES = {
    "2026-01-01T00:00:00",
    "2026-01-01T00:01:00",
    "2026-01-01 00:00:00Z",
    "2026-13-01",
    "2026-01-01T00:00\\u003a00",
    "2999-01-01",
    ""
  };

  private final SampleParser warm = parser();

  @Test
  void aWarmParserReadsLikeAColdOne() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    int good = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] body = body(random).getBytes(StandardCharsets.UTF_8);
      if (random.nextInt(20) == 0) {
        body[random.nextInt(body.length)] = (byte) random.nextInt();
      }
      PushContext context = random.nextInt(3) == 0 ? random.nextBoolean() ? OWN : CPU : ANY;
      Object cold = outcome(parser(), body, context);
      Object again = outcome(warm, body, context);
      if (!again.equals(cold)) {
        fail("seed %d: %s%nis read as %s%ninstead of %s", seed, text(body), again, cold);
      }
      good += cold instanceof List ? 1 : 0;
    }
    assertThat(good).as("pushes that are taken").isBetween(ROUNDS / 10, ROUNDS * 9 / 10);
  }

  @Test
  void fieldsInAnyOrderAndShapeAreRead() {
    Random random = new Random(Long.getLong("seed", 1));
    List<String> fields =
        new ArrayList<>(
            List.of(
                "\"counter_name\":\"cpu\"",
                "\"counter_type\":\"gauge\"",
                "\"counter_unit\" : \"ns\"",
                "\"counter_v\\u006flume\":2.5",
                "\"resource_id\":\"r\"",
                "\"project_id\":null",
                "\"monotonic_time\":{\"name\":[1]}",
                "\"timestamp\":\"2026-01-01\"",
                "\"message_id\":\"m\""));
    List<String> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Collections.shuffle(fields, random);
      samples.add("{" + String.join(",", fields) + "}");
    }

    SampleBatch batch = warm.parse(text("[" + String.join(",\n", samples) + "]"), ANY).batch();

    assertThat(batch.size()).isEqualTo(100);
    assertThat(batch.samples().stream().distinct()).hasSize(1);
    assertThat(batch.key(0)).isEqualTo(SampleKey.ofMessageId("m"));
    assertThat(batch.volume(0)).isEqualTo(2.5);
  }

  @Test
  void volumesAreRoundedAsJavaDoes() {
    long seed = Long.getLong("seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String volume =
          switch (random.nextInt(4)) {
            case 0 -> Long.toString(random.nextLong());
            case 1 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
            case 2 -> String.format(Locale.ROOT, "%.3f", random.nextDouble() * 1e6);
            default ->
                random.nextLong() + "" + random.nextLong(1L << 60) + "." + random.nextInt(99);
          };
      if (volume.startsWith("N") || volume.contains("Inf")) {
        continue;
      }
      String sample =
          "[{\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\",\"resource_id\":\"r\",\"volume\":%s}]"
              .formatted(volume);
      assertThat(warm.parse(text(sample), ANY).batch().volume(0))
          .as("seed %d: %s", seed, volume)
          .isEqualTo(Double.parseDouble(volume));
    }
  }

  @Test
  void aTimestampIsNeverTakenForAnother() {
    // The second sample's last timestamp is not the one that stands last in the body.
    String one =
        "{\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\",\"resource_id\":\"r\",\"volume\":1";
    String body =
        "["
            + (one + ",\"timestamp\":\"2026-01-01\"},")
            + (one + ",\"timestamp\":\"2026-01-02\",\"timestamp\":\"2026-01-0\\u0033\"},")
            + (one + ",\"timestamp\":\"2026-01-02\"}]");

    SampleBatch batch = warm.parse(text(body), ANY).batch();

    assertThat(batch.samples())
        .extracting(sample -> Timestamps.format(sample.timestamp()))
        .containsExactly("2026-01-01T00:00:00", "2026-01-03T00:00:00", "2026-01-02T00:00:00");
  }

  @Test
  void textsAreFoundBehindTwoByteOrderMarks() {
    String body =
        "\ufeff\ufeff[{\"name\":\"m\",\"type\":\"gauge\",\"unit\":\"\",\"volume\":1,"
            + "\"resource_id\":\"resource\",\"resource_metadata\":{\"a\":1}}]";

    SampleBatch batch = warm.parse(text(body), ANY).batch();

    assertThat(batch.series(0).resourceId()).isEqualTo("resource");
    assertThat(batch.metadata(0).json()).isEqualTo("{\"a\":1}");
  }

  private static SampleParser parser() {
    return new SampleParser(
        () -> 1, micros -> micros > Timestamps.parse("2100-01-01") ? "late" : null);
  }

  /** The samples, those without an id with the key 1, or the error's text. */
  private static Object outcome(SampleParser parser, byte[] body, PushContext context) {
    try {
      PushedSamples pushed = parser.parse(body, context);
      List<Object> all = new ArrayList<>(pushed.sentMetadata());
      boolean hasIds = text(body).contains("_id\":\"id-") || context.idempotencyKey() != null;
      for (Sample sample : pushed.batch().samples()) {
        all.add(
            hasIds
                ? sample
                : new Sample(
                    sample.series(), sample.timestamp(), sample.volume(), 1, sample.metadata()));
      }
      return all;
    } catch (ApiException e) {
      return e.getMessage();
    }
  }

  private static String body(Random random) {
    boolean hasIds = random.nextBoolean();
    List<String> samples = new ArrayList<>();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      List<String> fields = new ArrayList<>();
      fields.add("\"counter_name\":\"" + (random.nextInt(3) > 0 ? "cpu" : rare(random)) + "\"");
      fields.add("\"counter_type\":\"" + (random.nextInt(20) > 0 ? "gauge" : rare(random)) + "\"");
      fields.add("\"counter_unit\":\"" + rare(random) + "\"");
      fields.add("\"counter_volume\":" + pick(VOLUMES, random));
      fields.add("\"resource_id\":\"" + (random.nextBoolean() ? "r2" : rare(random)) + "\"");
      fields.add("\"timestamp\":\"" + pick(TIMES, random) + "\"");
      if (hasIds) {
        fields.add("\"message_id\":\"id-" + rare(random) + "\"");
      }
      if (random.nextBoolean()) {
        fields.add("\"project_id\":\"" + rare(random) + "\"");
        fields.add("\"resource_metadata\":" + pick(METADATA, random));
      }
      if (random.nextInt(4) == 0) {
        fields.add("\"user_id\":\"" + rare(random) + "\"");
        fields.add("\"source\":null");
        Collections.shuffle(fields, random);
      }
      samples.add("{" + String.join(",", fields) + "}");
    }
    return "[" + String.join(",", samples) + "]";
  }

  /** Mostly what is good: a push with one bad text is refused whole. */
  private static String rare(Random random) {
    return random.nextInt(4) > 0 ? TEXTS[2 + random.nextInt(9)] : pick(TEXTS, random);
  }

  private static String pick(String[] of, Random random) {
    return of[random.nextInt(3) > 0 ? random.nextInt(2) : random.nextInt(of.length)];
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }
}
