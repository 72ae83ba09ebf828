package io.sonde.openstack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sonde.polling.PollException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers as trees of JSON. */
final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              // Names come from outside: they must not stay for ever.
              JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** A list of nothing. */
  static final JsonNode NONE = MAPPER.createArrayNode();

  private Json() {}

  /**
   * Reads a body. What is wrong is told without any of its text: it may be secret.
   *
   * @param place whose body it is, for errors
   */
  static JsonNode read(byte[] body, String place) {
    try {
      return MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new PollException(
          place + ": no JSON at line " + at.getLineNr() + ", column " + at.getColumnNr());
    } catch (IOException e) {
      throw new PollException(place + ": " + PollException.reasonOf(e));
    }
  }

  /** A value as maps, lists, texts, numbers, booleans and null. */
  static Object plain(JsonNode value) {
    if (value.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      value.properties().forEach(field -> map.put(field.getKey(), plain(field.getValue())));
      return map;
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(entry -> list.add(plain(entry)));
      return list;
    }
    if (value.isNumber()) {
      return value.numberValue();
    }
    return value.isBoolean() ? (Object) value.booleanValue() : value.textValue();
  }

  static byte[] write(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new AssertionError("trees can be written", e);
    }
  }
}
