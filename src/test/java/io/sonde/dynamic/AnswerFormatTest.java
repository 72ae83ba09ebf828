package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.PythonText;
import io.sonde.polling.PollException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFormatTest {
  /** Each was compared with what xmltodict makes of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "<a/>~{'a': None}",
        "<a> </a>~{'a': None}",
        "<a> x </a>~{'a': 'x'}",
        "<a><b>1</b><c>2</c></a>~{'a': {'b': '1', 'c': '2'}}",
        "<a><b>1</b><c/><b>2</b><b/></a>~{'a': {'b': ['1', '2', None], 'c': None}}",
        "<a x='1' y='2'/>~{'a': {'@x': '1', '@y': '2'}}",
        "<a x='1'>t</a>~{'a': {'@x': '1', '#text': 't'}}",
        "<a>t<b>1</b>u</a>~{'a': {'b': '1', '#text': 'tu'}}",
        "<a><b x='1'>p</b><b>q</b></a>~{'a': {'b': [{'@x': '1', '#text': 'p'}, 'q']}}",
        "<a><![CDATA[<x>]]> &amp; &lt;</a>~{'a': '<x> & <'}",
        "<n:a xmlns:n='u'><n:b>1</n:b></n:a>~{'n:a': {'@xmlns:n': 'u', 'n:b': '1'}}",
        "<?xml version='1.0'?><!-- c --><a><!-- d -->1</a>~{'a': '1'}",
        "<a><b/><b/></a>~{'a': {'b': [None, None]}}",
        "<a><b><c>1</c></b><b><c>2</c></b></a>~{'a': {'b': [{'c': '1'}, {'c': '2'}]}}",
      })
  void readsXmlAsXmltodictDoes(String xml, String expected) {
    assertThat(PythonText.str(AnswerFormat.XML.read(bytes(xml)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x'><a/>",
        "<a>&undefined;</a>",
      })
  void refusesWhatIsNoXmlOrReachesElsewhere(String text) {
    assertThatThrownBy(() -> AnswerFormat.XML.read(bytes(text)))
        .isInstanceOf(PollException.class)
        .hasMessageStartingWith("no XML: ");
  }

  @Test
  void refusesXmlThatIsNestedWithoutEnd() {
    String deep = "<a>".repeat(100_000) + "</a>".repeat(100_000);
    assertThatThrownBy(() -> AnswerFormat.XML.read(bytes(deep)))
        .hasMessage("no XML: elements nested deeper than 200");
  }

  @Test
  void refusesJsonThatIsNestedWithoutEnd() {
    assertThatThrownBy(() -> AnswerFormat.JSON.read(bytes("[".repeat(100_000))))
        .isInstanceOf(PollException.class)
        .hasMessageStartingWith("no JSON: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{} {}", "<a/>", "nul", "NaN", "{'a': 1}", "{\"a\": \"\u0001\"}"})
  void refusesWhatIsNoJson(String text) {
    assertThatThrownBy(() -> AnswerFormat.JSON.read(bytes(text)))
        .isInstanceOf(PollException.class)
        .hasMessageStartingWith("no JSON: ");
  }

  @Test
  void theFirstFormatThatFitsCounts() {
    List<AnswerFormat> all = List.of(AnswerFormat.JSON, AnswerFormat.XML, AnswerFormat.TEXT);
    assertThat(AnswerFormat.read(bytes("{\"a\": [1, 2.5, null]}"), all).toString())
        .isEqualTo("{a=[1, 2.5, null]}");
    assertThat(AnswerFormat.read(bytes("<a>1</a>"), all)).isEqualTo(Map.of("a", "1"));
    assertThat(AnswerFormat.read(bytes("a 1\n"), all)).isEqualTo(List.of(Map.of("out", "a 1\n")));
    assertThat(AnswerFormat.accepted(all)).isEqualTo("application/json, application/xml, */*");
    byte[] latin = {'a', (byte) 0xe9};
    assertThatThrownBy(() -> AnswerFormat.read(latin, all))
        .isInstanceOf(PollException.class)
        .hasMessageStartingWith("the answer cannot be read: no JSON: ");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
