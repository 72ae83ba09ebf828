package io.sonde.publish;

import io.sonde.model.PythonText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs messages as Ceilometer does on Python 3: HMAC-SHA256 over the name and the value of every
 * leaf, names in order at each level and joined by {@code :} across levels, values as Python's
 * {@code str} writes them. Texts within lists become Python's bytes there, and empty objects say
 * nothing. Safe for use by several threads.
 */
final class MessageSignature {
  /** The key under which the signature goes along; it is not signed itself. */
  static final String KEY = "message_signature";

  private static final String ALGORITHM = "HmacSHA256";

  private final ThreadLocal<Mac> mac;

  /** Signs with a secret; an empty one signs nothing. */
  MessageSignature(String secret) {
    mac = secret.isEmpty() ? null : ThreadLocal.withInitial(() -> mac(secret));
  }

  /** Hexadecimal digits in lower case; empty where there is no secret. */
  String of(Map<String, ?> message) {
    if (mac == null) {
      return "";
    }
    StringBuilder input = new StringBuilder(512);
    append("", message, input);
    byte[] digest = mac.get().doFinal(input.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }

  private static Mac mac(String secret) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has " + ALGORITHM, e);
    }
  }

  private static void append(String prefix, Map<String, ?> message, StringBuilder input) {
    for (String name : sorted(message)) {
      Object value = message.get(name);
      String joined = prefix.isEmpty() ? name : prefix + name;
      if (value instanceof Map<?, ?>) {
        append(joined + ":", map(value), input);
      } else if (!joined.equals(KEY)) {
        input.append(joined);
        if (value instanceof List<?>) {
          appendBytes(value, input);
        } else {
          input.append(str(value));
        }
      }
    }
  }

  /** Python sorts by code points, Java's texts by UTF-16 units. */
  private static List<String> sorted(Map<String, ?> message) {
    List<String> names = new ArrayList<>(message.keySet());
    names.sort(MessageSignature::compareCodePoints);
    return names;
  }

  private static int compareCodePoints(String left, String right) {
    int length = Math.min(left.length(), right.length());
    for (int i = 0; i < length; i++) {
      char l = left.charAt(i);
      char r = right.charAt(i);
      if (l != r) {
        boolean isLeftSurrogate = Character.isSurrogate(l);
        return isLeftSurrogate == Character.isSurrogate(r)
            ? Character.compare(l, r)
            : isLeftSurrogate ? 1 : -1;
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  private static String str(Object value) {
    // Python reads what is beyond double as infinite.
    return PythonText.str(value instanceof BigDecimal number ? number.doubleValue() : value);
  }

  /** Python's {@code repr} of a value whose texts were all encoded. */
  private static void appendBytes(Object value, StringBuilder out) {
    if (value instanceof String text) {
      PythonText.appendBytes(text.getBytes(StandardCharsets.UTF_8), out);
    } else if (value instanceof List<?> list) {
      out.append('[');
      for (int i = 0; i < list.size(); i++) {
        out.append(i == 0 ? "" : ", ");
        appendBytes(list.get(i), out);
      }
      out.append(']');
    } else if (value instanceof Map<?, ?>) {
      Map<String, ?> map = map(value);
      String separator = "";
      out.append('{');
      for (String name : sorted(map)) {
        out.append(separator);
        appendBytes(name, out);
        out.append(": ");
        appendBytes(map.get(name), out);
        separator = ", ";
      }
      out.append('}');
    } else {
      out.append(str(value));
    }
  }

  /** All trees have texts as names: they come from JSON. */
  @SuppressWarnings("unchecked")
  private static Map<String, ?> map(Object value) {
    return (Map<String, ?>) value;
  }
}
