package io.sonde.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers with a JSON body. */
final class JsonAnswer {
  // Akka's own JSON type leaves the charset out; Ceilometer names it.
  private static final ContentType JSON =
      MediaTypes.applicationWithOpenCharset("json").toContentType(HttpCharsets.UTF_8);

  private JsonAnswer() {}

  /** Writes a value, whole. */
  interface Writer<T> {
    void write(T value, JsonGenerator out) throws IOException;
  }

  /** 200 with one value. */
  static <T> HttpResponse of(T value, Writer<T> writer) {
    return of(StatusCodes.OK, value, writer);
  }

  /** One value. */
  static <T> HttpResponse of(StatusCode status, T value, Writer<T> writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator out = JsonTree.FACTORY.createGenerator(bytes)) {
      writer.write(value, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(JSON, ByteString.fromArrayUnsafe(bytes.toByteArray())));
  }

  /** An array of values. */
  static <T> HttpResponse array(StatusCode status, List<T> values, Writer<T> writer) {
    return of(
        status,
        values,
        (all, out) -> {
          out.writeStartArray();
          for (T value : all) {
            writer.write(value, out);
          }
          out.writeEndArray();
        });
  }

  /** The error body of Ceilometer's API. */
  static HttpResponse error(StatusCode status, String faultstring) {
    return of(
        status,
        faultstring,
        (text, out) -> {
          out.writeStartObject();
          out.writeObjectFieldStart("error_message");
          out.writeNullField("debuginfo");
          out.writeStringField("faultcode", status.intValue() < 500 ? "Client" : "Server");
          out.writeStringField("faultstring", whole(text));
          out.writeEndObject();
          out.writeEndObject();
        });
  }

  /** With question marks for halves of surrogate pairs, which many readers of JSON refuse. */
  private static String whole(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
