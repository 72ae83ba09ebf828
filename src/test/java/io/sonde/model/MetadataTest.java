package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MetadataTest {
  @Test
  void textIsCanonical() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("z", Arrays.asList(1L, 2.5, null, true, "x"));
    tree.put("a", Map.of("c", List.of(), "b", Map.of()));
    tree.put("q\"\\", "\n\t\0ü😀");
    assertThat(Metadata.of(tree).json())
        .isEqualTo(
            "{\"a\":{\"b\":{},\"c\":[]},\"q\\\"\\\\\":\"\\u000a\\u0009\\u0000ü😀\","
                + "\"z\":[1,2.5,null,true,\"x\"]}");
    assertThat(Metadata.of(Map.of())).isSameAs(Metadata.EMPTY);
  }

  @Test
  void idIsTheHashOfTheText() {
    assertThat(Metadata.EMPTY.id())
        .isEqualTo(UUID.fromString("44136fa3-55b3-678a-1146-ad16f7e8649e"));
    Metadata one = Metadata.of(Map.of("a", 1L));
    assertThat(Metadata.ofCanonicalJson(one.json())).isEqualTo(one);
    assertThat(Metadata.ofCanonicalJson(one.json()).id()).isEqualTo(one.id());
  }

  @Test
  void refusesWhatIsNoJson() {
    refused(Map.of("a", Double.NaN));
    refused(Map.of("a", Float.POSITIVE_INFINITY));
    refused(Map.of("a", new Object()));
    refused(Map.of("a", Map.of(1, 2)));
    refused(Map.of("a", Collections.singletonMap(null, 2)));
    refused(Map.of("a", "\ud800"));
    refused(Map.of("\udc00", "a"));
    assertThat(Metadata.of(Map.of("a", new BigDecimal("1e999"))).json())
        .isEqualTo("{\"a\":1E+999}");
  }

  @Test
  void refusesWhatIsTooLargeOrTooDeep() {
    String longest = "x".repeat(Metadata.MAX_BYTES - "{\"a\":\"\"}".length());
    assertThat(Metadata.of(Map.of("a", longest)).json()).hasSize(Metadata.MAX_BYTES);
    refused(Map.of("a", longest + "x"));
    refused(Map.of("a", "ü".repeat(Metadata.MAX_BYTES / 2)));
    assertThat(Metadata.of(nested(Metadata.MAX_DEPTH - 1)).json()).contains("[[[");
    refused(nested(Metadata.MAX_DEPTH));
    refused(nested(100_000));
  }

  private static Map<String, Object> nested(int lists) {
    Object value = 1L;
    for (int i = 0; i < lists - 1; i++) {
      value = List.of(value);
    }
    return Map.of("a", value);
  }

  private static void refused(Map<String, ?> tree) {
    assertThatIllegalArgumentException().isThrownBy(() -> Metadata.of(tree));
  }
}
