package io.sonde.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.Timestamps;
import io.sonde.query.UsageRow;
import io.sonde.store.PeriodStore.Figure;
import io.sonde.store.PeriodStore.Sealed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A statement of usage: what was used in a period as far as it was recorded by a second, and what
 * is different about earlier ones. Its bytes never change; their SHA-256 stands in a note.
 *
 * @param period what is sealed with it, and the note
 * @param json canonical
 */
public record Statement(Sealed period, byte[] json) {
  private static final double MICROS = 1e6;

  /** What was used of a meter by one group. */
  record Line(String meter, UsageRow row) {
    Figure figure() {
      return new Figure(
          meter,
          row.type().wireName(),
          row.quantityUnit(),
          CanonicalJson.text(group()),
          row.quantity(),
          row.samples());
    }

    /** Null where nothing is told apart, as in answers about usage. */
    private Map<String, String> group() {
      return row.group().isEmpty() ? null : row.group();
    }

    private Map<String, Object> json() {
      Map<String, Object> json = new TreeMap<>();
      json.put("meter", meter);
      json.put("type", row.type().wireName());
      json.put("quantity", row.quantity());
      json.put("unit", row.quantityUnit());
      json.put("groupby", group());
      json.put("resources", row.resources());
      json.put("samples", row.samples());
      json.put("first_sample", row.samples() > 0 ? Timestamps.format(row.first()) : null);
      json.put("last_sample", row.samples() > 0 ? Timestamps.format(row.last()) : null);
      json.put("covered", row.covered() / MICROS);
      json.put("gaps", row.gaps());
      json.put("gap_time", row.gapTime() / MICROS);
      json.put("longest_gap", row.longestGap() / MICROS);
      json.put("resets", row.resets());
      return json;
    }
  }

  /** A figure of an earlier period that has changed. */
  record Correction(Sealed period, Corrections.Change change) {
    private Map<String, Object> json() {
      Map<String, Object> json = new TreeMap<>();
      Figure now = change.now();
      json.put("period", period.id());
      json.put("start", Timestamps.format(period.start()));
      json.put("end", Timestamps.format(period.end()));
      json.put("meter", now.meter());
      json.put("type", now.type());
      json.put("unit", now.unit());
      json.put("groupby", tree(now.group().getBytes(StandardCharsets.UTF_8)));
      json.put("stated", change.stated());
      json.put("now", now.quantity());
      json.put("difference", difference(change.stated(), now.quantity()));
      return json;
    }
  }

  /** A meter of a period, samples of which were not kept until now. */
  record Dropped(String period, String meter) {
    private Map<String, Object> json() {
      return new TreeMap<>(Map.of("period", period, "meter", meter));
    }
  }

  /**
   * What a statement says.
   *
   * @param recordedUntil seconds since 1970: what was recorded later is not in it
   * @param previous the statement of the same selection before this one; null for the first
   * @param checkpoint of all journals, taken after that second
   */
  record Content(
      Period period,
      long recordedUntil,
      Instant sealedAt,
      Sealed previous,
      Checkpoint checkpoint,
      List<Line> lines,
      List<Correction> corrections,
      List<Dropped> dropped) {
    byte[] json() {
      Map<String, Object> json = new TreeMap<>();
      json.put("id", period.id());
      json.put("start", Timestamps.format(period.start()));
      json.put("end", Timestamps.format(period.end()));
      json.put("project_id", period.projectId());
      json.put("meters", period.meters());
      json.put("groupby", period.groupBy());
      json.put("gap", period.gap());
      json.put("recorded_until", time(Instant.ofEpochSecond(recordedUntil)));
      json.put("sealed_at", time(sealedAt));
      json.put(
          "previous",
          previous == null
              ? null
              : Map.of("id", previous.id(), "sha256", Period.hex(previous.digest())));
      json.put(
          "checkpoint",
          Map.of(
              "origin", checkpoint.origin(),
              "size", checkpoint.size(),
              "root", Base64.getEncoder().encodeToString(checkpoint.root())));
      // One after the other while they are written: there may be many.
      Iterable<Map<String, Object>> allLines = () -> lines.stream().map(Line::json).iterator();
      json.put("lines", allLines);
      json.put("corrections", corrections.stream().map(Correction::json).toList());
      json.put("dropped", dropped.stream().map(Dropped::json).toList());
      return CanonicalJson.bytes(json);
    }
  }

  /** The part of a statement of all projects that is about one of them; no note tells its hash. */
  public JsonNode ofProject(String project) {
    ObjectNode statement = (ObjectNode) tree();
    for (String part : List.of("lines", "corrections")) {
      ArrayNode kept = statement.arrayNode();
      for (JsonNode each : statement.get(part)) {
        if (project.equals(each.at("/groupby/project_id").textValue())) {
          kept.add(each);
        }
      }
      statement.set(part, kept);
    }
    return statement;
  }

  /**
   * The text of its note: a checkpoint, and two lines more that name the statement.
   *
   * @param digest SHA-256 of the statement
   */
  static String noteText(Checkpoint checkpoint, String id, byte[] digest) {
    return checkpoint.text() + "period " + id + "\nsha256 " + Period.hex(digest) + "\n";
  }

  /** What must be added to what was stated, exactly. */
  private static String difference(double stated, double now) {
    return decimal(now).subtract(decimal(stated)).stripTrailingZeros().toPlainString();
  }

  /** The number that a figure shows. */
  private static BigDecimal decimal(double figure) {
    return new BigDecimal(CanonicalJson.text(figure));
  }

  /** What is in it, for those who look at parts of it. */
  public JsonNode tree() {
    return tree(json);
  }

  /** Whether its note has a signature. */
  public static boolean isSigned(Sealed period) {
    try {
      return !Note.parse(period.note()).signatures().isEmpty();
    } catch (NoteException e) {
      throw new IllegalStateException("what was stored as a note is none", e);
    }
  }

  private static JsonNode tree(byte[] json) {
    try {
      return CanonicalJson.read(json);
    } catch (IOException e) {
      throw new UncheckedIOException("what was stored as JSON is none", e);
    }
  }

  private static String time(Instant instant) {
    return Timestamps.format(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
  }
}
