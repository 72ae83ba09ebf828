package io.sonde.http;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The attributes of a pushed sample. */
enum SampleField {
  COUNTER_NAME,
  COUNTER_TYPE,
  COUNTER_UNIT,
  COUNTER_VOLUME,
  NAME,
  TYPE,
  UNIT,
  VOLUME,
  RESOURCE_ID,
  PROJECT_ID,
  USER_ID,
  SOURCE,
  TIMESTAMP,
  MESSAGE_ID,
  ID,
  RESOURCE_METADATA,
  // What Ceilometer's publishers add; nothing that Sonde keeps.
  MESSAGE_SIGNATURE,
  MONOTONIC_TIME,
  RECORDED_AT,
  USER_NAME,
  PROJECT_NAME,
  PUBLISHER_ID;

  private static final Map<String, SampleField> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(SampleField::wireName, Function.identity()));

  @SuppressWarnings("ImmutableEnumChecker") // It keeps its encodings once they are asked for.
  private final SerializableString encoded = new SerializedString(name().toLowerCase(Locale.ROOT));

  /** The name in JSON. */
  String wireName() {
    return encoded.getValue();
  }

  /** The name in JSON, as a parser compares it. */
  SerializableString encoded() {
    return encoded;
  }

  /** The field of this name, or null when there is none. */
  static SampleField ofWireName(String name) {
    return BY_NAME.get(name);
  }
}
