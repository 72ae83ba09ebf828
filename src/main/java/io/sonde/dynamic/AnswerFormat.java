package io.sonde.dynamic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sonde.polling.PollException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What an answer may be written in. */
enum AnswerFormat {
  JSON("application/json") {
    @Override
    Object read(byte[] body) {
      try {
        return MAPPER.readValue(body, Object.class);
      } catch (JsonProcessingException e) {
        throw new PollException("no JSON: " + e.getOriginalMessage());
      } catch (IOException e) {
        throw new PollException("no JSON: " + e.getMessage());
      }
    }
  },
  XML("application/xml") {
    @Override
    Object read(byte[] body) {
      return XmlTree.read(body);
    }
  },
  /** One entry, with all of it as {@code out}. */
  TEXT("*/*") {
    @Override
    Object read(byte[] body) {
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        return List.of(Map.of("out", text));
      } catch (CharacterCodingException e) {
        throw new PollException("no text in UTF-8");
      }
    }
  };

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final String mediaType;

  AnswerFormat(String mediaType) {
    this.mediaType = mediaType;
  }

  /**
   * The answer as maps, lists, texts, numbers, booleans and null.
   *
   * @throws PollException when it is something else
   */
  abstract Object read(byte[] body);

  /** The answer in the first of these formats that it is in. */
  static Object read(byte[] body, List<AnswerFormat> formats) {
    PollException first = null;
    for (AnswerFormat format : formats) {
      try {
        return format.read(body);
      } catch (PollException e) {
        first = first == null ? e : first;
      }
    }
    throw new PollException("the answer cannot be read: " + first.getMessage());
  }

  /** What to ask for with the header {@code Accept}. */
  static String accepted(List<AnswerFormat> formats) {
    return formats.stream().map(format -> format.mediaType).collect(Collectors.joining(", "));
  }

  String spelled() {
    return name().toLowerCase(Locale.ROOT);
  }
}
