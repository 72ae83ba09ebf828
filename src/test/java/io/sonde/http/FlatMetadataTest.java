package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.sonde.model.Metadata;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlatMetadataTest {
  private final FlatMetadata flat = new FlatMetadata();

  @Test
  void joinsNestedKeysWithADotAndThenColons() {
    Map<String, Object> tree =
        Map.of(
            "a", Map.of("b", Map.of("c", "d", "e", 1L)),
            "flavor", Map.of("ram", 512L),
            "OS-EXT-AZ:availability_zone", "nova",
            "x.y.z", "w",
            "empty", Map.of());

    assertThat(flat.of(Metadata.of(tree), Map.of()))
        .containsOnly(
            entry("a.b:c", "d"),
            entry("a.b:e", "1"),
            entry("flavor.ram", "512"),
            entry("OS-EXT-AZ.availability_zone", "nova"),
            entry("x.y:z", "w"));
  }

  @Test
  void showsValuesAsPythonDoes() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("none", null);
    tree.put("yes", true);
    tree.put("no", false);
    tree.put("text", "it's \u00e9");
    tree.put("number", 1.0);
    tree.put("list", Arrays.asList("x", "it's", 1L, null, true, List.of(), Map.of("b", 1.5)));

    assertThat(flat.of(Metadata.of(tree), Map.of()))
        .containsOnly(
            entry("none", "None"),
            entry("yes", "True"),
            entry("no", "False"),
            entry("text", "it's \u00e9"),
            entry("number", "1.0"),
            entry("list", "['x', \"it's\", 1, None, True, [], {'b': 1.5}]"));
  }

  @Test
  void showsWhateverIsStored() {
    Object deep = "x";
    for (int level = 2; level < Metadata.MAX_DEPTH; level++) {
      deep = Map.of("a", deep);
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("deep", deep);
    tree.put("name".repeat(15_000), "long");
    tree.put("wide", new BigDecimal("1e400"));
    tree.put("digits", BigInteger.TEN.pow(2_000));
    tree.put("nul", "a\0b");

    assertThat(flat.of(Metadata.ofCanonicalJson(Metadata.of(tree).json()), Map.of()))
        .hasSize(5)
        .containsEntry("deep.a" + ":a".repeat(Metadata.MAX_DEPTH - 3), "x")
        .containsEntry("wide", "1E+400")
        .containsEntry("nul", "a\0b");
  }

  @Test
  void dimensionsAreShownAndWin() {
    Metadata metadata = Metadata.of(Map.of("device", "from metadata", "other", "x"));

    assertThat(flat.of(metadata, Map.of("device", "vda", "k8s.pod.name", "p")))
        .containsOnly(entry("device", "vda"), entry("k8s.pod:name", "p"), entry("other", "x"));
    assertThat(flat.of(metadata, Map.of())).containsEntry("device", "from metadata");
  }
}
