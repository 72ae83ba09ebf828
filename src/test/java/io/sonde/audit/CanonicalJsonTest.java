package io.sonde.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
  /** Bits of doubles and their texts, of RFC 8785's appendix B. */
  private static final Object[][] NUMBERS = {
    {0x0000000000000000L, "0"},
    {0x8000000000000000L, "0"},
    {0x0000000000000001L, "5e-324"},
    {0x8000000000000001L, "-5e-324"},
    {0x7fefffffffffffffL, "1.7976931348623157e+308"},
    {0xffefffffffffffffL, "-1.7976931348623157e+308"},
    {0x4340000000000000L, "9007199254740992"},
    {0xc340000000000000L, "-9007199254740992"},
    {0x4430000000000000L, "295147905179352830000"},
    {0x44b52d02c7e14af5L, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6L, "1e+23"},
    {0x44b52d02c7e14af7L, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4eL, "999999999999999700000"},
    {0x444b1ae4d6e2ef4fL, "999999999999999900000"},
    {0x444b1ae4d6e2ef50L, "1e+21"},
    {0x3eb0c6f7a0b5ed8cL, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8dL, "0.000001"},
    {0x41b3de4355555553L, "333333333.3333332"},
    {0x41b3de4355555554L, "333333333.33333325"},
    {0x41b3de4355555555L, "333333333.3333333"},
    {0xbecbf647612f3696L, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959L, "1424953923781206.2"},
  };

  @Test
  void numbersAreWrittenAsTheStandardShows() {
    for (Object[] each : NUMBERS) {
      assertThat(CanonicalJson.text(Double.longBitsToDouble((Long) each[0]))).isEqualTo(each[1]);
    }
  }

  @Test
  void everyNumberIsReadAsItWasWritten() throws IOException {
    Random random = Seed.random();
    for (int i = 0; i < 100_000; i++) {
      double number =
          i % 2 == 0
              ? Double.longBitsToDouble(random.nextLong())
              : random.nextInt(2_000_000) / Math.pow(10, random.nextInt(12));
      if (Double.isFinite(number)) {
        String text = CanonicalJson.text(number);
        assertThat(Double.parseDouble(text)).isEqualTo(number == 0 ? 0 : number);
        assertThat(CanonicalJson.text(read(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void equalValuesHaveEqualBytes() throws IOException {
    Map<String, Object> value = new HashMap<>();
    value.put("ö", Arrays.asList(1L, 0.5, null, true));
    value.put("\ud83d\ude00", "\"\\\b\f\n\r\t\u0001/\u007f€");
    value.put("\ufb33", Map.of("b", List.of(), "a", Map.of()));
    String text = CanonicalJson.text(value);

    // By code units, so what takes two of them stands before U+FB33.
    assertThat(text)
        .isEqualTo(
            "{\"ö\":[1,0.5,null,true],"
                + "\"\ud83d\ude00\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001/\u007f€\","
                + "\"\ufb33\":{\"a\":{},\"b\":[]}}");
    assertThat(CanonicalJson.text(read(read(text).toPrettyString()))).isEqualTo(text);
  }

  @Test
  void whatIsNoJsonIsRefused() {
    for (String text : List.of("", "{", "{\"a\":1,\"a\":2}", "1 2", "NaN", "{'a':1}")) {
      assertThatThrownBy(() -> requireSomething(text))
          .as(text)
          .isInstanceOfAny(IOException.class, IllegalStateException.class);
    }
    assertThatThrownBy(() -> CanonicalJson.text(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CanonicalJson.text(1L << 54))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void requireSomething(String text) throws IOException {
    if (read(text).isMissingNode()) {
      throw new IllegalStateException("nothing");
    }
  }

  private static JsonNode read(String text) throws IOException {
    return CanonicalJson.read(text.getBytes(StandardCharsets.UTF_8));
  }
}
