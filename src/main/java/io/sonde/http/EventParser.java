package io.sonde.http;

import static io.sonde.http.ApiException.badRequest;
import static io.sonde.http.ApiException.invalidInput;

import akka.http.javadsl.model.StatusCodes;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sonde.model.Event;
import io.sonde.model.PythonText;
import io.sonde.model.Timestamps;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a pushed JSON array of events, as Ceilometer's publishers send them and as answers show
 * them. All is validated before anything is handed on; an error names the event's index, the field
 * and the value. Of a key that stands twice the last one counts.
 */
final class EventParser {
  /**
   * More, with a dozen traits each, could not be stored within the time that a request may take.
   */
  static final int MAX_EVENTS = 20_000;

  private final JsonParser parser;
  private final Caller caller;
  private int index;

  private EventParser(JsonParser parser, Caller caller) {
    this.parser = parser;
    this.caller = caller;
  }

  /** The events of a request's body. */
  static List<Event> parse(byte[] received, Caller caller) {
    byte[] body = SampleParser.withoutMark(received);
    if (SampleParser.isWide(body)) {
      throw badRequest("The request body is not UTF-8");
    }
    try (JsonParser parser = JsonTree.FACTORY.createParser(body)) {
      return new EventParser(parser, caller).array();
    } catch (JsonProcessingException e) {
      throw SampleParser.notJson(e.getOriginalMessage(), e.getLocation());
    } catch (IOException e) {
      throw SampleParser.notJson(e.getMessage(), null);
    }
  }

  private List<Event> array() throws IOException {
    JsonToken first = parser.nextToken();
    if (first != null && first != JsonToken.START_ARRAY) {
      throw invalidInput("events", scalar(), "A JSON array of events is expected.");
    }
    List<Event> events = new ArrayList<>();
    while (first != null && parser.nextToken() != JsonToken.END_ARRAY) {
      if (events.size() == MAX_EVENTS) {
        throw new ApiException(
            StatusCodes.CONTENT_TOO_LARGE,
            "A push holds at most " + MAX_EVENTS + " events: send several.");
      }
      index = events.size();
      events.add(event());
    }
    if (events.isEmpty()) {
      throw badRequest("Events should be included in request body");
    }
    if (parser.nextToken() != null) {
      throw invalidInput("events", scalar(), "Nothing may follow the array.");
    }
    return events;
  }

  private Event event() throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("events", scalar(), "an object is expected");
    }
    String messageId = null;
    String eventType = null;
    Long generated = null;
    List<Trait> traits = List.of();
    String raw = Event.NO_RAW;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "message_id" -> messageId = text(field);
        case "event_type" -> eventType = text(field);
        case "generated" -> generated = moment(field);
        case "traits" -> traits = traits();
        case "raw" -> raw = raw();
        // Nothing here has the secret that it was made with.
        case "message_signature" -> parser.skipChildren();
        default ->
            throw ApiException.unknownArgument(
                field, "events[" + index + "]: not an attribute of an event");
      }
    }
    mandatory("message_id", messageId);
    mandatory("event_type", eventType);
    mandatory("generated", generated);
    Event event;
    try {
      event = new Event(messageId, eventType, generated, traits, raw);
    } catch (IllegalArgumentException e) {
      throw invalid("traits", "[...]", e.getMessage());
    }
    checkProject(event);
    return event;
  }

  private void mandatory(String field, Object value) {
    if (value == null) {
      throw invalid(field, null, "Mandatory field missing.");
    }
  }

  /** A caller that is kept to a project tells of that project only: he would not see the others. */
  private void checkProject(Event event) {
    if (caller.onlyProject() == null) {
      return;
    }
    Object project = null;
    for (Trait trait : event.traits()) {
      if (trait.name().equals(EventParameters.PROJECT) && trait.type() == TraitType.TEXT) {
        project = trait.value();
      }
    }
    if (!caller.onlyProject().equals(project)) {
      throw invalid(EventParameters.PROJECT, project, "can not post events of other projects");
    }
  }

  private String text(String field) throws IOException {
    Object value = scalar();
    String text = parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : null;
    String mistake = Event.textMistake(text);
    if (mistake != null) {
      throw invalid(field, value, mistake);
    }
    return text;
  }

  private Long moment(String field) throws IOException {
    try {
      if (parser.currentToken() == JsonToken.VALUE_STRING) {
        return Timestamps.parse(parser.getText().strip());
      }
    } catch (IllegalArgumentException e) {
      throw invalid(field, parser.getText(), e.getMessage());
    }
    throw invalid(field, scalar(), TraitText.expected(TraitType.DATETIME));
  }

  /** The text of the object, without blanks; what was not given or is null is an empty one. */
  private String raw() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return Event.NO_RAW;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("raw", scalar(), "an object is expected");
    }
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonTree.FACTORY.createGenerator(text)) {
      out.copyCurrentStructureExact(parser);
    }
    String raw = text.toString();
    String mistake = Event.rawMistake(raw);
    if (mistake != null) {
      throw invalid("raw", raw, mistake);
    }
    return raw;
  }

  private List<Trait> traits() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return List.of();
    }
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw invalid("traits", scalar(), "an array is expected");
    }
    List<Trait> traits = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String place = "events[" + index + "].traits[" + traits.size() + "]: ";
      traits.add(trait(place));
      if (traits.size() > Event.MAX_TRAITS) {
        throw invalidInput(
            "traits", "[...]", place + "at most " + Event.MAX_TRAITS + " are stored");
      }
    }
    return traits;
  }

  /** The triple {@code [name, number of the type, value]}, or an object with these. */
  private Trait trait(String place) throws IOException {
    Object name = null;
    Object type = null;
    Object value = null;
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> parts = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        parts.add(value());
      }
      if (parts.size() != 3) {
        throw invalidInput("traits", parts, place + "name, type and value are expected");
      }
      name = parts.get(0);
      type = parts.get(1);
      value = parts.get(2);
    } else if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "name" -> name = value();
          case "type" -> type = value();
          case "value" -> value = value();
          default ->
              throw ApiException.unknownArgument(field, place + "not an attribute of a trait");
        }
      }
    } else {
      throw invalidInput("traits", scalar(), place + "an array or an object is expected");
    }
    return trait(place, name, type, value);
  }

  private static Trait trait(String place, Object name, Object type, Object value) {
    String mistake = Event.textMistake(name instanceof String text ? text : null);
    if (mistake != null) {
      throw invalidInput("name", name, place + mistake);
    }
    TraitType known =
        type instanceof Long code
            ? TraitType.ofCode(code)
            : type instanceof String wireName ? TraitType.ofWireName(wireName) : null;
    if (known == null) {
      throw invalidInput(
          "type", type, place + "1 (string), 2 (integer), 3 (float) or 4 (datetime) is expected");
    }
    Object converted = converted(known, value);
    if (converted == null) {
      throw invalidInput((String) name, value, place + TraitText.expected(known));
    }
    try {
      return new Trait((String) name, known, converted);
    } catch (IllegalArgumentException e) {
      throw invalidInput((String) name, value, place + e.getMessage());
    }
  }

  /** The value as a trait of the type has it; null when it cannot be. */
  private static Object converted(TraitType type, Object value) {
    if (value instanceof String text) {
      return TraitText.value(type, text);
    }
    return switch (type) {
      case TEXT ->
          value instanceof Number || value instanceof Boolean ? PythonText.str(value) : null;
      case INTEGER -> value instanceof Long ? value : null;
      case FLOAT ->
          value instanceof Number number && Double.isFinite(number.doubleValue())
              ? number.doubleValue()
              : null;
      case DATETIME -> null;
    };
  }

  /** The value that the parser stands on; of an array or object only that it is one. */
  private Object value() throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) new BigInteger(parser.getText())
              : parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case START_ARRAY, START_OBJECT -> {
        parser.skipChildren();
        yield List.of();
      }
      default -> scalar();
    };
  }

  /** The value that the parser stands on, for an error text. */
  private Object scalar() throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "{...}";
      case START_ARRAY -> "[...]";
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getText();
    };
  }

  private ApiException invalid(String field, Object value, String why) {
    return invalidInput(field, value, "events[" + index + "]: " + why);
  }
}
