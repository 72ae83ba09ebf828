package io.sonde.definition;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.Event;
import io.sonde.model.Timestamps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One message by which a service tells of something that happened, taken out of its envelope. Its
 * trees must not be changed.
 */
public final class Notification {
  /** How deep objects and lists may be nested. */
  public static final int MAX_DEPTH = 100;

  private static final String CONTEXT = "_context_";

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Names come from outside: they must not stay for ever.
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JsonNode message;
  private final JsonNode context;
  private final String messageId;
  private final String publisherId;
  private final String eventType;
  private final String priority;
  private final long timestamp;
  private final String timestampText;
  private JsonNode tree;
  private JsonNode flatTree;

  private Notification(JsonNode message) {
    this.message = message;
    JsonNode metadata = message.path("metadata");
    this.context = message.path("ctxt");
    this.messageId = identity(message, metadata, "message_id");
    this.eventType = identity(message, message, "event_type");
    this.publisherId =
        isAbsent(message.path("publisher_id")) ? "" : identity(message, message, "publisher_id");
    String given = message.path("priority").asText("");
    this.priority = given.isEmpty() ? "INFO" : given.toUpperCase(Locale.ROOT);
    JsonNode payload = message.path("payload");
    if (!payload.isContainerNode()) {
      throw NotificationException.of("payload", shown(payload), "an object or a list");
    }
    JsonNode time = message.path("timestamp");
    if (isAbsent(time)) {
      time = metadata.path("timestamp");
    }
    if (isAbsent(time)) {
      time = message.path(CONTEXT + "timestamp");
    }
    try {
      this.timestampText = time.isTextual() ? time.textValue() : "";
      this.timestamp = Timestamps.parse(timestampText.strip());
    } catch (IllegalArgumentException e) {
      throw NotificationException.of(
          "timestamp", shown(time), "a date and a time, such as 2026-03-01 19:34:05.596853");
    }
  }

  /**
   * Reads a notification in any of the envelopes of oslo.messaging, in UTF-8.
   *
   * @throws NotificationException when it is none; the message names field, value and what was
   *     expected
   */
  public static Notification parse(byte[] json) {
    return of(read(json));
  }

  /**
   * A notification from its tree: plain ({@code message_id}, {@code event_type}, {@code payload},
   * {@code timestamp}, {@code _context_…}), within {@code oslo.message} as text, or as consumers
   * see it ({@code ctxt}, {@code metadata}).
   *
   * @throws NotificationException when it is none
   */
  public static Notification of(JsonNode tree) {
    JsonNode message = tree;
    JsonNode inner = tree.path("oslo.message");
    if (tree.has("oslo.version") && !inner.isMissingNode()) {
      String version = tree.path("oslo.version").asText();
      if (!version.equals("2") && !version.startsWith("2.")) {
        throw NotificationException.of("oslo.version", version, "2.0");
      }
      message = inner.isTextual() ? within("oslo.message", inner.textValue()) : inner;
    }
    if (!message.isObject()) {
      throw NotificationException.of("notification", shown(message), "an object");
    }
    return new Notification(message);
  }

  private static JsonNode within(String field, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new NotificationException(field + ": not JSON: " + mistake(e));
    }
  }

  /**
   * The tree of a text in UTF-8, bounded in its depth.
   *
   * @throws NotificationException when it is not JSON
   */
  public static JsonNode read(byte[] json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new NotificationException("not JSON: " + mistake(e));
    } catch (IOException e) {
      // Bytes that are no text at all, such as malformed UTF-32, come as plain exceptions.
      throw new NotificationException("not JSON: " + e.getMessage());
    }
  }

  /**
   * The trees of all notifications in a text: of one, of an array of them, or of what stands one
   * after the other, such as JSON lines.
   *
   * @throws NotificationException when it is not JSON
   */
  public static List<JsonNode> readAll(byte[] json) {
    List<JsonNode> all = new ArrayList<>();
    try (MappingIterator<JsonNode> values =
        JSON.readerFor(JsonNode.class)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readValues(json)) {
      while (values.hasNextValue()) {
        JsonNode value = values.nextValue();
        if (value.isArray()) {
          value.forEach(all::add);
        } else {
          all.add(value);
        }
      }
      return all;
    } catch (JsonProcessingException e) {
      throw new NotificationException("not JSON: " + mistake(e));
    } catch (IOException e) {
      throw new NotificationException("not JSON: " + e.getMessage());
    }
  }

  private static String mistake(JsonProcessingException failure) {
    String place =
        failure.getLocation() == null
            ? ""
            : " at line "
                + failure.getLocation().getLineNr()
                + ", column "
                + failure.getLocation().getColumnNr();
    return failure.getOriginalMessage() + place;
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  /** A text that must be there, at either of two places. */
  private static String identity(JsonNode first, JsonNode second, String field) {
    JsonNode value = first.path(field);
    if (isAbsent(value)) {
      value = second.path(field);
    }
    String text = value.isTextual() ? value.textValue() : null;
    String mistake = Event.textMistake(text);
    if (mistake != null) {
      throw NotificationException.of(
          field,
          shown(value),
          "text of 1 to " + Event.MAX_TEXT + " characters, without U+0000 and halves of pairs");
    }
    return text;
  }

  /** Null where nothing is. */
  private static String shown(JsonNode value) {
    return isAbsent(value)
        ? null
        : value.isTextual()
            ? value.textValue()
            : value.isObject() ? "{…}" : value.isArray() ? "[…]" : value.toString();
  }

  /** Tells notifications apart: one with the same id is the same. 1 to 255 characters. */
  public String messageId() {
    return messageId;
  }

  /** Who sent it, such as {@code compute.host1}; empty where that is not said. */
  public String publisherId() {
    return publisherId;
  }

  /** What happened, such as {@code compute.instance.create.end}. 1 to 255 characters. */
  public String eventType() {
    return eventType;
  }

  /** In capitals, such as {@code INFO}, which is what a notification without one has. */
  public String priority() {
    return priority;
  }

  /** When it was sent, in microseconds since 1970 in UTC. */
  public long timestamp() {
    return timestamp;
  }

  /** What it tells: an object or a list. */
  public JsonNode payload() {
    return message.get("payload");
  }

  /** A value of the context of the request, under any of these names; a missing node for none. */
  JsonNode context(String... names) {
    for (String name : names) {
      JsonNode value = context.path(name);
      if (isAbsent(value)) {
        value = message.path(CONTEXT + name);
      }
      if (!isAbsent(value)) {
        return value;
      }
    }
    return MissingNode.getInstance();
  }

  /**
   * What paths begin at: {@code ctxt}, {@code publisher_id}, {@code event_type}, {@code priority},
   * {@code payload} and {@code metadata} with {@code message_id} and {@code timestamp}.
   */
  public JsonNode tree() {
    if (tree == null) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      ObjectNode ctxt = root.putObject("ctxt");
      for (Map.Entry<String, JsonNode> field : message.properties()) {
        if (field.getKey().startsWith(CONTEXT)) {
          ctxt.set(field.getKey().substring(CONTEXT.length()), field.getValue());
        }
      }
      context.properties().forEach(field -> ctxt.set(field.getKey(), field.getValue()));
      putCommon(root);
      putIdentity(root.putObject("metadata"));
      tree = root;
    }
    return tree;
  }

  /**
   * What paths of old definitions begin at: the same, flat, with {@code _context_…}, {@code
   * message_id} and {@code timestamp} at the top.
   */
  public JsonNode flatTree() {
    if (flatTree == null) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      message
          .properties()
          .forEach(
              field -> {
                if (!field.getKey().equals("ctxt") && !field.getKey().equals("metadata")) {
                  root.set(field.getKey(), field.getValue());
                }
              });
      context.properties().forEach(field -> root.set(CONTEXT + field.getKey(), field.getValue()));
      putCommon(root);
      putIdentity(root);
      flatTree = root;
    }
    return flatTree;
  }

  private void putCommon(ObjectNode root) {
    root.put("publisher_id", publisherId)
        .put("event_type", eventType)
        .put("priority", priority)
        .set("payload", payload());
  }

  private void putIdentity(ObjectNode node) {
    node.put("message_id", messageId).put("timestamp", timestampText);
  }

  @Override
  public String toString() {
    return eventType + " " + messageId;
  }
}
