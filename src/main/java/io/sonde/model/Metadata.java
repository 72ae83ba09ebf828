package io.sonde.model;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The metadata of a resource as one JSON object, kept as canonical text: keys sorted, no white
 * space. It is named by a hash of that text, so that equal metadata is stored once wherever it
 * comes from.
 */
public final class Metadata {
  /** Bytes that the text may have in UTF-8. */
  public static final int MAX_BYTES = 64 * 1024;

  /** How deep objects and lists may be nested. */
  public static final int MAX_DEPTH = 64;

  /** The empty object. */
  public static final Metadata EMPTY = new Metadata("{}");

  private final String json;
  private UUID id;
  private int utf8Length;

  private Metadata(String json) {
    this.json = json;
  }

  /**
   * The metadata of a tree of JDK values: maps with string keys, lists, strings, numbers, booleans
   * and null.
   *
   * @throws IllegalArgumentException when the tree holds anything else, or more than is stored
   */
  public static Metadata of(Map<String, ?> tree) {
    if (tree.isEmpty()) {
      return EMPTY;
    }
    String json = canonical(tree);
    requireSize(json);
    return new Metadata(json);
  }

  /** Takes text that {@link #json()} gave earlier, from a database or another node. */
  public static Metadata ofCanonicalJson(String json) {
    return json.equals(EMPTY.json) ? EMPTY : new Metadata(json);
  }

  /** The canonical text. */
  public String json() {
    return json;
  }

  /** The first 128 bits of the text's SHA-256. */
  public UUID id() {
    if (id == null) {
      ByteBuffer digest = ByteBuffer.wrap(sha256(json.getBytes(StandardCharsets.UTF_8)));
      id = new UUID(digest.getLong(), digest.getLong());
    }
    return id;
  }

  /** Bytes of the text in UTF-8. */
  public int utf8Length() {
    if (utf8Length == 0) {
      utf8Length = StorableText.utf8Length(json);
    }
    return utf8Length;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Metadata that && json.equals(that.json));
  }

  @Override
  public int hashCode() {
    return json.hashCode();
  }

  @Override
  public String toString() {
    return json;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static String canonical(Object value) {
    StringBuilder out = new StringBuilder(256);
    write(value, out, 1);
    return out.toString();
  }

  private static void requireSize(String json) {
    boolean isSmall = json.length() <= MAX_BYTES / 3;
    if (!isSmall && json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new IllegalArgumentException("metadata of more than " + MAX_BYTES + " bytes");
    }
  }

  private static void write(Object value, StringBuilder out, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("metadata nested deeper than " + MAX_DEPTH);
    }
    if (value instanceof Map<?, ?> map) {
      TreeMap<String, Object> sorted = new TreeMap<>();
      map.forEach((key, entry) -> sorted.put(name(key), entry));
      char separator = '{';
      for (Map.Entry<String, Object> entry : sorted.entrySet()) {
        out.append(separator);
        quote(entry.getKey(), out);
        out.append(':');
        write(entry.getValue(), out, depth + 1);
        separator = ',';
      }
      out.append(sorted.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      char separator = '[';
      for (Object entry : list) {
        out.append(separator);
        write(entry, out, depth + 1);
        separator = ',';
      }
      out.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof String text) {
      quote(text, out);
    } else if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Number number) {
      if (!Double.isFinite(number.doubleValue()) && !isWide(number)) {
        throw new IllegalArgumentException("no JSON value: " + number);
      }
      out.append(number);
    } else {
      throw new IllegalArgumentException("no JSON value: " + value.getClass());
    }
  }

  /** Beyond the range of double, and a number all the same. */
  private static boolean isWide(Number number) {
    return number instanceof BigInteger || number instanceof BigDecimal;
  }

  private static String name(Object key) {
    if (key instanceof String name) {
      return name;
    }
    throw new IllegalArgumentException("no name in a JSON object: " + key);
  }

  private static void quote(String text, StringBuilder out) {
    if (text.length() > MAX_BYTES) {
      throw new IllegalArgumentException("metadata of more than " + MAX_BYTES + " bytes");
    }
    // U+0000 is written as an escape, halves of surrogate pairs would become question marks.
    if (!StorableText.isStorable(text.replace('\0', ' '))) {
      throw new IllegalArgumentException("metadata with half of a surrogate pair");
    }
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
