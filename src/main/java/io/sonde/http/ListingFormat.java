package io.sonde.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.MediaTypes;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** How a listing is written: as one JSON array, as a JSON object a line, or as CSV. */
enum ListingFormat {
  // Akka's own JSON type leaves the charset out; Ceilometer names it.
  JSON(MediaTypes.applicationWithOpenCharset("json")) {
    @Override
    <T> void write(List<T> page, boolean isFirst, JsonAnswer.Writer<T> writer, Bytes out)
        throws IOException {
      if (isFirst) {
        out.write('[');
      }
      boolean isNext = !isFirst;
      for (T value : page) {
        if (isNext) {
          out.write(',');
        }
        isNext = true;
        writeJson(value, writer, out);
      }
    }

    @Override
    byte[] end() {
      return new byte[] {']'};
    }
  },
  LINES(MediaTypes.applicationWithOpenCharset("x-ndjson")) {
    @Override
    <T> void write(List<T> page, boolean isFirst, JsonAnswer.Writer<T> writer, Bytes out)
        throws IOException {
      for (T value : page) {
        writeJson(value, writer, out);
        out.write('\n');
      }
    }
  },
  /** RFC 4180. What is nested stands in its cell as JSON; null is empty. */
  CSV(MediaTypes.TEXT_CSV) {
    @Override
    <T> void write(List<T> page, boolean isFirst, JsonAnswer.Writer<T> writer, Bytes out)
        throws IOException {
      boolean needsHeader = isFirst;
      for (T value : page) {
        Bytes json = new Bytes();
        writeJson(value, writer, json);
        List<String> names = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        readCells(json.toByteArray(), names, cells);
        if (needsHeader) {
          writeRow(names, out);
          needsHeader = false;
        }
        writeRow(cells, out);
      }
    }
  };

  /** Bytes in memory. */
  static final class Bytes extends ByteArrayOutputStream {
    private Bytes() {
      super(4096);
    }
  }

  @SuppressWarnings("ImmutableEnumChecker") // Akka does not say that it is.
  private final MediaType mediaType;

  @SuppressWarnings("ImmutableEnumChecker") // Akka does not say that it is.
  private final ContentType contentType;

  ListingFormat(MediaType.WithOpenCharset mediaType) {
    this.mediaType = mediaType;
    this.contentType = mediaType.toContentType(HttpCharsets.UTF_8);
  }

  MediaType mediaType() {
    return mediaType;
  }

  ContentType contentType() {
    return contentType;
  }

  /** A part of a listing: the first one begins it. */
  final <T> byte[] part(List<T> page, boolean isFirst, JsonAnswer.Writer<T> writer) {
    Bytes out = new Bytes();
    try {
      write(page, isFirst, writer, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return out.toByteArray();
  }

  /** What stands behind the last part. */
  byte[] end() {
    return new byte[0];
  }

  abstract <T> void write(List<T> page, boolean isFirst, JsonAnswer.Writer<T> writer, Bytes out)
      throws IOException;

  private static <T> void writeJson(T value, JsonAnswer.Writer<T> writer, Bytes out)
      throws IOException {
    try (JsonGenerator json = JsonTree.FACTORY.createGenerator(out)) {
      writer.write(value, json);
    }
  }

  /** The names and values of an object, or one nameless value. */
  private static void readCells(byte[] json, List<String> names, List<String> cells)
      throws IOException {
    try (JsonParser parser = JsonTree.FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        names.add("value");
        cells.add(cell(parser, json));
        return;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        names.add(parser.currentName());
        parser.nextToken();
        cells.add(cell(parser, json));
      }
    }
  }

  private static String cell(JsonParser parser, byte[] json) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    if (!parser.currentToken().isStructStart()) {
      return parser.getText();
    }
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    int to = (int) parser.currentLocation().getByteOffset();
    return new String(json, from, to - from, StandardCharsets.UTF_8);
  }

  private static void writeRow(List<String> cells, Bytes out) {
    String separator = "";
    StringBuilder row = new StringBuilder();
    for (String cell : cells) {
      row.append(separator).append(quoted(cell));
      separator = ",";
    }
    out.writeBytes(row.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String quoted(String cell) {
    boolean isPlain = cell.chars().allMatch(c -> c != ',' && c != '"' && c != '\r' && c != '\n');
    return isPlain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
