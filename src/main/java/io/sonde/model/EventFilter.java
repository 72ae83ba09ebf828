package io.sonde.model;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which events are asked for; all conditions must hold.
 *
 * @param messageId the id, or null for any
 * @param eventType the type, or null for any
 * @param from the earliest moment, microseconds
 * @param to the latest moment, microseconds; it belongs to them
 */
public record EventFilter(
    String messageId, String eventType, long from, long to, List<TraitCondition> traits) {
  /** Every event. */
  public static final EventFilter ALL =
      new EventFilter(null, null, Long.MIN_VALUE, Long.MAX_VALUE, List.of());

  public EventFilter {
    traits = List.copyOf(traits);
  }

  /** The event of this id, if this filter has it. */
  public EventFilter withMessageId(String id) {
    return new EventFilter(id, eventType, from, to, traits);
  }

  /** Those of this type. */
  public EventFilter withEventType(String type) {
    return new EventFilter(messageId, type, from, to, traits);
  }

  /** Those for which this holds too. */
  public EventFilter with(TraitCondition condition) {
    return new EventFilter(
        messageId,
        eventType,
        from,
        to,
        Stream.concat(traits.stream(), Stream.of(condition)).toList());
  }

  /** Whether any event can match; a database refuses texts that it cannot hold. */
  public boolean isSatisfiable() {
    return isStorable(messageId)
        && isStorable(eventType)
        && traits.stream()
            .allMatch(
                trait ->
                    isStorable(trait.name())
                        && (trait.type() != TraitType.TEXT || isStorable((String) trait.value())));
  }

  private static boolean isStorable(String text) {
    return text == null || StorableText.isStorable(text);
  }
}
