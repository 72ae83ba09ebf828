package io.sonde.publish;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.publish.Publisher.Outgoing;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the metering messages of recorded samples, a line of JSON each. What a series contributes
 * is written out once and copied from then on. For one thread.
 */
final class MessageLines {
  /** Above this many series, remembering begins anew. */
  private static final int REMEMBERED = 10_000;

  private static final byte[] BEGIN = ascii("{\"message_id\":\"");
  private static final byte[] AFTER_ID = ascii("\",");
  private static final byte[] RECORDED = ascii("\",\"recorded_at\":\"");
  private static final byte[] METADATA = ascii("\",\"resource_metadata\":");

  /** The texts before the volume, between volume and time, and behind the metadata. */
  private record Fragments(byte[] beforeVolume, byte[] beforeTime, byte[] end) {}

  private final Map<Series, Fragments> known = new LinkedHashMap<>();
  private Metadata lastMetadata;
  private byte[] lastMetadataJson;
  private long lastSecond = Long.MIN_VALUE;
  private String lastSecondText;

  /** Appends a line with its end. */
  @SuppressWarnings("ReferenceEquality") // another object is written anew, equal or not
  void write(Outgoing outgoing, ByteArrayOutputStream out) {
    Fragments fragments = known.get(outgoing.sample().series());
    if (fragments == null) {
      fragments = fragments(outgoing.sample().series());
      if (known.size() >= REMEMBERED) {
        known.clear();
      }
      known.put(outgoing.sample().series(), fragments);
    }
    if (outgoing.sample().metadata() != lastMetadata) {
      lastMetadata = outgoing.sample().metadata();
      lastMetadataJson = lastMetadata.json().getBytes(StandardCharsets.UTF_8);
    }
    out.writeBytes(BEGIN);
    out.writeBytes(ascii(outgoing.id()));
    out.writeBytes(AFTER_ID);
    out.writeBytes(fragments.beforeVolume());
    out.writeBytes(ascii(MeteringMessage.volume(outgoing.sample().volume()).toString()));
    out.writeBytes(fragments.beforeTime());
    out.writeBytes(ascii(iso(outgoing.sample().timestamp())));
    out.writeBytes(RECORDED);
    out.writeBytes(ascii(iso(outgoing.recordedAt() * 1_000_000)));
    out.writeBytes(METADATA);
    out.writeBytes(lastMetadataJson);
    out.writeBytes(fragments.end());
  }

  private static Fragments fragments(Series series) {
    Map<String, Object> before = new LinkedHashMap<>();
    before.put("source", series.source());
    before.put("counter_name", series.meter());
    before.put("counter_type", series.type().wireName());
    before.put("counter_unit", series.unit());
    Map<String, Object> behind = new LinkedHashMap<>();
    behind.put("resource_id", series.resourceId());
    behind.put("project_id", series.projectId());
    behind.put("user_id", series.userId());
    String end =
        series.dimensions().isEmpty()
            ? "}\n"
            : ",\"dimensions\":" + MeteringMessage.text(series.dimensions()) + "}\n";
    return new Fragments(
        utf8(inner(before) + ",\"counter_volume\":"),
        utf8("," + inner(behind) + ",\"timestamp\":\""),
        utf8(end));
  }

  /** An object's text without its braces. */
  private static String inner(Map<String, Object> tree) {
    String text = MeteringMessage.text(tree);
    return text.substring(1, text.length() - 1);
  }

  /** As {@link Instant#toString} has it; samples of many series share their second. */
  private String iso(long micros) {
    long second = Math.floorDiv(micros, 1_000_000L);
    int fraction = (int) Math.floorMod(micros, 1_000_000L);
    if (second != lastSecond) {
      String text = Instant.ofEpochSecond(second).toString();
      lastSecondText = text.substring(0, text.length() - 1);
      lastSecond = second;
    }
    if (fraction == 0) {
      return lastSecondText + "Z";
    }
    String digits = Integer.toString(1_000_000 + fraction).substring(1);
    return lastSecondText + "." + (fraction % 1_000 == 0 ? digits.substring(0, 3) : digits) + "Z";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
