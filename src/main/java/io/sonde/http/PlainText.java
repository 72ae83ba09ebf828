package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sonde.model.SampleKey;
import io.sonde.series.BytesCache;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text in a JSON body that stands there as it is meant: ASCII without an escape or a control
 * character. Nearly all ids and names are that, and are taken from their bytes. An object serves
 * one field of all samples of a body, and finds it fastest where it says the same as the last time.
 */
final class PlainText {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;
  private static final long BLANKS = ' ' * ONES;

  private final byte[] body;
  private int origin;
  private int from;
  private int to;
  private String text;

  PlainText(byte[] body) {
    this.body = body;
  }

  /** The bytes of parsers begin at this place of the body from here on. */
  void beginAt(int origin) {
    this.origin = origin;
  }

  /** Whether the parser stands on plain text; then this is that one. */
  boolean isAt(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      return false;
    }
    int start = origin + (int) parser.currentTokenLocation().getByteOffset() + 1;
    if (isRepeated(start)) {
      to += start - from;
      from = start;
      return true;
    }
    int end = end(body, start);
    from = start;
    to = Math.max(start, end);
    text = null;
    return end >= 0;
  }

  /** Its first byte's place in the body. */
  int from() {
    return from;
  }

  int length() {
    return to - from;
  }

  /** The text. */
  String text() {
    if (text == null) {
      text = new String(body, from, length(), StandardCharsets.ISO_8859_1);
    }
    return text;
  }

  /** The text, from a cache where it is known there. */
  String text(BytesCache<String> cache) {
    if (text == null) {
      text = cache.get(body, from, to);
      if (text == null) {
        text = cache.add(body, from, to, text());
      }
    }
    return text;
  }

  /** See {@link SampleKey#ofMessageId(String)}. */
  long key() {
    return SampleKey.ofMessageId(body, from, to);
  }

  /** Whether the text that begins here is the one that was found before. */
  private boolean isRepeated(int start) {
    int end = start + length();
    return end < body.length && body[end] == '"' && Arrays.equals(body, from, to, body, start, end);
  }

  /**
   * The place of the quotation mark that ends the text from a place on; -1 when it is not plain.
   */
  static int end(byte[] body, int from) {
    int at = from;
    for (; at + Long.BYTES <= body.length; at += Long.BYTES) {
      long eight = (long) LONGS.get(body, at);
      // A subtraction borrows where its byte ends the text; the lowest such byte is exact.
      long ends =
          (((eight ^ QUOTES) - ONES) | ((eight ^ BACKSLASHES) - ONES) | (eight - BLANKS) | eight)
              & HIGH_BITS;
      if (ends != 0) {
        return endedBy(body, at + Long.numberOfTrailingZeros(ends) / Byte.SIZE);
      }
    }
    while (at < body.length && body[at] >= ' ' && body[at] != '"' && body[at] != '\\') {
      at++;
    }
    return at < body.length ? endedBy(body, at) : -1;
  }

  private static int endedBy(byte[] body, int at) {
    return body[at] == '"' ? at : -1;
  }
}
