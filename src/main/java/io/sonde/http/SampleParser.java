package io.sonde.http;

import static io.sonde.http.ApiException.badRequest;
import static io.sonde.http.ApiException.invalidInput;

import akka.http.javadsl.model.StatusCodes;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * Reads a pushed JSON array of samples, in either of the two shapes that Ceilometer's publishers
 * send: metering messages ({@code counter_name}, …) and plain samples ({@code name}, …). All is
 * validated before anything is handed on; an error names the sample's index, the field and the
 * value. Of a key that stands twice the last one counts.
 */
final class SampleParser {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /** More could not be stored within the time that a request may take. */
  static final int MAX_SAMPLES = 100_000;

  private final LongSupplier now;
  private final LongFunction<String> refusal;
  private final PushCaches caches = PushCaches.create(Runtime.getRuntime().maxMemory());

  /**
   * A parser, for all pushes of a node: it keeps what they have in common.
   *
   * @param now microseconds since 1970, for samples without a timestamp
   * @param refusal why a sample of this timestamp is not taken, or null when it is
   */
  SampleParser(LongSupplier now, LongFunction<String> refusal) {
    this.now = now;
    this.refusal = refusal;
  }

  /** The samples of a request's body. */
  PushedSamples parse(byte[] received, PushContext context) {
    byte[] body = withoutMark(received);
    if (isWide(body)) {
      throw badRequest("The request body is not UTF-8");
    }
    SampleReader samples = new SampleReader(body, context, now.getAsLong(), refusal, caches);
    JsonParser parser = null;
    try {
      parser = JsonTree.FACTORY.createParser(body);
      begin(parser);
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (samples.count() == MAX_SAMPLES) {
          throw new ApiException(
              StatusCodes.CONTENT_TOO_LARGE,
              "A push holds at most " + MAX_SAMPLES + " samples: send several.");
        }
        samples.read(parser);
        if (samples.readAlike()) {
          parser.close();
          parser = parserBehind(samples.end(), body, samples);
        }
      }
      if (parser.nextToken() != null) {
        throw invalidInput("samples", parser.getText(), "Nothing may follow the array.");
      }
      if (samples.count() == 0) {
        throw noSamples();
      }
    } catch (JsonProcessingException e) {
      boolean isPlaced = samples.origin() == 0 && e.getLocation() != null;
      JsonProcessingException first = isPlaced ? e : firstMistake(body, e);
      throw notJson(first.getOriginalMessage(), first.getLocation());
    } catch (IOException e) {
      // Bytes that are no text at all, such as malformed UTF-32, come as plain exceptions.
      throw notJson(e.getMessage(), null);
    } finally {
      close(parser);
    }
    return samples.build();
  }

  private static void begin(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw noSamples();
    }
    if (first != JsonToken.START_ARRAY) {
      throw invalidInput("samples", parser.getText(), "A JSON array of samples is expected.");
    }
  }

  /**
   * A parser of what follows a sample that ends at a place. To it the array begins there, in the
   * place of the comma, or of the brace before the bracket that ends the array.
   */
  private static JsonParser parserBehind(int end, byte[] body, SampleReader samples)
      throws IOException {
    int comma = behindBlanks(body, end);
    int at = comma < body.length && body[comma] == ',' ? behindBlanks(body, comma + 1) : comma;
    boolean isLast = at < body.length && body[at] == ']';
    int begin = isLast ? at - 1 : comma;
    if (isLast != (at == comma)) {
      throw new JsonParseException(null, "a comma or the array's end is expected");
    }
    byte own = body[begin];
    body[begin] = '[';
    JsonParser parser = JsonTree.FACTORY.createParser(body, begin, body.length - begin);
    parser.nextToken();
    body[begin] = own;
    samples.beginAt(begin);
    return parser;
  }

  /** The first place from this one on where no white space of JSON is; the length where all is. */
  static int behindBlanks(byte[] body, int from) {
    int at = from;
    while (at < body.length
        && (body[at] == ' ' || body[at] == '\n' || body[at] == '\r' || body[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static void close(JsonParser parser) {
    try {
      if (parser != null) {
        parser.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ApiException noSamples() {
    return badRequest("Samples should be included in request body");
  }

  /** The same mistake with its place in the whole body, which a later parser does not know. */
  private static JsonProcessingException firstMistake(byte[] body, JsonProcessingException found) {
    try (JsonParser parser = JsonTree.FACTORY.createParser(body)) {
      parser.nextToken();
      parser.skipChildren();
      parser.nextToken();
    } catch (JsonProcessingException e) {
      return e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  static ApiException notJson(String why, JsonLocation where) {
    String place =
        where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr();
    return badRequest("The request body is not JSON" + place + ": " + why);
  }

  static byte[] withoutMark(byte[] body) {
    return body.length >= 3 && Arrays.equals(body, 0, 3, BYTE_ORDER_MARK, 0, 3)
        ? Arrays.copyOfRange(body, 3, body.length)
        : body;
  }

  /** UTF-16 and UTF-32, which the JSON reader would take but without places of bytes. */
  static boolean isWide(byte[] body) {
    return body.length > 1 && (body[0] == 0 || body[1] == 0 || (body[0] & 0xfe) == 0xfe);
  }
}
