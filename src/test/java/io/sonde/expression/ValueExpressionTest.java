package io.sonde.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sonde.model.ConfigException;
import io.sonde.model.PythonText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValueExpressionTest {
  private static final String PATH = "sonde.x";

  private static final Map<String, Object> VALUES = values();

  private static Map<String, Object> values() {
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("id", "s-1");
    server.put("size", 3);
    server.put("none", null);
    server.put("tags", List.of("a", "b"));
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("user", "  42$bob ");
    values.put("n", 7);
    values.put("big", new BigInteger("123456789012345678901"));
    values.put("f", 2.5);
    values.put("yes", true);
    values.put("none", null);
    values.put("xs", List.of(3, 1, 2));
    values.put("server", server);
    values.put(
        "links",
        List.of(
            Map.of("rel", "self", "href", "http://a/1"),
            Map.of("rel", "next", "href", "http://a/2")));
    return values;
  }

  /** Each was compared with what Python 3.11 says. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // Texts.
        "user.split('$')[0].strip()|42",
        "user.split('$')|['  42', 'bob ']",
        "user.split()|['42$bob']",
        "'  a b  c  '.split()|['a', 'b', 'c']",
        "'  a b  c  '.split(None, 1)|['a', 'b  c  ']",
        "'  a b  c  '.rsplit(None, 1)|['  a b', 'c']",
        "'  a b  c  '.rsplit(None, 0)|['  a b  c']",
        "'a,b,,c,'.split(',')|['a', 'b', '', 'c', '']",
        "'a,b,,c,'.split(',', 2)|['a', 'b', ',c,']",
        "'a,b,,c,'.rsplit(',', 2)|['a,b,', 'c', '']",
        "'aXXbXXXc'.rsplit('XX')|['a', 'bX', 'c']",
        "'aXXbXXXc'.split('XX')|['a', 'b', 'Xc']",
        "''.split(',')|['']",
        "''.split()|[]",
        "'a\\nb\\r\\nc'.splitlines()|['a', 'b', 'c']",
        "'xxabcxx'.strip('x') + '!'|abc!",
        "'xxabcxx'.lstrip('x')|abcxx",
        "'xxabcxx'.rstrip('xc')|xxab",
        "' a '.lstrip() + '.' + ' a '.rstrip()|a . a",
        "'banana'.replace('a', 'o')|bonono",
        "'banana'.replace('a', 'o', 2)|bonona",
        "'abc'.replace('', '-')|-a-b-c-",
        "'abc'.replace('', '-', 2)|-a-bc",
        "''.replace('', '-')|-",
        "'aaa'.replace('aa', 'b')|ba",
        "'ACTIVE'.lower() + 'istanbul'.upper()|activeISTANBUL",
        "'hELLO wORLD'.capitalize()|Hello world",
        "'http://x'.startswith('http')|True",
        "'http://x'.startswith(('ftp', 'http'))|True",
        "'a.xml'.endswith('.json')|False",
        "', '.join(['a', 'b'])|a, b",
        "''.join(['a', 'b'])|ab",
        "'banana'.find('na') + 'banana'.find('x')|1",
        "'banana'.index('na')|2",
        "'banana'.count('an')|2",
        "'12'.isdigit() and not '1.2'.isdigit()|True",
        "'abc'[0] + 'abc'[-1]|ac",
        "'abcdef'[1:3] + 'abcdef'[:2] + 'abcdef'[-2:]|bcabef",
        "'abcdef'[::-1]|fedcba",
        "'abcdef'[::2]|ace",
        "'abcdef'[4:1:-2]|ec",
        "'abcdef'[10:]|",
        "'abcdef'[-100:2]|ab",
        "'a😀b'[1] + str(len('a😀b'))|😀3",
        "'don\\'t' + \"x\"|don'tx",
        // Numbers.
        "1 + 2|3",
        "7 / 2|3.5",
        "6 / 2|3.0",
        "7 // 2|3",
        "-7 // 2|-4",
        "-7 % 3|2",
        "7 % -3|-2",
        "7.5 // 2|3.0",
        "2 ** 10|1024",
        "2 ** 100|1267650600228229401496703205376",
        "2 ** -1|0.5",
        "-2 ** 2|-4",
        "big + 1|123456789012345678902",
        "9223372036854775807 + 1|9223372036854775808",
        "0.1 + 0.2|0.30000000000000004",
        "1e16|1e+16",
        "True + True|2",
        "n * 1.0|7.0",
        "int('42') + int(' -3 ') + int(2.9) + int(-2.9) + int(True)|40",
        "int('1_000')|1000",
        "float('1.5') + float(' 2 ')|3.5",
        "float('1e3')|1000.0",
        "round(2.5)|2",
        "round(3.5)|4",
        "round(2.675, 2)|2.67",
        "round(1234, -2)|1200",
        "round(5, 1)|5",
        "round(-0.5)|0",
        "abs(-3) + abs(-2.5)|5.5",
        "min(3, 1.5, 2)|1.5",
        "max([3, 1, 2])|3",
        "max('a', 'b')|b",
        "sum([1, 2.5])|3.5",
        "sum([])|0",
        "len('abc') + len([1]) + len({})|4",
        "str(n) + str(f) + str(yes) + str(none)|72.5TrueNone",
        "str([1, 'a', None])|[1, 'a', None]",
        "bool('') or bool('x')|True",
        "sorted(xs)|[1, 2, 3]",
        "sorted({'b': 1, 'a': 2})|['a', 'b']",
        // Lists and maps.
        "xs[0] + xs[-1]|5",
        "xs[1:]|[1, 2]",
        "[1] + [2, 3,]|[1, 2, 3]",
        "server['tags'][-1]|b",
        "server.get('id')|s-1",
        "server.get('x')|None",
        "server.get('x', 5)|5",
        "server.get('none', 5)|None",
        "{'ACTIVE': 1, 'ERROR': 2}.get('ERROR', -1)|2",
        "{1: 'a', True: 'b'}[1.0]|b",
        "{'a': 1, 'b': 2}.values()[1] if False else 0|0",
        "[k for k in server.keys()]|['id', 'size', 'none', 'tags']",
        "[k + str(v) for k, v in {'a': 1, 'b': 2}.items()]|['a1', 'b2']",
        "[v for v in server.values()][1]|3",
        "[].count(1) + [1, 1.0, True, '1'].count(1)|3",
        "['a', 'b'].index('b')|1",
        // Truth and order.
        "1 == 1.0 and '1' != 1|True",
        "[1, {'a': 2}] == [1.0, {'a': 2.0}]|True",
        "'a' in 'abc'|True",
        "'x' not in 'abc'|True",
        "2 in xs and 9 not in xs|True",
        "'id' in server|True",
        "n in (7, 8)|True",
        "none is None|True",
        "n is not None|True",
        "'' or 'x'|x",
        "0 and 1|0",
        "not []|True",
        "'a' < 'b' and 1 <= 1.5|True",
        "1 if n > 5 else 2|1",
        "'up' if none else 'down'|down",
        // Loops.
        "[x * 2 for x in xs if x > 1]|[6, 4]",
        "sum(x['size'] for x in [server, server])|6",
        "any(x > 2 for x in xs)|True",
        "all(x > 2 for x in xs)|False",
        "next((l['href'] for l in links if l['rel'] == 'next'), None)|http://a/2",
        "next((l for l in links if l['rel'] == 'prev'), 'no')|no",
        "[x for x in filter(lambda v: v.get('rel') == 'next', links)][0].get('href')|http://a/2",
        "[x for x in map(lambda v: v['rel'], links)]|['self', 'next']",
        "[[y for y in [x, x + 1]] for x in [1, 2]]|[[1, 2], [2, 3]]",
        "[x for x in 'ab']|['a', 'b']",
        "sum(len(x) for x in ['a', 'bc'])|3",
      })
  void saysWhatPythonSays(String text, String expected) {
    assertThat(PythonText.str(evaluate(text))).isEqualTo(expected == null ? "" : expected);
  }

  /** Where Python has iterators, which have no parts, there are lists. */
  @Test
  void whatPythonGoesThroughIsAList() {
    String page = "filter(lambda v: v.get('rel') == 'next', links)";
    assertThat(evaluate("list(" + page + ")[0].get('href')")).isEqualTo("http://a/2");
    assertThat(evaluate(page + "[0]['href']")).isEqualTo("http://a/2");
    assertThat(evaluate("server.keys()[0]")).isEqualTo("id");
  }

  @Test
  void aBarInATextIsOfTheText() {
    assertThat(evaluate("'a|b'.split('|')")).isEqualTo(List.of("a", "b"));
  }

  @Test
  void aVariableIsForgottenBehindItsLoop() {
    assertThat(evaluate("[x for x in xs] + [x for x in 'a']")).isEqualTo(List.of(3, 1, 2, "a"));
    refused("[x for x in xs] + [x]", 20);
    refused("x + sum(x for x in xs)", 1);
    refused("[x for x in x]", 13);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server['x']",
        "server['tags'][2]",
        "xs[-4]",
        "'abc'[3]",
        "none['x']",
        "none.get('x')",
        "server.get('x')['y']",
        "next(x for x in [])",
        "max([])",
        "['a'].index('b')",
        "'a'.index('b')",
      })
  void whatIsNotThereIsAnAbsence(String text) {
    ExpressionException failure =
        catchThrowableOfType(ExpressionException.class, () -> evaluate(text));
    assertThat(failure.isAbsence()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1 / 0|no finite number",
        "1 // 0|a division by zero",
        "1 % 0|a division by zero",
        "1.0 % 0|no finite number",
        "10.0 ** 999|no finite number",
        "9 ** 9 ** 9|a number of more than 4096 bits",
        "(2 ** 4000) * (2 ** 4000)|a number of more than 4096 bits",
        "(-8) ** 0.5|no finite number",
        "'a' + 1|+ of a text and a number",
        "'a' * 1000000|* of a text and a number",
        "'%s' % 1|% of a text and a number",
        "-'a'|- of a text",
        "'a' < 1|no order of a text and a number",
        "none < 1|no order of None and a number",
        "int('2.5')|int of the text 2.5",
        "int('x')|int of the text x",
        "int(none)|int of None",
        "int('٣')|int of the text ٣",
        "float('1f')|float of the text 1f",
        "float('0x1p3')|float of the text 0x1p3",
        "float('nan')|no finite number",
        "float('-inf')|no finite number",
        "len(1)|no length and no parts of a number",
        "n[0]|no length and no parts of a number",
        "n.strip()|a number has no strip",
        "'a'.get('b')|a text has no get",
        "xs.strip()|a list has no strip",
        "server.lower()|a map has no lower",
        "','.join([1])|join of a number",
        "'a'.split('')|split at an empty text",
        "'a'.startswith(1)|a number where a text must be",
        "xs['a']|a text where a whole number must be",
        "xs[1:2:0]|a step of 0",
        "sum(['a'])|sum of a text",
        "{[1]: 2}|a list as a key",
        "[a for a, b in [1]]|no 2 parts of an entry",
        "1 in 5|in of a number",
        "[x for x in 5]|no entries of a number",
      })
  void whatHasNoValueSaysWhy(String text, String why) {
    assertThatThrownBy(() -> evaluate(text))
        .isInstanceOf(ExpressionException.class)
        .hasMessage(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "|1",
        "other|1",
        "user.|5",
        "user.real|10",
        "user.strip|11",
        "user.__class__|15",
        "user.strip.upper()|17",
        "user.format(1)|12",
        "user.encode()|12",
        "''.__class__.__mro__[1]|21",
        "().a|2",
        "__import__('os')|1",
        "eval('1')|1",
        "open('/etc/passwd')|1",
        "lambda: 1|1",
        "print(1)|1",
        "[x for y in user]|2",
        "[user for user in list]|11",
        "[x for if in list]|8",
        "{1}|3",
        "user[|6",
        "user[1|7",
        "user[1:2:3:4]|11",
        "len()|5",
        "len(1, 2)|9",
        "user.replace('a')|17",
        "filter(user, xs)|8",
        "1 < 2 < 3|7",
        "user := 1|6",
        "'\\x41'|1",
        "'a' 'b'|5",
        "f'{user}'|2",
        "user; 1|5",
        "user if 1|10",
        "for|1",
        "not|4",
        "volume|1",
        "$(cpu)|1",
      })
  void refusesAndNamesThePosition(String text, int position) {
    refused(text == null ? "" : text, position);
  }

  private static void refused(String text, int position) {
    assertThatThrownBy(() -> evaluate(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(PATH + ": \"" + text + "\" is not an expression: expected ")
        .hasMessageEndingWith("at position " + position);
  }

  @Test
  void refusesWhatWouldExhaustTheParser() {
    List<String> hostile =
        List.of(
            "(".repeat(400) + "1" + ")".repeat(400),
            "[".repeat(400) + "]".repeat(400),
            "{1:".repeat(300) + "1" + "}".repeat(300),
            "n[".repeat(300) + "1" + "]".repeat(300),
            "''.join(".repeat(100) + "''" + ")".repeat(100),
            "filter(lambda x: ".repeat(50) + "1",
            "1" + "**1".repeat(300),
            String.join("+", Collections.nCopies(2000, "1")));
    for (String text : hostile) {
      assertThatThrownBy(() -> evaluate(text)).isInstanceOf(ConfigException.class);
    }
    assertThat(evaluate("user" + ".strip()".repeat(100))).isEqualTo("42$bob");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[[[1 for a in x] for b in x] for c in x] for d in x]",
        "[text.upper() for a in x for b in x]",
        "text.replace('a', text).replace('a', text)",
        "[text + text for a in x]",
        "['b' in text for a in x]",
        "''.join([text, text]) + ''.join(text for a in x)",
        "[x + x for a in x]",
        "[9 in x for a in x for b in x]",
        "str([text for a in x])",
        "str({1: [text for a in x]})",
        "[[text] == [text] for a in x]",
        "[x == x for a in x]",
        "[x for a in x].count(x)",
        "sorted([text for a in x])",
        "max([text for a in x])",
      })
  void workIsBounded(String text) {
    Map<String, Object> values =
        Map.of("text", "a".repeat(200_000), "x", Collections.nCopies(20_000, 1));
    String once = text.replace(" for b in x]", "]").replace("for a in x]", "for a in x + x]");
    long before = System.nanoTime();
    assertThatThrownBy(() -> ValueExpression.parse(once, PATH, values.keySet()).evaluate(values))
        .isInstanceOf(ExpressionException.class)
        .hasMessage("more work than one formula may make");
    assertThat(System.nanoTime() - before).as(once).isLessThan(10_000_000_000L);
  }

  @Test
  void depthIsBounded() {
    Object deep = 1;
    Object same = 1;
    for (int i = 0; i < 100_000; i++) {
      deep = i % 2 == 0 ? List.of(deep) : Map.of("k", deep);
      same = i % 2 == 0 ? List.of(same) : Map.of("k", same);
    }
    Map<String, Object> values = Map.of("a", deep, "b", same);
    for (String text : List.of("a == b", "a in [b]", "[a].index(b)", "str(a)")) {
      assertThatThrownBy(() -> ValueExpression.parse(text, PATH, values.keySet()).evaluate(values))
          .as(text)
          .isInstanceOf(ExpressionException.class)
          .hasMessage("a value of more than 500 levels");
    }
  }

  @Test
  void textsOfValuesArePythons() {
    List<Object> value =
        new ArrayList<>(Arrays.asList("a'b", null, 1.0, true, List.of(), Map.of()));
    value.add(new LinkedHashMap<>(Map.of("k", List.of("\n", 2))));
    Map<String, Object> values = Map.of("value", value);
    assertThat(ValueExpression.parse("str(value)", PATH, Set.of("value")).evaluate(values))
        .isEqualTo("[\"a'b\", None, 1.0, True, [], {}, {'k': ['\\n', 2]}]");
  }

  @Test
  void valuesStayAsTheyAre() {
    List<Object> xs = new ArrayList<>(Arrays.asList(3, null, 1));
    Map<String, Object> values = new LinkedHashMap<>(Map.of("value", xs));
    ValueExpression expression =
        ValueExpression.parse("[value for x in value] + value", PATH, Set.of("value"));

    assertThat((List<?>) expression.evaluate(values)).hasSize(6);
    assertThat(xs).containsExactly(3, null, 1);
    assertThat(values).containsOnlyKeys("value");
  }

  private static Object evaluate(String text) {
    return ValueExpression.parse(text, PATH, VALUES.keySet()).evaluate(VALUES);
  }
}
