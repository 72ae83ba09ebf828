package io.sonde.jsonpath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected here is what Python's jsonpath-rw with its extensions finds. */
class JsonPathTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final JsonNode TREE =
      json(
          """
          {"a": {"b": [1, 2, {"c": 3}], "s": "x.y.z", "n": null, "q.k": 5, "e": ""},
           "m": [{"name": "x", "v": 1, "k": true, "f": "3"}, {"name": "y", "v": 2.5},
                 {"name": "z", "v": 3}],
           "i": 7, "f": 1.5, "t": true, "l": [3, 1, 2], "ls": ["b", "a"], "z": 0, "w-x": 9,
           "mix": [1, "a"], "d": {"y": 1, "x": 2}, "where": 4}
          """);

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        // fields
        "i ~ [7]",
        "$.i ~ [7]",
        "@.i ~ [7]",
        "a.s ~ [\"x.y.z\"]",
        " a . s ~ [\"x.y.z\"]",
        "a.'q.k' ~ [5]",
        "a.\"q.k\" ~ [5]",
        "a['q.k'] ~ [5]",
        "a[s] ~ [\"x.y.z\"]",
        "a[s,e] ~ [\"x.y.z\",\"\"]",
        "a.s,e ~ [\"x.y.z\",\"\"]",
        "w-x ~ [9]",
        "$.where ~ [4]",
        "zz ~ []",
        "a.zz.s ~ []",
        "i.s ~ []",
        "a.n ~ [null]",
        "'é' ~ []",
        "d.* ~ [1,2]",
        "m.* ~ []",
        "i.* ~ []",
        "a.$.i ~ [7]",
        "a.@.s ~ [\"x.y.z\"]",
        "a.`this`.s ~ [\"x.y.z\"]",
        // entries
        "$.a.b[0] ~ [1]",
        "a.b.[2].c ~ [3]",
        "a.b[5] ~ []",
        "a.b[-1] ~ [{\"c\":3}]",
        "a.b[-9] ~ []",
        "i[0] ~ []",
        "a[0] ~ []",
        "l[*] ~ [3,1,2]",
        "l.[*] ~ [3,1,2]",
        "$.m.[*].name ~ [\"x\",\"y\",\"z\"]",
        "i[*] ~ [7]",
        "a[*].s ~ [\"x.y.z\"]",
        "a.n[*] ~ []",
        "l[0:2] ~ [3,1]",
        "l[1:] ~ [1,2]",
        "l[:-1] ~ [3,1]",
        "l[:] ~ [3,1,2]",
        "l[-9:9] ~ [3,1,2]",
        "l[2:1] ~ []",
        // everything below
        "$..c ~ [3]",
        "$..name ~ [\"x\",\"y\",\"z\"]",
        "m..v ~ [1,2.5,3]",
        "a..b.c ~ []",
        "a..b[2].c ~ [3]",
        "a..`len` ~ [5,3,1,5,0]",
        // unions and where
        "i|f ~ [7,1.5]",
        "(a.s)|(a.e) ~ [\"x.y.z\",\"\"]",
        "(zz)|(a.s) ~ [\"x.y.z\"]",
        "a.s|a.e ~ []",
        "a.(s|e) ~ [\"x.y.z\",\"\"]",
        "d|l[1:] ~ [1,2]",
        "d where x ~ [{\"y\":1,\"x\":2}]",
        "d where zz ~ []",
        // filters
        "m[?(@.name='x')].v ~ [1]",
        "m[?name=x].v ~ [1]",
        "m[?name==\"x\"].v ~ [1]",
        "m[?$.name=x].v ~ [1]",
        "m[?name!=x].v ~ [2.5,3]",
        "m[?v>1].v ~ [2.5,3]",
        "m[?v>=1 & v<3].v ~ [1,2.5]",
        "m[?(v>1 & v<3)].v ~ [2.5]",
        "m[?(@.name='x') & (@.v=1)].v ~ [1]",
        "m[?v<=1].v ~ [1]",
        "m[?v=2].v ~ [2.5]",
        "m[?v==2.5].v ~ [2.5]",
        "m[?v>2.5].v ~ [3]",
        "m[?k].v ~ [1]",
        "m[?k=true].v ~ [1]",
        "m[?k=false].v ~ []",
        "m[?f=3].v ~ [1]",
        "m[?f=4].v ~ []",
        "m[?name>1].v ~ []",
        "m[?v=x].v ~ []",
        "m[?v!=x].v ~ [1,2.5,3]",
        "m[?v<x].v ~ []",
        "d[?x=2] ~ []",
        // functions
        "l.`len` ~ [3]",
        "a.s.`len` ~ [5]",
        "i.`len` ~ []",
        "l.`sorted` ~ [[1,2,3]]",
        "ls.`sorted` ~ [[\"a\",\"b\"]]",
        "d.`sorted` ~ [[\"x\",\"y\"]]",
        "mix.`sorted` ~ []",
        "i.`sorted` ~ []",
        "a.s.`split(., 0, -1)` ~ [\"x\"]",
        "a.s.`split(., 1, 1)` ~ [\"y.z\"]",
        "a.s.`split(., 2, -1)` ~ [\"z\"]",
        "a.s.`split(., 3, -1)` ~ []",
        "a.s.`split(., 0, 0)` ~ [\"x.y.z\"]",
        "a.s.`split(.,1,-1)` ~ [\"y\"]",
        "a.e.`split(., 0, -1)` ~ [\"\"]",
        "i.`split(., 0, -1)` ~ []",
        "a.s.`sub(/x/, Q)` ~ [\"Q.y.z\"]",
        "a.s.`sub(/[xz]/, )` ~ [\".y.\"]",
        "a.s.`sub(/N/, Q)` ~ []",
        "a.s.`sub(/.*/, )` ~ [\"\"]",
        "a.s.`sub(/(.)\\\\.(.)/, \\\\2-\\\\1)` ~ [\"y-x.z\"]",
        "i.`sub(/x/, Q)` ~ []",
        // arithmetic
        "$.i + $.f ~ [8.5]",
        "$.i - 1 ~ [6]",
        "$.i * 2.5 ~ [17.5]",
        "$.i / 2 ~ [3.5]",
        "$.i / $.z ~ []",
        "2 * $.i ~ [14]",
        "1 + 2 * 3 ~ [7]",
        "($.i + $.f) * 2 ~ [17.0]",
        "$.i - $.f - 1 ~ [4.5]",
        "9007199254740993 * $.i ~ [63050394783186951]",
        "4611686018427387904 * $.i ~ [32281802128991715328]",
        "$.a.s + \"_\" + $.a.s ~ [\"x.y.z_x.y.z\"]",
        "'p-' + $.a.s ~ [\"p-x.y.z\"]",
        "i + f ~ [\"if\"]",
        "$.a.s + $.i ~ []",
        "$.a.s - 'x' ~ []",
        "$.m[*].v * 100 ~ [100,250.0,300]",
        "$.m[*].v + $.l[*] ~ [4,3.5,5]",
        "$.m[*].v + $.ls[*] ~ []",
        "$.m[*].v + $.mix[*] ~ []",
        "$.zz + 1 ~ []",
        "1 + $.zz ~ []",
        "$.a.s.`sub(/.*/, )` + 'id.' + $.a.s ~ [\"id.x.y.z\"]",
        "m[?name='z'].v * 100 ~ [300]",
      })
  void finds(String path, String found) {
    List<JsonNode> all = JsonPath.parse(path).all(TREE);
    assertThat(JSON.valueToTree(all).toString()).isEqualTo(found);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "^^ ~ position 1: a field, $, @, *, (, [ or a `function` is expected, found the end",
        "a. ~ position 3: a field, $, @, *, (, [ or a `function` is expected, found the end",
        "% ~ position 1: '%' is no part of a path",
        "ab.é ~ position 4: 'é' is no part of a path",
        "3 ~ position 1: a path is expected, found a number",
        "a.'b ~ position 3: the ' has no second one",
        "a.`len ~ position 3: the ` has no second one",
        "a b ~ position 3: an operator or the end is expected, found 'b'",
        "a -1 ~ position 3: an operator or the end is expected, found '-1'",
        "a[ ~ position 3: an index, a slice, *, a name or ?condition is expected, found the end",
        "a[0,1] ~ position 4: ] is expected, found ','",
        "a[/b] ~ position 3: an index, a slice, *, a name or ?condition is expected, found '/'",
        "(a ~ position 3: ) is expected, found the end",
        "a[99999999999] ~ position 3: an index of 32 bits is expected",
        "a[?b=] ~ position 6: a number, a text, true or false is expected, found ']'",
        "a,3 ~ position 3: a name is expected, found '3'",
        "a & b ~ position 3: an operator or the end is expected, found '&'",
        "a.`split(ab, 1, 1)` ~ position 3: `split(ab, 1, 1)` is none of `len`, `sorted`, `this`, `split(c, segment, max)` and `sub(/expression/, replacement)`",
        "a.`sub(/(/, b)` ~ position 3: /(/ is no expression that RE2 reads: missing closing )",
        "a.`sub(/x/, \\\\1)` ~ position 3: the expression has no group \\1",
        "a.`sub(/x{9}{9}/, b)` ~ position 3: an expression of at most 256 characters is expected, with one {count} at most",
        "a.`sub(/(abcdef){1000}/, b)` ~ position 3: /(abcdef){1000}/ repeats too often",
        "a..b..c..d..e..f..g..h..i..j ~ position 26: more than 8 times ..",
      })
  void whatIsNoPathIsRefusedWithItsPosition(String path, String message) {
    assertThatExceptionOfType(JsonPathException.class)
        .isThrownBy(() -> JsonPath.parse(path))
        .withMessage(message);
  }

  @Test
  void theFirstIsTheFirstThatIsNotNull() {
    assertThat(JsonPath.parse("(a.n)|(i)").first(TREE).toString()).isEqualTo("7");
    assertThat(JsonPath.parse("a.e").first(TREE).toString()).isEqualTo("\"\"");
    assertThat(JsonPath.parse("a.n").first(TREE).isMissingNode()).isTrue();
    assertThat(JsonPath.parse("a.zz.y").first(TREE).isMissingNode()).isTrue();
    assertThat(JsonPath.parse("$")).hasToString("$");
  }

  @Test
  void longPathsAndManyBracketsAreRefused() {
    refused("a.".repeat(600) + "a", "a path of 1201 characters, at most 1024 are read");
    refused("(".repeat(40) + "a", "position 33: more than 32 brackets within each other");
    refused("a[?".repeat(40), "position 98: more than 32 brackets within each other");
  }

  private static void refused(String path, String message) {
    assertThatExceptionOfType(JsonPathException.class)
        .isThrownBy(() -> JsonPath.parse(path))
        .withMessage(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$..*..*..*..*..*",
        "$..*|*|*..$..*|*|*..*",
        "$..$..$..$..$..$..$..$..a",
        "$..[?$..*..*..*]",
        "$..@ + $..@",
        "*.$.*.$.*.$.*.$.*.$.*.$.*",
      })
  void aSearchThatExplodesIsBrokenOff(String path) {
    ArrayNode wide = JSON.createArrayNode();
    for (int i = 0; i < 60; i++) {
      wide.add(TREE);
    }
    JsonNode deep = JSON.createObjectNode().set("a", wide);
    for (int i = 0; i < 100; i++) {
      deep = JSON.createObjectNode().set("a", JSON.createArrayNode().add(deep));
    }
    JsonNode tree = deep;
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          try {
            assertThat(JsonPath.parse(path).all(tree)).hasSizeLessThan(Scope.MOST_STEPS + 1);
          } catch (JsonPathException e) {
            assertThat(e).hasMessage("the search takes more than 100000 steps");
          }
        });
  }

  @Test
  void textsDoNotGrowWithoutBound() {
    String doubled = "($.a.s + $.a.s)";
    for (int i = 0; i < 4; i++) {
      doubled = "(" + doubled + "+" + doubled + ")";
    }
    assertThat(JsonPath.parse(doubled).first(TREE).textValue()).hasSize(160);
    JsonNode large = JSON.createObjectNode().put("s", "x".repeat(9_000));
    assertThat(JsonPath.parse("$.s + $.s").all(large)).isEmpty();
    assertThat(JsonPath.parse("s.`sub(/x*x*x*y/, )`").all(large)).isEmpty();
  }

  /** Whatever stands in a path: it is read or refused, and a search ends. */
  @Test
  void nothingElseIsEverThrown() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    String[] parts = {
      "$",
      "@",
      ".",
      "..",
      "*",
      "[",
      "]",
      "(",
      ")",
      "a",
      "b",
      "s",
      "m",
      "l",
      "n",
      "'q.k'",
      "\"x\"",
      "`len`",
      "`sorted`",
      "`split(., 1, -1)`",
      "`sub(/x*/, y)`",
      "`this`",
      "[*]",
      "[0]",
      "[-1]",
      "[1:]",
      "[?",
      "=",
      "!=",
      "<",
      ">=",
      "&",
      "|",
      ",",
      "where",
      "+",
      "-",
      "*",
      "/",
      "1",
      "2.5",
      "-3",
      " ",
      "true",
      "é",
      "\\",
      "`",
      "'",
      "99999999999999999999",
      "[?v>1]",
      ".name"
    };
    int read = 0;
    for (int i = 0; i < 30_000; i++) {
      StringBuilder path = new StringBuilder();
      for (int length = 1 + random.nextInt(10); length > 0; length--) {
        path.append(parts[random.nextInt(parts.length)]);
      }
      try {
        JsonPath parsed = JsonPath.parse(path.toString());
        read++;
        List<JsonNode> all = parsed.all(TREE);
        JsonNode first = parsed.first(TREE);
        assertThat(first.isMissingNode())
            .as(path.toString())
            .isEqualTo(all.stream().allMatch(JsonNode::isNull));
      } catch (JsonPathException e) {
        assertThat(e.getMessage()).as(path.toString()).isNotBlank();
      }
    }
    assertThat(read).isGreaterThan(500);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
