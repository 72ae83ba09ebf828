package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import io.sonde.definition.MeterDefinition.Field;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Event;
import io.sonde.model.NameMemo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** All definitions of a node. Immutable but for what it remembers; for use by many threads. */
public final class Definitions {
  private static final String PATH = "sonde.definitions";
  private static final int MOST_TYPES = 10_000;
  private static final Set<String> OF_SAMPLES = Set.of("INFO", "SAMPLE");
  private static final Set<String> OF_EVENTS = Set.of("INFO", "ERROR");

  private final NameMemo<List<MeterDefinition>> meters;
  private final NameMemo<List<EventDefinition>> events;
  private final String source;
  private final Redaction redaction;
  private final Set<String> storeRaw;
  private final boolean dropsUnmatched;
  private final boolean countsNeutron;
  private final int meterCount;
  private final int eventCount;
  private final List<String> notes;

  private Definitions(
      ConfigSection section,
      List<MeterDefinition> meters,
      List<EventDefinition> events,
      List<String> notes) {
    this.meters = byType(meters, MeterDefinition::types);
    this.events = byType(events, EventDefinition::types);
    this.source = section.text("source", "who samples come from, such as openstack");
    this.redaction =
        new Redaction(
            section.texts("redact", "a list of patterns of names"), section.path("redact"));
    this.storeRaw = priorities(section);
    this.dropsUnmatched = section.flag("drop-unmatched", false);
    this.countsNeutron = section.flag("neutron-existence", false);
    this.meterCount = meters.size();
    this.eventCount = events.size();
    this.notes = List.copyOf(notes);
  }

  /** The definitions for a type, in their order. */
  private static <T> NameMemo<List<T>> byType(
      List<T> definitions, Function<T, EventTypes> typesOf) {
    return new NameMemo<>(
        MOST_TYPES,
        type ->
            definitions.stream()
                .filter(definition -> typesOf.apply(definition).matches(type))
                .toList());
  }

  private static Set<String> priorities(ConfigSection section) {
    Set<String> priorities = new TreeSet<>();
    for (String priority : section.texts("store-raw", "a list of priorities")) {
      String known = priority.toUpperCase(Locale.ROOT);
      if (!OF_EVENTS.contains(known)) {
        throw new ConfigException(
            section.path("store-raw"), priority, "info or error: no others make events");
      }
      priorities.add(known);
    }
    return priorities;
  }

  /**
   * Reads the definitions.
   *
   * @param config what stands at {@code sonde.definitions}
   * @throws ConfigException when something in it is not right; with {@code errors = skip} a
   *     definition that is none is left out instead, and told in {@link #notes}
   */
  public static Definitions from(Config config) {
    ConfigSection section =
        ConfigSection.of(config, PATH)
            .allow(
                "errors",
                "shared",
                "meters",
                "events",
                "source",
                "drop-unmatched",
                "store-raw",
                "redact",
                "user-metadata",
                "neutron-existence");
    String errors = section.text("errors", "refuse or skip");
    if (!errors.equals("refuse") && !errors.equals("skip")) {
      throw new ConfigException(section.path("errors"), errors, "refuse or skip");
    }
    UserMetadata userMetadata = UserMetadata.from(section.section("user-metadata"));
    List<ConfigException> mistakes = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Map<Object, MetadataDefinition> same = new HashMap<>();
    List<MeterDefinition> meters =
        unique(
            read(
                section.sections("meters", "a list of definitions of meters"),
                one -> MeterDefinition.from(one, userMetadata, same),
                mistakes),
            notes);
    List<EventDefinition> events =
        read(
                section.sections("events", "a list of definitions of events"),
                EventDefinition::from,
                mistakes)
            .values()
            .stream()
            .toList();
    if (!mistakes.isEmpty() && errors.equals("refuse")) {
      ConfigException first = mistakes.get(0);
      mistakes.subList(1, mistakes.size()).forEach(first::addSuppressed);
      throw first;
    }
    mistakes.forEach(mistake -> notes.add("left out: " + mistake.getMessage()));
    return new Definitions(section, meters, events, notes);
  }

  /** The definitions by where they stand. */
  private static <T> Map<String, T> read(
      List<ConfigSection> sections,
      Function<ConfigSection, T> reader,
      List<ConfigException> mistakes) {
    Map<String, T> read = new LinkedHashMap<>();
    for (ConfigSection section : sections) {
      String place = section.path() + " (" + section.place() + ")";
      try {
        read.put(place, reader.apply(section));
      } catch (ConfigException e) {
        mistakes.add(e.at(section.place()));
      }
    }
    return read;
  }

  /**
   * Of a name the last definition counts, so that a file can replace what is shipped. A name that
   * is a path stands for many, so definitions with the same one go beside each other.
   */
  private static List<MeterDefinition> unique(
      Map<String, MeterDefinition> read, List<String> notes) {
    Map<String, String> places = new LinkedHashMap<>();
    read.forEach(
        (place, definition) -> {
          boolean isOfOneMeter = definition.attributes().get(Field.NAME).isLiteral();
          String earlier = places.put(isOfOneMeter ? definition.name() : place, place);
          if (earlier != null) {
            notes.add(
                earlier + ": the meter " + definition.name() + " is replaced by that of " + place);
          }
        });
    Set<String> counting = Set.copyOf(places.values());
    return read.entrySet().stream()
        .filter(entry -> counting.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** What is to be known of the definitions: those that are replaced or were left out. */
  public List<String> notes() {
    return notes;
  }

  /** Whether samples can be made of notifications of a type. */
  public boolean measures(String eventType) {
    return !meters.of(eventType).isEmpty()
        || SentSamples.areIn(eventType)
        || IpmiSensors.areIn(eventType)
        || (countsNeutron && NeutronExistence.isTold(eventType));
  }

  /** How many definitions of meters there are. */
  public int meterCount() {
    return meterCount;
  }

  /** How many definitions of events there are. */
  public int eventCount() {
    return eventCount;
  }

  /**
   * A message as it may be kept: without the secrets that a notification has, also in the inner
   * text of an envelope. What is no JSON stays as it is.
   */
  public byte[] withoutSecrets(byte[] message) {
    try {
      JsonNode tree = redaction.copy(Notification.read(message));
      JsonNode inner = tree.path("oslo.message");
      if (inner.isTextual()) {
        byte[] text = inner.textValue().getBytes(StandardCharsets.UTF_8);
        ((ObjectNode) tree).put("oslo.message", redaction.copy(Notification.read(text)).toString());
      }
      return tree.toString().getBytes(StandardCharsets.UTF_8);
    } catch (NotificationException e) {
      return message;
    }
  }

  /**
   * Turns a notification into samples and an event. The same notification becomes the same samples,
   * with the same keys, and the same event.
   *
   * @throws NotificationException when nothing of it can be made sense of
   */
  public Converted convert(Notification notification) {
    Conversion conversion = new Conversion(notification, source, redaction);
    String eventType = notification.eventType();
    String priority = notification.priority();
    boolean makesSamples = OF_SAMPLES.contains(priority);
    boolean makesEvents = OF_EVENTS.contains(priority);
    if (!makesSamples && !makesEvents) {
      conversion.remark("nothing is made of notifications with the priority " + priority);
    }
    if (SentSamples.areIn(eventType)) {
      if (makesSamples) {
        SentSamples.convert(conversion);
      }
      return new Converted(conversion.samples(), null, conversion.remarks());
    }
    if (makesSamples) {
      samples(eventType, conversion);
    }
    Event event = makesEvents ? event(notification, conversion) : null;
    return new Converted(conversion.samples(), event, conversion.remarks());
  }

  private void samples(String eventType, Conversion conversion) {
    for (MeterDefinition meter : meters.of(eventType)) {
      meter.convert(conversion);
    }
    if (IpmiSensors.areIn(eventType)) {
      IpmiSensors.convert(conversion);
    }
    if (countsNeutron && NeutronExistence.isTold(eventType)) {
      NeutronExistence.convert(conversion);
    }
  }

  /** The last definition for the type counts, and no other. */
  private Event event(Notification notification, Conversion conversion) {
    List<EventDefinition> matching = events.of(notification.eventType());
    if (matching.isEmpty() && dropsUnmatched) {
      conversion.remark("no definition of events is for the type " + notification.eventType());
      return null;
    }
    EventDefinition definition =
        matching.isEmpty() ? EventDefinition.CATCH_ALL : matching.get(matching.size() - 1);
    try {
      return new Event(
          notification.messageId(),
          notification.eventType(),
          notification.timestamp(),
          definition.traits(conversion),
          raw(notification, conversion));
    } catch (IllegalArgumentException e) {
      throw new NotificationException("no event: " + e.getMessage());
    }
  }

  private String raw(Notification notification, Conversion conversion) {
    if (!storeRaw.contains(notification.priority())) {
      return Event.NO_RAW;
    }
    String raw = redaction.copy(notification.tree()).toString();
    String mistake = Event.rawMistake(raw);
    if (mistake != null) {
      conversion.remark("without the raw notification: " + mistake);
      return Event.NO_RAW;
    }
    return raw;
  }
}
