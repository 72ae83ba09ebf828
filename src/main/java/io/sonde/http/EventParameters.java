package io.sonde.http;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.PythonText;
import io.sonde.model.Timestamps;
import io.sonde.model.TraitCondition;
import io.sonde.model.TraitCondition.Operator;
import io.sonde.model.TraitType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Reads the filter of a question about events: groups {@code q.field}, {@code q.op}, {@code
 * q.value} and {@code q.type}, all of which must hold. Four fields are the event's own, and of
 * these the last group of a field counts; every other one names a trait.
 */
final class EventParameters {
  /** The trait that says whose an event is. */
  static final String PROJECT = "project_id";

  private EventParameters() {}

  /** The filter of a request, narrowed to what the caller may see. */
  static EventFilter parse(Arguments arguments, Caller caller) {
    String messageId = null;
    String eventType = null;
    long from = Long.MIN_VALUE;
    long to = Long.MAX_VALUE;
    List<TraitCondition> traits = new ArrayList<>();
    for (QueryParameters.Group group : QueryParameters.groups(arguments)) {
      Operator operator = operator(group.op());
      switch (group.field()) {
        case "message_id" -> messageId = only(Operator.EQ, operator, group).value();
        case "event_type" -> eventType = only(Operator.EQ, operator, group).value();
        case "start_timestamp" -> from = moment(only(Operator.GE, operator, group));
        case "end_timestamp" -> to = moment(only(Operator.LE, operator, group));
        default -> {
          TraitCondition trait = trait(group, operator);
          checkProject(trait, caller);
          traits.add(trait);
        }
      }
    }
    return scoped(new EventFilter(messageId, eventType, from, to, traits), caller);
  }

  /** Narrowed to what the caller may see. */
  static EventFilter scoped(EventFilter filter, Caller caller) {
    return caller.onlyProject() == null
        ? filter
        : filter.with(
            new TraitCondition(PROJECT, TraitType.TEXT, Operator.EQ, caller.onlyProject()));
  }

  private static void checkProject(TraitCondition trait, Caller caller) {
    if (trait.name().equals(PROJECT)
        && trait.type() == TraitType.TEXT
        && trait.operator() == Operator.EQ) {
      caller.mayAsk((String) trait.value());
    }
  }

  private static Operator operator(String name) {
    Operator operator = Operator.ofWireName(name);
    if (operator == null) {
      throw ApiException.badRequest(
          "Operator "
              + ApiException.shown(name)
              + " is not supported. The supported operators are: "
              + Arrays.stream(Operator.values())
                  .map(known -> "'" + known.wireName() + "'")
                  .collect(Collectors.joining(", ", "(", ")")));
    }
    return operator;
  }

  private static QueryParameters.Group only(
      Operator only, Operator given, QueryParameters.Group group) {
    if (given != only) {
      throw ApiException.badRequest(
          "Operator "
              + given.wireName()
              + " is not supported. Only `"
              + only.wireName()
              + "' operator is available for field "
              + group.field());
    }
    return group;
  }

  private static long moment(QueryParameters.Group group) {
    try {
      return Timestamps.parse(group.value().strip());
    } catch (IllegalArgumentException e) {
      throw ApiException.invalidInput(group.field(), group.value(), e.getMessage());
    }
  }

  private static TraitCondition trait(QueryParameters.Group group, Operator operator) {
    String mistake = Event.textMistake(group.field());
    if (mistake != null) {
      throw ApiException.invalidInput("field", group.field(), mistake);
    }
    TraitType type = group.type().isEmpty() ? TraitType.TEXT : TraitType.ofWireName(group.type());
    if (type == null) {
      throw ApiException.badRequest(
          "The data type "
              + ApiException.shown(group.type())
              + " is not supported. The supported data type list is: "
              + PythonText.str(
                  Arrays.stream(TraitType.values()).map(TraitType::wireName).toList()));
    }
    Object value = TraitText.value(type, group.value());
    if (value == null) {
      throw MetadataValue.notConvertible(group.value(), type.wireName());
    }
    return new TraitCondition(group.field(), type, operator, value);
  }
}
