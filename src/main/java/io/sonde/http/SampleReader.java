package io.sonde.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/** The samples of one push while they are read: the fields of the current one, the batch so far. */
final class SampleReader {
  private static final String DEFAULT_SOURCE = "openstack";
  // Generous: Ceilometer's own tables take 255. Unbounded, one id could outgrow a message.
  private static final int LONGEST_TEXT = 1024;
  private static final int LIKELY_BYTES_A_SAMPLE = 400;

  private final PushContext context;
  private final long now;
  private final LongFunction<String> refusal;
  private final MetadataReader metadataReader;
  private final SampleBatch.Builder batch;
  private final List<Metadata> sentMetadata = new ArrayList<>();

  private int index;
  private boolean isShortShape;
  private String source;
  private String meter;
  private MeterType type;
  private String unit;
  private double volume;
  private String user;
  private String project;
  private String resource;
  private String timestampText;
  private String messageId;
  private Metadata metadata;

  // The samples of a cycle of polling share their timestamp.
  private String lastTimestampText;
  private long lastTimestamp;

  SampleReader(byte[] body, PushContext context, long now, LongFunction<String> refusal) {
    this.context = context;
    this.now = now;
    this.refusal = refusal;
    this.metadataReader = new MetadataReader(body);
    this.batch = new SampleBatch.Builder(body.length / LIKELY_BYTES_A_SAMPLE + 1);
  }

  /** Reads one sample, where the parser stands. */
  void read(JsonParser parser, int at) throws IOException {
    index = at;
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("samples", scalar(parser), "An object is expected.");
    }
    forget();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      readField(name, parser);
    }
    add();
  }

  PushedSamples build() {
    return new PushedSamples(batch.build(), sentMetadata);
  }

  private void forget() {
    isShortShape = false;
    source = null;
    meter = null;
    type = null;
    unit = null;
    volume = Double.NaN;
    user = null;
    project = null;
    resource = null;
    timestampText = null;
    messageId = null;
    metadata = Metadata.EMPTY;
  }

  private void readField(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "counter_name" -> meter = name(name, parser);
      case "name" -> {
        isShortShape = true;
        meter = name(name, parser);
      }
      case "counter_type", "type" -> type = type(name, parser);
      case "counter_unit", "unit" -> unit = text(name, parser);
      case "counter_volume", "volume" -> volume = volume(name, parser);
      case "resource_id" -> resource = name(name, parser);
      case "project_id" -> project = text(name, parser);
      case "user_id" -> user = text(name, parser);
      case "source" -> source = text(name, parser);
      case "timestamp" -> timestampText = text(name, parser);
      case "message_id", "id" -> messageId = text(name, parser);
      case "resource_metadata" -> metadata = metadata(name, parser);
      // What Ceilometer's publishers add; nothing that Sonde keeps.
      case "message_signature",
          "monotonic_time",
          "recorded_at",
          "user_name",
          "project_name",
          "publisher_id" ->
          parser.skipChildren();
      default ->
          throw ApiException.badRequest(
              "Unknown attribute: \""
                  + ApiException.shown(name)
                  + "\". samples["
                  + index
                  + "]: not an attribute of a sample");
    }
  }

  private void add() {
    require(meter, "counter_name", "name");
    require(type, "counter_type", "type");
    require(unit, "counter_unit", "unit");
    require(Double.isNaN(volume) ? null : volume, "counter_volume", "volume");
    require(resource, "resource_id", "resource_id");
    long timestamp = timestamp();
    Caller caller = context.caller();
    String ownProject = isAbsent(project) ? orElse(caller.projectId(), project) : project;
    String ownUser = isAbsent(user) ? orElse(caller.userId(), user) : user;
    if (caller.onlyProject() != null && !caller.onlyProject().equals(ownProject)) {
      throw invalid("project_id", ownProject, "can not post samples to other projects");
    }
    String ownSource = isAbsent(source) ? DEFAULT_SOURCE : source;
    if (context.meter() != null) {
      checkAgainstPath();
      ownSource = PythonText.str(ownProject) + ":" + ownSource;
      sentMetadata.add(metadata);
      metadata = nested(metadata);
    }
    Series series =
        new Series(
            ownSource, meter, type, unit, resource, ownProject, ownUser, Series.NO_DIMENSIONS);
    batch.add(batch.ref(series), timestamp, volume, key(), batch.ref(metadata));
  }

  private void checkAgainstPath() {
    if (!meter.equals(context.meter())) {
      throw invalid(isShortShape ? "name" : "counter_name", meter, "should be " + context.meter());
    }
    if (!isAbsent(messageId)) {
      throw invalid("message_id", messageId, "The message_id must not be set");
    }
  }

  private long key() {
    if (!isAbsent(messageId)) {
      return SampleKey.ofMessageId(messageId);
    }
    if (context.idempotencyKey() != null) {
      return SampleKey.ofMessageId(context.idempotencyKey() + "/" + index);
    }
    return SampleKey.random();
  }

  private long timestamp() {
    if (timestampText == null) {
      if (context.idempotencyKey() != null) {
        // It would get another time when it is sent again, and so be another sample.
        throw invalid(
            "timestamp", null, "With an Idempotency-Key every sample needs its timestamp.");
      }
      return now;
    }
    if (timestampText.equals(lastTimestampText)) {
      return lastTimestamp;
    }
    long timestamp;
    try {
      timestamp = Timestamps.parse(timestampText);
    } catch (IllegalArgumentException e) {
      throw invalid("timestamp", timestampText, e.getMessage());
    }
    String reason = refusal.apply(timestamp);
    if (reason != null) {
      throw invalid("timestamp", timestampText, reason);
    }
    lastTimestampText = timestampText;
    lastTimestamp = timestamp;
    return timestamp;
  }

  private MeterType type(String field, JsonParser parser) throws IOException {
    String text = text(field, parser);
    MeterType known = MeterType.ofWireName(text);
    if (known == null && text != null) {
      throw invalid(field, text, "The counter type must be: gauge, delta, cumulative");
    }
    return known;
  }

  /** NaN stands for null; a NaN that was sent is refused. */
  private double volume(String field, JsonParser parser) throws IOException {
    Double number =
        switch (parser.currentToken()) {
          case VALUE_NULL -> Double.NaN;
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
          case VALUE_STRING -> MetadataValue.decimal(parser.getText().strip());
          default -> null;
        };
    if (number == null) {
      throw invalid(field, scalar(parser), "a finite number is expected");
    }
    return number;
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private Metadata metadata(String field, JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return Metadata.EMPTY;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid(field, scalar(parser), "an object is expected");
    }
    try {
      return metadataReader.read(parser);
    } catch (IllegalArgumentException e) {
      throw invalid(field, "{...}", e.getMessage());
    }
  }

  private Metadata nested(Metadata sent) {
    try {
      return MetadataReader.nested(sent);
    } catch (IllegalArgumentException e) {
      throw invalid("resource_metadata", "{...}", e.getMessage());
    }
  }

  /** Text that is not empty: a meter or resource without a name could never be asked for. */
  private String name(String field, JsonParser parser) throws IOException {
    String text = text(field, parser);
    if (text != null && text.isEmpty()) {
      throw invalid(field, text, "must not be empty");
    }
    return text;
  }

  private String text(String field, JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return null;
    }
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw invalid(field, scalar(parser), "a string is expected");
    }
    String text = parser.getText();
    if (text.length() > LONGEST_TEXT) {
      throw invalid(field, text, "longer than " + LONGEST_TEXT + " characters");
    }
    if (!JsonTree.isStorable(text)) {
      throw invalid(field, text, "holds U+0000 or half a surrogate pair");
    }
    return text;
  }

  private void require(Object value, String longName, String shortName) {
    if (value == null) {
      throw invalid(isShortShape ? shortName : longName, null, "Mandatory field missing.");
    }
  }

  private ApiException invalid(String field, Object value, String why) {
    return ApiException.invalidInput(field, value, "samples[" + index + "]: " + why);
  }

  /** The value that the parser stands on, for an error text. */
  private static Object scalar(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> "{...}";
      case START_ARRAY -> "[...]";
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> parser.getText();
    };
  }

  private static boolean isAbsent(String text) {
    return text == null || text.isEmpty();
  }

  private static String orElse(String preferred, String other) {
    return preferred != null ? preferred : other;
  }
}
