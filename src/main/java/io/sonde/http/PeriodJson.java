package io.sonde.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.audit.Statement;
import io.sonde.model.Timestamps;
import io.sonde.store.PeriodStore.Sealed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Sealed periods on the wire. */
final class PeriodJson {
  private static final long SECOND = 1_000_000;

  private PeriodJson() {}

  /** A line of a statement, or a correction. */
  private record Row(JsonNode statement, JsonNode entry) {}

  /** A statement as it was sealed, with its note; or its lines and corrections as a listing. */
  static HttpResponse answer(Statement statement, ListingFormat format) {
    return format == ListingFormat.JSON
        ? JsonAnswer.of(statement, PeriodJson::write)
        : rows(statement.tree(), format);
  }

  /** Of a project's part of a statement. */
  static HttpResponse answer(JsonNode part, ListingFormat format) {
    return format == ListingFormat.JSON
        ? JsonAnswer.of(part, PeriodJson::writePart)
        : rows(part, format);
  }

  static void write(Statement statement, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeFieldName("statement");
    // To the byte, as the note tells its hash.
    out.writeRawValue(new String(statement.json(), StandardCharsets.UTF_8));
    out.writeBooleanField("whole", true);
    out.writeBooleanField("signed", Statement.isSigned(statement.period()));
    out.writeStringField("note", statement.period().note());
    out.writeEndObject();
  }

  private static void writePart(JsonNode part, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeFieldName("statement");
    out.writeRawValue(part.toString());
    out.writeBooleanField("whole", false);
    out.writeBooleanField("signed", false);
    out.writeNullField("note");
    out.writeEndObject();
  }

  /** A period without its statement. */
  static void writeHead(Sealed period, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", period.id());
    out.writeStringField("start", Timestamps.format(period.start()));
    out.writeStringField("end", Timestamps.format(period.end()));
    out.writeStringField("project_id", period.projectId());
    writeTexts("meters", period.meters(), out);
    writeTexts("groupby", period.groupBy(), out);
    out.writeNumberField("gap", period.gap());
    out.writeStringField("recorded_until", Timestamps.format(period.recordedUntil() * SECOND));
    out.writeStringField(
        "sealed_at",
        Timestamps.format(ChronoUnit.MICROS.between(Instant.EPOCH, period.sealedAt())));
    out.writeStringField("sha256", HexFormat.of().formatHex(period.digest()));
    out.writeBooleanField("signed", Statement.isSigned(period));
    out.writeEndObject();
  }

  private static void writeTexts(String name, List<String> texts, JsonGenerator out)
      throws IOException {
    out.writeFieldName(name);
    out.writeArray(texts.toArray(String[]::new), 0, texts.size());
  }

  private static HttpResponse rows(JsonNode statement, ListingFormat format) {
    List<Row> rows = new ArrayList<>();
    statement.get("lines").forEach(line -> rows.add(new Row(statement, line)));
    statement.get("corrections").forEach(one -> rows.add(new Row(statement, one)));
    return new Listing<>(format, PeriodJson::writeRow).of(rows);
  }

  /** The quantities of all rows add up to what is to be billed. */
  private static void writeRow(Row row, JsonGenerator out) throws IOException {
    JsonNode entry = row.entry();
    boolean isCorrection = entry.has("difference");
    JsonNode about = isCorrection ? entry : row.statement();
    out.writeStartObject();
    out.writeStringField("kind", isCorrection ? "correction" : "usage");
    out.writeStringField("period", about.get(isCorrection ? "period" : "id").textValue());
    out.writeStringField("start", about.get("start").textValue());
    out.writeStringField("end", about.get("end").textValue());
    for (String name : List.of("meter", "type", "groupby")) {
      out.writeFieldName(name);
      out.writeRawValue(entry.get(name).toString());
    }
    out.writeFieldName("quantity");
    out.writeRawValue(
        isCorrection ? entry.get("difference").textValue() : entry.get("quantity").toString());
    out.writeStringField("unit", entry.get("unit").textValue());
    for (String name : List.of("stated", "now")) {
      out.writeFieldName(name);
      out.writeRawValue(isCorrection ? entry.get(name).toString() : "null");
    }
    out.writeEndObject();
  }
}
