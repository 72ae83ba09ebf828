package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.MeterType;
import io.sonde.model.SeriesField;
import io.sonde.model.Timestamps;
import io.sonde.model.Trait;
import io.sonde.model.TraitCondition;
import io.sonde.model.TraitType;
import io.sonde.query.NaiveModel.Entry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks random questions over HTTP, and holds the JSON of the answers against the naive model. */
final class HttpModel {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>; rel=\"next\"");
  private static final List<String> KEYS =
      List.of("n", "flag", "name", "nested.a", "nested.b[0]", "host", "no");
  private static final long MINUTE = 60_000_000L;

  private final URI base;
  private final Random random;
  private final RandomQueries queries;
  private final NaiveModel model;
  private final EventModel events;
  private final HttpClient client = HttpClient.newHttpClient();

  HttpModel(URI base, Random random, RandomQueries queries, NaiveModel model, EventModel events) {
    this.base = base;
    this.random = random;
    this.queries = queries;
    this.model = model;
    this.events = events;
  }

  /** A question as its URL has it, and as the model understands it. */
  private final class Simple {
    private final StringBuilder url = new StringBuilder();
    private final Map<SeriesField, String> equal = new HashMap<>();
    private final List<Condition> rest = new ArrayList<>();
    private long start = Long.MIN_VALUE;
    private long end = Long.MAX_VALUE;
    private boolean isAfter;
    private boolean isThrough;
    private long offset;
    private String project;

    Simple(boolean hasMeter, boolean hasTime) {
      maybe("resource", SeriesField.RESOURCE_ID, "r" + random.nextInt(8));
      maybe("user", SeriesField.USER_ID, random.nextInt(3) == 0 ? null : "u" + random.nextInt(2));
      maybe("source", SeriesField.SOURCE, "s" + random.nextInt(2));
      if (random.nextInt(4) == 0) {
        project = "p" + random.nextInt(3);
        equal.put(SeriesField.PROJECT_ID, project);
      } else {
        maybe(
            "project",
            SeriesField.PROJECT_ID,
            random.nextInt(3) == 0 ? null : "p" + random.nextInt(3));
      }
      if (hasMeter) {
        maybe("meter", SeriesField.METER, "m" + random.nextInt(3));
      }
      if (hasTime) {
        time();
      }
      if (random.nextInt(3) == 0) {
        metadata();
      }
    }

    private void maybe(String name, SeriesField field, String value) {
      if (random.nextInt(4) == 0) {
        boolean isLong = !name.equals("source") && !name.equals("meter") && random.nextBoolean();
        group(isLong ? name + "_id" : name, "eq", value == null ? "None" : value, "");
        equal.put(field, value);
      }
    }

    private void time() {
      if (random.nextBoolean()) {
        start = queries.time();
        isAfter = random.nextBoolean();
        group("timestamp", isAfter ? "gt" : "ge", Timestamps.format(start), "");
      }
      if (random.nextBoolean()) {
        end = queries.time();
        isThrough = random.nextBoolean();
        group("timestamp", isThrough ? "le" : "lt", Timestamps.format(end), "");
      }
      if ((start != Long.MIN_VALUE || end != Long.MAX_VALUE) && random.nextInt(5) == 0) {
        offset = random.nextInt(500);
        group("search_offset", "eq", Long.toString(offset), "");
        offset *= MINUTE;
      }
    }

    private void metadata() {
      String key = KEYS.get(random.nextInt(KEYS.size()));
      Object value =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(5) + 0L;
            case 1 -> random.nextInt(8) / 2.0;
            case 2 -> random.nextBoolean();
            default ->
                key.equals("name")
                    ? "vm-" + random.nextInt(20)
                    : key.equals("host") ? "h" + random.nextInt(3) : "" + random.nextInt(4);
          };
      String type =
          value instanceof Long
              ? "integer"
              : value instanceof Double ? "float" : value instanceof Boolean ? "boolean" : "string";
      group(
          (random.nextBoolean() ? "metadata." : "resource_metadata.") + key,
          "eq",
          value.toString(),
          type);
      rest.add(Condition.equal(new Field.MetadataKey(key), value));
    }

    private void group(String field, String op, String value, String type) {
      add("q.field", field);
      add("q.op", op.equals("eq") && random.nextBoolean() ? "" : op);
      add("q.type", type);
      add("q.value", value);
    }

    Simple add(String name, Object value) {
      url.append(url.length() == 0 ? '?' : '&').append(name).append('=').append(encoded(value));
      return this;
    }

    /** Asks as of a second, or not. */
    SampleFilter asOf(SampleFilter filter) {
      long second = HttpModel.this.asOf();
      if (second != Long.MAX_VALUE) {
        add("as_of", Timestamps.format(second * 1_000_000));
      }
      return filter.asOf(second);
    }

    SampleFilter filter() {
      long periods = start == Long.MIN_VALUE ? start : start - offset;
      long from = isAfter ? periods + 1 : periods;
      long to = end == Long.MAX_VALUE ? end : end + offset + (isThrough ? 1 : 0);
      return new SampleFilter(
          Collections.unmodifiableMap(equal), from, to, Condition.all(rest), periods);
    }
  }

  /** One question, whatever it may be. */
  void ask(List<Entry> all) throws Exception {
    switch (random.nextInt(14)) {
      case 0, 1 -> samples();
      case 2 -> oldSamples();
      case 3, 4 -> complex(all);
      case 5 -> oneSample(all);
      case 6 -> resources();
      case 7 -> meters();
      case 8, 9 -> statistics();
      case 10 -> usage();
      case 11 -> event();
      default -> eventNames();
    }
  }

  private long asOf() {
    return queries.asOf(List.copyOf(model.all.values()));
  }

  private void samples() throws Exception {
    Simple simple = new Simple(true, true);
    SampleFilter filter = simple.asOf(simple.filter());
    compare(
        "/v2/samples",
        simple,
        model.samples(filter, List.of(Order.NEWEST), Integer.MAX_VALUE),
        id -> sample(model.all.get(id)));
  }

  private void oldSamples() throws Exception {
    Simple simple = new Simple(false, true);
    String meter = "m" + random.nextInt(4);
    SampleFilter filter = simple.asOf(simple.filter()).with(Map.of(SeriesField.METER, meter));
    compare(
        "/v2/meters/" + meter,
        simple,
        model.samples(filter, List.of(Order.NEWEST), Integer.MAX_VALUE),
        id -> oldSample(model.all.get(id)));
  }

  private void complex(List<Entry> all) throws Exception {
    SampleFilter filter = queries.filter(all);
    List<Condition> whole = new ArrayList<>();
    for (Map.Entry<SeriesField, String> one : filter.equal().entrySet()) {
      if (one.getValue() == null) {
        // A complex query cannot ask for what has no project.
        complex(all);
        return;
      }
      whole.add(Condition.equal(new Field.OfSeries(one.getKey()), one.getValue()));
    }
    if (filter.from() != Long.MIN_VALUE) {
      whole.add(
          new Condition.Compare(Field.Column.TIMESTAMP, Condition.Operator.GE, filter.from()));
    }
    if (filter.to() != Long.MAX_VALUE) {
      whole.add(new Condition.Compare(Field.Column.TIMESTAMP, Condition.Operator.LT, filter.to()));
    }
    whole.addAll(filter.rest().conjuncts());
    List<Order> orders = queries.orders();
    int limit = queries.limit();
    Map<String, Object> body = new LinkedHashMap<>();
    if (!whole.isEmpty()) {
      Object tree = json(new Condition.And(whole));
      body.put("filter", random.nextBoolean() ? tree : JSON.writeValueAsString(tree));
    }
    if (!orders.isEmpty() || random.nextBoolean()) {
      List<Object> by = new ArrayList<>();
      for (Order order : orders) {
        by.add(Map.of(name(order.field()), cased(order.isDescending() ? "desc" : "asc")));
      }
      body.put("orderby", random.nextBoolean() ? by : JSON.writeValueAsString(by));
    }
    body.put("limit", limit);
    String text = JSON.writeValueAsString(body);
    List<JsonNode> found = new ArrayList<>();
    long second = asOf();
    List<String> expected = model.samples(filter.asOf(second), orders, Integer.MAX_VALUE);
    String next =
        base.resolve("/v2/query/samples")
            + (second == Long.MAX_VALUE ? "" : "?as_of=" + Timestamps.format(second * 1_000_000));
    for (int page = 0; next != null && (page == 0 || found.size() <= 3 * limit); page++) {
      next = read(request(next, text), found);
    }
    assertEntries(
        text, found, next == null ? expected : expected.subList(0, found.size()), this::ofId);
  }

  private Object ofId(String id) {
    return sample(model.all.get(id));
  }

  private void oneSample(List<Entry> all) throws Exception {
    Entry entry = all.get(random.nextInt(all.size()));
    String project = random.nextBoolean() ? null : "p" + random.nextInt(3);
    HttpResponse<String> answer = get(base + "/v2/samples/" + entry.id(), project);
    if (project == null || project.equals(entry.series().projectId())) {
      assertThat(JSON.readTree(answer.body())).isEqualTo(tree(sample(entry)));
    } else {
      assertThat(answer.statusCode()).as("the sample of another project").isEqualTo(404);
    }
  }

  private void resources() throws Exception {
    if (random.nextBoolean()) {
      String id = "r" + random.nextInt(9);
      List<ResourceView> one =
          model.resources(SampleFilter.ALL.with(Map.of(SeriesField.RESOURCE_ID, id)), 1);
      HttpResponse<String> answer = get(base + "/v2/resources/" + id, null);
      if (one.isEmpty()) {
        assertThat(answer.statusCode()).isEqualTo(404);
      } else {
        assertThat(JSON.readTree(answer.body())).isEqualTo(tree(resource(one.get(0), true)));
      }
      return;
    }
    Simple simple = new Simple(false, true);
    boolean hasLinks = random.nextBoolean();
    if (!hasLinks || random.nextBoolean()) {
      simple.add("meter_links", hasLinks ? 1 : 0);
    }
    compare(
        "/v2/resources",
        simple,
        model.resources(simple.filter(), Integer.MAX_VALUE),
        one -> resource(one, hasLinks));
  }

  private void meters() throws Exception {
    Simple simple = new Simple(false, false);
    boolean isUnique = random.nextBoolean();
    if (isUnique) {
      simple.add("unique", "True");
    }
    List<List<Object>> meters = model.meters(simple.filter());
    if (isUnique) {
      Map<String, List<Object>> definitions = new TreeMap<>();
      meters.forEach(
          one -> {
            MeterType type = (MeterType) one.get(1);
            definitions.putIfAbsent(one.get(0) + " " + one.get(2) + " " + type.code(), one);
          });
      meters = List.copyOf(definitions.values());
    }
    compare("/v2/meters", simple, meters, one -> meter(one, isUnique));
  }

  private void statistics() throws Exception {
    Simple simple = new Simple(false, true);
    String meter = "m" + random.nextInt(3);
    SampleFilter filter = simple.asOf(simple.filter()).with(Map.of(SeriesField.METER, meter));
    StatisticsQuestion question = queries.question(model::python);
    question.groupBy().keySet().forEach(name -> simple.add("groupby", name));
    if (question.periodSeconds() > 0 || random.nextBoolean()) {
      simple.add("period", question.periodSeconds());
    }
    boolean asksForMore = question.hasDeviation() || !question.distinct().isEmpty();
    if (asksForMore) {
      simple.add("aggregate.func", "avg").add("aggregate.param", "");
      simple.add("aggregate.func", "count").add("aggregate.param", "");
    }
    if (question.hasDeviation()) {
      simple.add("aggregate.func", "stddev").add("aggregate.param", "");
    }
    for (SeriesField field : question.distinct()) {
      simple.add("aggregate.func", "cardinality").add("aggregate.param", field.wireName());
    }
    Map<NaiveModel.RowKey, NaiveModel.Row> expected = model.statistics(filter, question);
    List<JsonNode> found = all("/v2/meters/" + meter + "/statistics", simple);
    assertThat(found).as("%s", simple.url).hasSize(expected.size());
    for (JsonNode row : found) {
      long start = Timestamps.parse(row.get("period_start").asText());
      NaiveModel.RowKey key =
          new NaiveModel.RowKey(
              question.periodSeconds() == 0 ? 0 : start,
              row.get("unit").asText(),
              group(row.get("groupby")));
      NaiveModel.Row wanted = expected.remove(key);
      assertThat(wanted).as("%s %s", simple.url, row).isNotNull();
      if (question.periodSeconds() == 0) {
        assertThat(start).isEqualTo(wanted.first());
      }
      assertThat(row.get("period").asLong()).isEqualTo(question.periodSeconds());
      assertThat(row.get("count").asLong()).as("%s", simple.url).isEqualTo(wanted.count());
      double avg = wanted.sum().doubleValue() / wanted.count();
      assertThat(row.get("avg").asDouble() + 0.0).as("%s", simple.url).isEqualTo(avg + 0.0);
      long first = Math.max(wanted.first(), simple.start);
      long last = Math.min(wanted.last(), simple.end);
      if (first > last) {
        assertThat(row.get("duration").isNull()).isTrue();
      } else {
        assertThat(row.get("duration").asDouble()).isEqualTo((last - first) / 1e6);
        assertThat(row.get("duration_start").asText()).isEqualTo(Timestamps.format(first));
        assertThat(row.get("duration_end").asText()).isEqualTo(Timestamps.format(last));
      }
      if (!asksForMore) {
        assertThat(row.get("sum").asDouble() + 0.0).isEqualTo(wanted.sum().doubleValue());
        assertThat(row.get("min").asDouble()).isEqualTo(wanted.min());
        assertThat(row.get("max").asDouble()).isEqualTo(wanted.max());
      }
      wanted
          .distinct()
          .forEach(
              (field, count) ->
                  assertThat(row.get("aggregate").get("cardinality/" + field.wireName()).asLong())
                      .isEqualTo(count));
    }
  }

  private void usage() throws Exception {
    UsageQuestion some = queries.usage(model::python);
    long start = some.start();
    long end = some.end();
    List<Long> bounds = new ArrayList<>(List.of(start));
    StringBuilder url = new StringBuilder("/v2/usage?start=");
    url.append(encoded(Timestamps.format(start))).append("&end=").append(Timestamps.format(end));
    long length = random.nextBoolean() ? 0 : random.nextBoolean() ? 3_600 : 86_400;
    if (length > 0) {
      url.append("&per=").append(length == 3_600 ? "hour" : "day");
      long micros = length * 1_000_000;
      for (long at = (start / micros + 1) * micros; at < end; at += micros) {
        bounds.add(at);
      }
    }
    bounds.add(end);
    some.filter()
        .equal()
        .forEach(
            (field, value) ->
                url.append('&')
                    .append(field.wireName())
                    .append('=')
                    .append(value == null ? "None" : value));
    some.groupBy().keySet().forEach(name -> url.append("&groupby=").append(encoded(name)));
    url.append("&gap=").append(some.longestGap() / 1_000_000);
    long second = asOf();
    if (second != Long.MAX_VALUE) {
      url.append("&as_of=").append(Timestamps.format(second * 1_000_000));
    }
    UsageQuestion question =
        new UsageQuestion(
            some.filter(), bounds, some.groupBy(), some.longestGap(), model::python, second);
    Map<NaiveModel.UsageKey, NaiveModel.UsageSum> expected = model.usage(question);
    List<JsonNode> found = new ArrayList<>();
    read(request(base + url.toString(), null), found);
    assertThat(found).as("%s", url).hasSize(expected.size());
    for (JsonNode row : found) {
      MeterType type = MeterType.ofWireName(row.get("type").asText());
      boolean isGauge = type == MeterType.GAUGE;
      String unit = row.get("unit").asText();
      NaiveModel.UsageSum wanted =
          expected.remove(
              new NaiveModel.UsageKey(
                  Timestamps.parse(row.get("period_start").asText()),
                  isGauge ? unit.replace("·h", "") : unit,
                  type,
                  group(row.get("groupby"))));
      assertThat(wanted).as("%s %s", url, row).isNotNull();
      double quantity = wanted.quantity.doubleValue();
      assertThat(row.get("quantity").asDouble() + 0.0)
          .as("%s %s", url, row)
          .isEqualTo((isGauge ? quantity / 3.6e9 : quantity) + 0.0);
      assertThat(row.get("samples").asLong()).as("%s", url).isEqualTo(wanted.samples);
      assertThat(row.get("resources").asLong()).as("%s", url).isEqualTo(wanted.resources.size());
      assertThat(row.get("covered").asDouble()).as("%s", url).isEqualTo(wanted.covered / 1e6);
      assertThat(row.get("gap_time").asDouble()).as("%s", url).isEqualTo(wanted.gapTime / 1e6);
    }
  }

  private void event() throws Exception {
    EventFilter filter = events.filter();
    StringBuilder url = new StringBuilder("?");
    if (filter.messageId() != null) {
      append(url, "message_id", "eq", filter.messageId(), "");
    }
    if (filter.eventType() != null) {
      append(url, "event_type", "", filter.eventType(), "");
    }
    if (filter.from() != Long.MIN_VALUE) {
      append(url, "start_timestamp", "ge", Timestamps.format(filter.from()), "");
    }
    if (filter.to() != Long.MAX_VALUE) {
      append(url, "end_timestamp", "le", Timestamps.format(filter.to()), "");
    }
    for (TraitCondition trait : filter.traits()) {
      append(
          url,
          trait.name(),
          trait.operator().wireName(),
          text(trait.type(), trait.value()),
          trait.type().wireName());
    }
    List<Event> expected = events.find(filter);
    int limit = 1 + random.nextInt(40);
    List<JsonNode> found = pages("/v2/events" + url + "limit=" + limit, null);
    assertEntries(url.toString(), found, expected, HttpModel::event);
    if (!expected.isEmpty()) {
      Event one = expected.get(0);
      String path = "/v2/events/" + encoded(one.messageId()).replace("+", "%20");
      assertThat(JSON.readTree(get(base + path, null).body())).isEqualTo(tree(event(one)));
    }
  }

  private void eventNames() throws Exception {
    String project = random.nextBoolean() ? null : "p" + random.nextInt(3);
    EventFilter visible =
        project == null
            ? EventFilter.ALL
            : EventFilter.ALL.with(
                new TraitCondition(
                    "project_id", TraitType.TEXT, TraitCondition.Operator.EQ, project));
    String limit = random.nextBoolean() ? "" : "?limit=" + (1 + random.nextInt(3));
    assertEntries(
        "types of " + project,
        pages("/v2/event_types" + limit, project),
        events.types(visible),
        type -> type);
    String type = events.type();
    String path = "/v2/event_types/" + encoded(type).replace("+", "%20") + "/traits";
    EventFilter ofType = visible.withEventType(type);
    assertEntries(
        path + " of " + project,
        pages(path + limit, project),
        events.traits(ofType),
        trait -> Map.of("name", trait.name(), "type", trait.type().wireName()));
    String name = events.name();
    assertEntries(
        path + " " + name + " of " + project,
        pages(path + "/" + encoded(name) + limit, project),
        events.values(ofType, name),
        HttpModel::trait);
  }

  private static void append(
      StringBuilder url, String field, String op, String value, String type) {
    url.append("q.field=").append(encoded(field)).append("&q.op=").append(op);
    url.append("&q.value=").append(encoded(value)).append("&q.type=").append(type).append('&');
  }

  /** The expected entries, in one answer or in pages. */
  private <T> void compare(String path, Simple simple, List<T> expected, Function<T, Object> json)
      throws Exception {
    List<JsonNode> found = all(path, simple);
    assertEntries(path + simple.url, found, expected, json);
  }

  private List<JsonNode> all(String path, Simple simple) throws Exception {
    simple.add("limit", random.nextBoolean() ? 30_000 : 1 + random.nextInt(60));
    return pages(path + simple.url, simple.project);
  }

  private List<JsonNode> pages(String path, String project) throws Exception {
    List<JsonNode> found = new ArrayList<>();
    String next = base + path;
    while (next != null) {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(next));
      next = read(as(project, request), found);
    }
    return found;
  }

  private static HttpRequest.Builder as(String project, HttpRequest.Builder request) {
    return project == null
        ? request
        : request.header("X-Project-Id", project).header("X-Roles", "member");
  }

  private HttpResponse<String> get(String url, String project) throws Exception {
    return client.send(
        as(project, HttpRequest.newBuilder(URI.create(url))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String url, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    return body == null
        ? request
        : request
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  /** Adds the entries of an answer and says where the next ones are; null where there are none. */
  private String read(HttpRequest.Builder request, List<JsonNode> found) throws Exception {
    boolean isLines = random.nextInt(4) == 0;
    HttpResponse<String> answer =
        client.send(
            request.header("Accept", isLines ? "application/x-ndjson" : "*/*").build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s %s", answer.uri(), answer.body()).isEqualTo(200);
    if (isLines) {
      for (String line : answer.body().lines().toList()) {
        found.add(JSON.readTree(line));
      }
    } else {
      JSON.readTree(answer.body()).forEach(found::add);
    }
    Matcher link = NEXT.matcher(answer.headers().firstValue("Link").orElse(""));
    return link.find() ? link.group(1) : null;
  }

  private static <T> void assertEntries(
      String question, List<JsonNode> found, List<T> expected, Function<T, Object> json) {
    List<JsonNode> wanted = expected.stream().map(one -> tree(json.apply(one))).toList();
    assertThat(found).as(question).isEqualTo(wanted);
  }

  private static JsonNode tree(Object value) {
    try {
      // By way of text, so that numbers are of the classes that a parser gives them.
      return JSON.readTree(JSON.writeValueAsString(value));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, Object> sample(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", entry.id());
    json.put("meter", entry.series().meter());
    json.put("type", entry.series().type().wireName());
    json.put("unit", entry.series().unit());
    json.put("volume", entry.sample().volume());
    owners(entry, json);
    json.put("metadata", NaiveModel.display(entry, true));
    return json;
  }

  private static Map<String, Object> oldSample(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("message_id", entry.id());
    json.put("counter_name", entry.series().meter());
    json.put("counter_type", entry.series().type().wireName());
    json.put("counter_unit", entry.series().unit());
    json.put("counter_volume", entry.sample().volume());
    owners(entry, json);
    json.put("resource_metadata", NaiveModel.display(entry, true));
    return json;
  }

  private static void owners(Entry entry, Map<String, Object> json) {
    json.put("resource_id", entry.series().resourceId());
    json.put("project_id", entry.series().projectId());
    json.put("user_id", entry.series().userId());
    json.put("source", entry.series().source());
    json.put("timestamp", Timestamps.format(entry.sample().timestamp()));
    json.put("recorded_at", Timestamps.format(entry.recordedAt() * 1_000_000));
  }

  private Map<String, Object> resource(ResourceView view, boolean hasLinks) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("resource_id", view.resourceId());
    json.put("project_id", view.projectId());
    json.put("user_id", view.userId());
    json.put("source", view.source());
    Entry newest =
        model.all.values().stream()
            .filter(entry -> entry.sample().metadata().equals(view.metadata()))
            .findFirst()
            .orElseThrow();
    json.put("metadata", NaiveModel.display(newest, false));
    json.put("first_sample_timestamp", Timestamps.format(view.firstTimestamp()));
    json.put("last_sample_timestamp", Timestamps.format(view.lastTimestamp()));
    List<Object> links = new ArrayList<>();
    links.add(Map.of("rel", "self", "href", base + "/v2/resources/" + view.resourceId()));
    if (hasLinks) {
      for (String meter : view.meters()) {
        String query = "?q.field=resource_id&q.value=" + view.resourceId();
        links.add(Map.of("rel", meter, "href", base + "/v2/meters/" + meter + query));
      }
    }
    json.put("links", links);
    return json;
  }

  private static Map<String, Object> meter(List<Object> meter, boolean isUnique) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", meter.get(0));
    json.put("type", ((MeterType) meter.get(1)).wireName());
    json.put("unit", meter.get(2));
    json.put("resource_id", isUnique ? null : meter.get(3));
    json.put("project_id", isUnique ? null : meter.get(4));
    json.put("user_id", isUnique ? null : meter.get(5));
    json.put("source", isUnique ? null : meter.get(6));
    String id = (isUnique ? "None" : meter.get(3)) + "+" + meter.get(0);
    json.put("meter_id", Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8)));
    return json;
  }

  private static Map<String, Object> event(Event event) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("message_id", event.messageId());
    json.put("event_type", event.eventType());
    json.put("generated", Timestamps.format(event.generated()));
    json.put("traits", event.traits().stream().map(HttpModel::trait).toList());
    json.put("raw", Map.of("n", Integer.parseInt(event.raw().replaceAll("\\D", ""))));
    return json;
  }

  private static Map<String, Object> trait(Trait trait) {
    return Map.of(
        "name", trait.name(),
        "type", trait.type().wireName(),
        "value", text(trait.type(), trait.value()));
  }

  private static String text(TraitType type, Object value) {
    return type == TraitType.DATETIME ? Timestamps.format((Long) value) : value.toString();
  }

  private static Map<String, String> group(JsonNode groupBy) {
    SortedMap<String, String> group = new TreeMap<>();
    groupBy
        .properties()
        .iterator()
        .forEachRemaining(
            one ->
                group.put(one.getKey(), one.getValue().isNull() ? null : one.getValue().asText()));
    return group;
  }

  /** A condition as the body of a complex query has it. */
  private Object json(Condition condition) {
    if (condition instanceof Condition.And and) {
      return several("and", and.all());
    }
    if (condition instanceof Condition.Or or) {
      return several("or", or.any());
    }
    if (condition instanceof Condition.Not not) {
      return Map.of(cased("not"), json(not.condition()));
    }
    Field field = ((Condition.Leaf) condition).field();
    if (condition instanceof Condition.In in) {
      return Map.of(
          cased("in"),
          Map.of(name(field), in.values().stream().map(value -> shown(field, value)).toList()));
    }
    if (condition instanceof Condition.Matches matches) {
      return Map.of("=~", Map.of(name(field), matches.pattern().toString()));
    }
    Condition.Compare compare = (Condition.Compare) condition;
    String operator =
        switch (compare.operator()) {
          case EQ -> "=";
          case NE -> "!=";
          case LT -> "<";
          case LE -> random.nextBoolean() ? "<=" : "=<";
          case GT -> ">";
          case GE -> random.nextBoolean() ? ">=" : "=>";
        };
    return Map.of(operator, Map.of(name(field), shown(field, compare.value())));
  }

  private Object several(String operator, List<Condition> parts) {
    return parts.size() == 1
        ? json(parts.get(0))
        : Map.of(cased(operator), parts.stream().map(this::json).toList());
  }

  private String cased(String word) {
    return random.nextInt(4) == 0 ? word.toUpperCase(Locale.ROOT) : word;
  }

  private static Object shown(Field field, Object value) {
    return field == Field.Column.TIMESTAMP || field == Field.Column.RECORDED_AT
        ? Timestamps.format((Long) value)
        : value;
  }

  /** One of the names that a field has. */
  private String name(Field field) {
    if (field instanceof Field.MetadataKey at) {
      return (random.nextBoolean() ? "metadata." : "resource_metadata.") + at.key();
    }
    List<String> names =
        field instanceof Field.OfSeries of
            ? switch (of.field()) {
              case METER -> List.of("meter", "counter_name");
              case RESOURCE_ID -> List.of("resource", "resource_id");
              case PROJECT_ID -> List.of("project", "project_id");
              case USER_ID -> List.of("user", "user_id");
              case SOURCE -> List.of("source");
            }
            : switch ((Field.Column) field) {
              case TYPE -> List.of("type", "counter_type");
              case UNIT -> List.of("unit", "counter_unit");
              case VOLUME -> List.of("volume", "counter_volume");
              case TIMESTAMP -> List.of("timestamp");
              case RECORDED_AT -> List.of("recorded_at");
              case MESSAGE_ID -> List.of("message_id");
            };
    return names.get(random.nextInt(names.size()));
  }

  private static String encoded(Object text) {
    return URLEncoder.encode(Objects.toString(text), StandardCharsets.UTF_8);
  }
}
