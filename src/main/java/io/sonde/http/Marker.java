package io.sonde.http;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.headers.RawHeader;
import io.sonde.model.SampleId;
import io.sonde.model.StorableText;
import io.sonde.query.StoredSample;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/**
 * The place in a listing behind which its next part begins. To clients it is a text without
 * meaning: base64url without padding of a version byte, the time (64 bits, big endian) and the id
 * in UTF-8.
 *
 * @param time microseconds since 1970 in UTC
 * @param id tells apart what has the same time
 */
record Marker(long time, String id) {
  /** The argument that it is given in. */
  static final String ARGUMENT = "marker";

  private static final byte VERSION = 1;
  private static final int HEAD = 1 + Long.BYTES;

  /** The marker that a request gives, or null. */
  static Marker of(Arguments arguments) {
    String text = arguments.one(ARGUMENT);
    return text == null ? null : parse(text);
  }

  /** Reads what {@link #text} wrote. */
  static Marker parse(String text) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
      if (bytes.remaining() > HEAD && bytes.get() == VERSION) {
        long time = bytes.getLong();
        Marker marker =
            new Marker(time, StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
        if (StorableText.isStorable(marker.id) && marker.text().equals(text)) {
          return marker;
        }
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw unknown(text);
    }
    throw unknown(text);
  }

  String text() {
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + utf8.length).put(VERSION).putLong(time).put(utf8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** The header that says where a listing goes on: the request's own URL, but with this marker. */
  HttpHeader next(HttpRequest request) {
    StringBuilder url =
        new StringBuilder(NodeRoutes.host(request))
            .append(request.getUri().getPathString())
            .append('?');
    for (String pair : request.getUri().rawQueryString().orElse("").split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = Arguments.decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : Arguments.decoded(pair.substring(equals + 1));
      if (!pair.isEmpty() && !name.equals(ARGUMENT)) {
        url.append(encoded(name)).append('=').append(encoded(value)).append('&');
      }
    }
    url.append(ARGUMENT).append('=').append(text());
    return RawHeader.create("Link", "<" + url + ">; rel=\"next\"");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** The marker of a sample. */
  static Marker of(StoredSample sample) {
    return new Marker(sample.sample().timestamp(), sample.id());
  }

  /**
   * The marker of a row of figures.
   *
   * @param start where its period begins, microseconds; the same for all where there are none
   * @param names what tells rows of a period apart; only a digest of it, as it may be long
   */
  static Marker ofRow(long start, Object... names) {
    byte[] bytes = Arrays.deepToString(names).getBytes(StandardCharsets.UTF_8);
    return new Marker(start, UUID.nameUUIDFromBytes(bytes).toString());
  }

  /** The place of the sample that a marker names, which may be null. */
  static SampleId.Place place(Marker marker) {
    if (marker == null) {
      return null;
    }
    SampleId.Place place = SampleId.parse(marker.id());
    if (place == null || place.timestamp() != marker.time()) {
      throw unknown(marker.text());
    }
    return place;
  }

  /** A marker that no answer gave. */
  static ApiException unknown(String text) {
    return ApiException.invalidInput(
        ARGUMENT, text, "a marker out of the Link of an answer is expected");
  }
}
