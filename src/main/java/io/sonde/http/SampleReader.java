package io.sonde.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.PythonText;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** The samples of one push while they are read: the fields of the current one, the batch so far. */
final class SampleReader {
  private static final String DEFAULT_SOURCE = "openstack";
  // Generous: Ceilometer's own tables take 255. Unbounded, one id could outgrow a message.
  static final int LONGEST_TEXT = 1024;
  private static final int LIKELY_BYTES_A_SAMPLE = 400;

  private final Map<SampleField, PlainText> plain = new EnumMap<>(SampleField.class);
  private final byte[] body;
  private final PushContext context;
  private final long now;
  private final LongFunction<String> refusal;
  private final PushCaches caches;
  private final MetadataReader metadataReader;
  private final SampleBatch.Builder batch;
  private final List<Metadata> sentMetadata = new ArrayList<>();
  private final SampleValues values;
  private final SampleTemplates templates;
  private final SampleSpans spans = new SampleSpans();

  // Where in the body the parser's bytes begin, and the sample that it reads.
  private int origin;
  private int end;
  private SampleTemplate before;

  private int index = -1;
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
  private long messageKey;
  private Metadata metadata;

  // The samples of a cycle of polling share their timestamp.
  private String lastTimestampText;
  private long lastTimestamp;

  // Senders write all samples alike: what followed each field the last time is tried first, and
  // after a sample's last field the first one of the next.
  private final Map<SampleField, SampleField> followers = new EnumMap<>(SampleField.class);
  private SampleField last = SampleField.MESSAGE_ID;

  SampleReader(
      byte[] body, PushContext context, long now, LongFunction<String> refusal, PushCaches caches) {
    this.body = body;
    this.values = new SampleValues(body, refusal);
    this.context = context;
    this.now = now;
    this.refusal = refusal;
    this.caches = caches;
    this.templates = caches.templates();
    this.metadataReader = new MetadataReader(body, caches.metadata());
    this.batch = new SampleBatch.Builder(body.length / LIKELY_BYTES_A_SAMPLE + 1);
    for (SampleField field : SampleField.values()) {
      followers.put(field, SampleField.COUNTER_NAME);
      plain.put(field, new PlainText(body));
    }
  }

  /** Number of samples read. */
  int count() {
    return index + 1;
  }

  /** The place behind the last sample. */
  int end() {
    return end;
  }

  /** Where in the body the parser's bytes begin. */
  int origin() {
    return origin;
  }

  /** From here on the parser's bytes are those from a place of the body on. */
  void beginAt(int origin) {
    this.origin = origin;
    metadataReader.beginAt(origin);
    plain.values().forEach(text -> text.beginAt(origin));
  }

  /**
   * Reads the samples that follow as long as each is written like an earlier one of its series.
   *
   * @return whether there were any; then the parser does not know of them
   */
  boolean readAlike() {
    int first = index;
    while (before != null && index + 1 < SampleParser.MAX_SAMPLES) {
      SampleTemplate expected = before.next;
      int at = next(body, end);
      if (at < 0 || expected == null || !expected.isOf(context.caller())) {
        break;
      }
      values.clear();
      int behind = expected.read(body, at, values);
      if (behind < 0) {
        break;
      }
      index++;
      messageKey = values.key();
      batch.add(
          batch.ref(expected.series()),
          values.timestamp(),
          values.volume(),
          key(),
          batch.ref(expected.metadata()));
      end = behind;
      before = expected;
      if (!expected.isUsed) {
        expected.isUsed = true;
      }
    }
    return index > first;
  }

  /** Reads one sample, where the parser stands. */
  void read(JsonParser parser) throws IOException {
    index++;
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw invalid("samples", scalar(parser), "An object is expected.");
    }
    forget();
    int start = at(parser.currentTokenLocation());
    for (SampleField field = nextField(parser); field != null; field = nextField(parser)) {
      parser.nextToken();
      readField(field, parser);
    }
    end = at(parser.currentLocation());
    add(start);
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
    messageKey = SampleKey.NONE;
    metadata = Metadata.EMPTY;
    spans.clear();
  }

  /** Goes to the next field's name; null at the object's end. */
  private SampleField nextField(JsonParser parser) throws IOException {
    SampleField field = followers.get(last);
    if (!parser.nextFieldName(field.encoded())) {
      if (parser.currentToken() == JsonToken.END_OBJECT) {
        return null;
      }
      field = field(parser);
      followers.put(last, field);
    }
    last = field;
    return field;
  }

  private SampleField field(JsonParser parser) throws IOException {
    String name = parser.currentName();
    SampleField field = SampleField.ofWireName(name);
    if (field == null) {
      // What is not JSON is complained about first.
      parser.nextToken();
      throw ApiException.badRequest(
          "Unknown attribute: \""
              + ApiException.shown(name)
              + "\". samples["
              + index
              + "]: not an attribute of a sample");
    }
    return field;
  }

  private void readField(SampleField field, JsonParser parser) throws IOException {
    switch (field) {
      case COUNTER_NAME -> meter = name(field, parser);
      case NAME -> {
        isShortShape = true;
        meter = name(field, parser);
      }
      case COUNTER_TYPE, TYPE -> type = type(field, parser);
      case COUNTER_UNIT, UNIT -> unit = text(field, parser);
      case COUNTER_VOLUME, VOLUME -> {
        volume = volume(field, parser);
        addNumber(field, parser);
      }
      case RESOURCE_ID -> resource = name(field, parser);
      case PROJECT_ID -> project = text(field, parser);
      case USER_ID -> user = text(field, parser);
      case SOURCE -> source = text(field, parser);
      case TIMESTAMP -> timestampText = timestamp(field, parser);
      case MESSAGE_ID, ID -> readMessageId(field, parser);
      case RESOURCE_METADATA -> metadata = metadata(field, parser);
      case MESSAGE_SIGNATURE, MONOTONIC_TIME, RECORDED_AT, USER_NAME, PROJECT_NAME, PUBLISHER_ID ->
          pass(field, parser);
    }
  }

  private void add(int start) {
    require(meter != null, "counter_name", "name");
    require(type != null, "counter_type", "type");
    require(unit != null, "counter_unit", "unit");
    require(!Double.isNaN(volume), "counter_volume", "volume");
    require(resource != null, "resource_id", "resource_id");
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
        caches.series().get(ownSource, meter, type, unit, resource, ownProject, ownUser);
    batch.add(batch.ref(series), timestamp, volume, key(), batch.ref(metadata));
    follow(start, series);
  }

  /** What follows this sample is expected to be what followed it the last time. */
  private void follow(int start, Series series) {
    SampleTemplate template = null;
    if (context.meter() == null && spans.sayAll()) {
      template = templates.of(series);
      values.clear();
      if (template == null
          || !template.isOf(context.caller())
          || template.read(body, start, values) != end) {
        template =
            new SampleTemplate(
                body, start, end, spans.countedFrom(start), context.caller(), series, metadata);
        templates.keep(template);
      }
      if (before != null) {
        before.next = template;
      }
    }
    before = template;
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
    if (messageKey != SampleKey.NONE) {
      return messageKey;
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

  private String timestamp(SampleField field, JsonParser parser) throws IOException {
    PlainText text = plain(field, parser);
    addText(field, text);
    return text == null ? otherText(field, parser) : text.text();
  }

  /** Passes over what is not kept. */
  private void pass(SampleField field, JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      addText(field, plain(field, parser));
    } else if (parser.currentToken().isNumeric()) {
      addNumber(field, parser);
    } else {
      parser.skipChildren();
    }
  }

  private void addText(SampleField field, PlainText text) {
    if (text == null) {
      spans.addOdd();
    } else {
      spans.add(field, false, text.from(), text.from() + text.length());
    }
  }

  private void addNumber(SampleField field, JsonParser parser) throws IOException {
    if (parser.currentToken().isNumeric()) {
      int from = at(parser.currentTokenLocation());
      spans.add(field, true, from, from + parser.getTextLength());
    } else {
      spans.addOdd();
    }
  }

  private int at(JsonLocation location) {
    return origin + (int) location.getByteOffset();
  }

  /** Where the object begins that follows the one that ends at a place; -1 when none does. */
  private static int next(byte[] body, int end) {
    int comma = SampleParser.behindBlanks(body, end);
    if (comma == body.length || body[comma] != ',') {
      return -1;
    }
    int at = SampleParser.behindBlanks(body, comma + 1);
    return at < body.length && body[at] == '{' ? at : -1;
  }

  private void readMessageId(SampleField field, JsonParser parser) throws IOException {
    PlainText id = context.meter() == null ? plain(field, parser) : null;
    addText(field, id);
    if (id != null) {
      messageKey = id.length() == 0 ? SampleKey.NONE : id.key();
      return;
    }
    messageId = otherText(field, parser);
    messageKey = isAbsent(messageId) ? SampleKey.NONE : SampleKey.ofMessageId(messageId);
  }

  private MeterType type(SampleField field, JsonParser parser) throws IOException {
    String text = text(field, parser);
    MeterType known = MeterType.ofWireName(text);
    if (known == null && text != null) {
      throw invalid(field, text, "The counter type must be: gauge, delta, cumulative");
    }
    return known;
  }

  /** NaN stands for null; a NaN that was sent is refused. */
  private double volume(SampleField field, JsonParser parser) throws IOException {
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        return Double.NaN;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        double number = parser.getDoubleValue();
        if (Double.isFinite(number)) {
          return number;
        }
      }
      case VALUE_STRING -> {
        Double number = MetadataValue.decimal(parser.getText().strip());
        if (number != null) {
          return number;
        }
      }
      default -> {}
    }
    throw invalid(field, scalar(parser), "a finite number is expected");
  }

  private Metadata metadata(SampleField field, JsonParser parser) throws IOException {
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
  private String name(SampleField field, JsonParser parser) throws IOException {
    String text = text(field, parser);
    if (text != null && text.isEmpty()) {
      throw invalid(field, text, "must not be empty");
    }
    return text;
  }

  private String text(SampleField field, JsonParser parser) throws IOException {
    PlainText text = plain(field, parser);
    return text == null ? otherText(field, parser) : text.text(caches.texts());
  }

  /** The text that the parser stands on, or null where it takes a closer look. */
  private PlainText plain(SampleField field, JsonParser parser) {
    PlainText text = plain.get(field);
    return text.isAt(parser) && text.length() <= LONGEST_TEXT ? text : null;
  }

  private String otherText(SampleField field, JsonParser parser) throws IOException {
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

  private void require(boolean isThere, String longName, String shortName) {
    if (!isThere) {
      throw invalid(isShortShape ? shortName : longName, null, "Mandatory field missing.");
    }
  }

  private ApiException invalid(SampleField field, Object value, String why) {
    return invalid(field.wireName(), value, why);
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
