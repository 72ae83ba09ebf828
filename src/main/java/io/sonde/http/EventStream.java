package io.sonde.http;

import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.query.LiveStream;
import io.sonde.query.StoredSample;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Live samples in the form of server-sent events. */
final class EventStream {
  /** Sent at once; a client that loses the connection comes again after two seconds. */
  static final ByteString BEGIN = ByteString.fromString("retry: 2000\n\n");

  /** A comment, which clients pass over. */
  static final ByteString HEARTBEAT = ByteString.fromString(":\n\n");

  private EventStream() {}

  /** An event for each sample, and one for those that were dropped, if any. */
  static ByteString of(LiveStream.Part part) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512 * (part.samples().size() + 1));
    try {
      SampleJson json = new SampleJson();
      for (StoredSample sample : part.samples()) {
        write("event: sample\nid: " + sample.id() + "\ndata: ", out);
        // JSON of this generator has no line breaks.
        try (JsonGenerator generator = JsonTree.FACTORY.createGenerator(out)) {
          json.write(sample, generator);
        }
        write("\n\n", out);
      }
      if (part.dropped() > 0) {
        write("event: dropped\ndata: {\"samples\": " + part.dropped() + "}\n\n", out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return ByteString.fromArrayUnsafe(out.toByteArray());
  }

  private static void write(String text, ByteArrayOutputStream out) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
