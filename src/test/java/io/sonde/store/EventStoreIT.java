package io.sonde.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.Receipt;
import io.sonde.model.Trait;
import io.sonde.model.TraitCondition;
import io.sonde.model.TraitCondition.Operator;
import io.sonde.model.TraitType;
import io.sonde.server.TestPostgres;
import io.sonde.store.EventStore.Place;
import io.sonde.store.EventStore.Routed;
import io.sonde.store.EventStore.TraitName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events on a real PostgreSQL: what it finds is what a list of all events holds. */
class EventStoreIT {
  private static final long DAY = 86_400_000_000L;

  private static final Map<TraitType, List<Object>> VALUES =
      Map.of(
          TraitType.TEXT,
          List.of("", "a", "B", "b", "ab", "5", "é", "\uff5e", "\ud83d\ude00", "x y"),
          TraitType.INTEGER,
          List.of(-1L, 0L, 1L, 5L, 1L << 53, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE),
          TraitType.FLOAT,
          List.of(-1.5, -0.0, 0.0, 0.1, 5.0, 1e300, -1e300, Double.MIN_VALUE),
          TraitType.DATETIME,
          List.of(0L, 1L, DAY, -DAY, 5L));

  private static final Comparator<String> BY_BYTES =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private static final Comparator<Event> IN_ORDER =
      Comparator.comparing(Event::generated).thenComparing(Event::messageId, BY_BYTES);

  @TempDir static Path folder;
  private static TestPostgres postgres;
  private DatabaseSettings settings;
  private Database database;
  private EventStore store;

  @BeforeAll
  static void startPostgres() {
    postgres = TestPostgres.start(folder);
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void open() throws Exception {
    settings = postgres.newDatabase();
    Migrations.run(settings);
    database = Database.open(settings);
    store = new EventStore(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void anEventIsRecordedOnceAndComesBackAsItWas() {
    List<Trait> traits = new ArrayList<>();
    VALUES.forEach(
        (type, values) ->
            values.forEach(v -> traits.add(new Trait(type + " " + values.indexOf(v), type, v))));
    Event event = new Event("m", "t", -5, traits, "{\"a\":[1.50,\"\\u0000\"]}");
    assertThat(add(List.of(event))).isEqualTo(new Receipt(1, 0, 0));
    assertThat(store.find(EventFilter.ALL, null, 10, length -> {}, new Inquiry()))
        .containsExactly(event);
    Event other = new Event("m", "other", 7, List.of(), Event.NO_RAW);
    assertThat(add(List.of(other, event("n", 1), event("n", 2), other)))
        .isEqualTo(new Receipt(1, 3, 0));
    assertThat(store.find(EventFilter.ALL, null, 10, length -> {}, new Inquiry()))
        .containsExactly(event, event("n", 1));
  }

  @Test
  void whatIsQueuedIsWrittenWithTheEventsAndWithoutCopies() throws Exception {
    add(List.of(event("known", 1)));
    List<String> queued = new ArrayList<>();
    List<Routed> routed =
        List.of(
            new Routed(event("known", 1), "store@0", Set.of("p")),
            new Routed(event("new", 1), "store@0", Set.of("p")),
            new Routed(event("new", 1), "store@0", Set.of("p")),
            new Routed(event("stored", 1), "store@0", Set.of()),
            new Routed(event("queued", 1), "", Set.of("p")));
    Function<List<Routed>, List<QueueStore.NewRow>> rows =
        accepted -> {
          accepted.forEach(one -> queued.add(one.event().messageId()));
          return List.of(new QueueStore.NewRow("p", 0, 1, new byte[] {1}));
        };
    assertThat(store.add(routed, rows)).isEqualTo(new Receipt(3, 2, 0));
    assertThat(queued).containsExactly("new", "queued");
    assertThat(new QueueStore(database).first("p", 0)).hasSize(1);
    assertThat(store.find(EventFilter.ALL, null, 10, length -> {}, new Inquiry()))
        .extracting(Event::messageId)
        .containsExactlyInAnyOrder("known", "new", "stored");

    assertThatThrownBy(
            () ->
                store.add(
                    List.of(new Routed(event("lost", 1), "store@0", Set.of("p"))),
                    accepted -> {
                      throw new IllegalStateException("no row can be made");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(store.find(EventFilter.ALL, null, 10, length -> {}, new Inquiry()))
        .as("all or nothing")
        .hasSize(3);
  }

  @Test
  void eventsAreNumberedInTheOrderInWhichTheyCame() throws Exception {
    List<String> ids = List.of("c", "a", "b");
    add(ids.stream().map(id -> event(id, 1)).toList());
    add(List.of(event("0", 1)));
    List<String> recorded = new ArrayList<>();
    try (Connection connection = TestPostgres.connect(settings);
        PreparedStatement select =
            connection.prepareStatement("SELECT message_id FROM event ORDER BY sequence");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        recorded.add(rows.getString(1));
      }
    }
    assertThat(recorded).containsExactly("c", "a", "b", "0");
  }

  @Test
  void aBatchThatFailsLeavesNothing() throws Exception {
    TestPostgres.execute(
        settings, "ALTER TABLE event_trait ADD CHECK (integer_value IS DISTINCT FROM 13)");
    Event bad =
        new Event("z", "t", 1, List.of(new Trait("n", TraitType.INTEGER, 13L)), Event.NO_RAW);
    List<Event> batch =
        Stream.concat(IntStream.range(0, 1_500).mapToObj(i -> event("e" + i, i)), Stream.of(bad))
            .toList();
    assertThatThrownBy(() -> add(batch)).isInstanceOf(DatabaseException.class);
    assertThat(TestPostgres.number(settings, "SELECT count(*) FROM event")).isZero();
    assertThat(add(batch.subList(0, 1_500))).isEqualTo(new Receipt(1_500, 0, 0));
  }

  @Test
  void ofTheSameIdsWrittenAtTheSameTimeEachCountsOnce() {
    Random random = Seed.random();
    for (int round = 0; round < 10; round++) {
      String prefix = "round" + round + "-";
      List<CompletableFuture<Receipt>> writers = new ArrayList<>();
      for (int writer = 0; writer < 6; writer++) {
        List<Event> batch =
            new ArrayList<>(IntStream.range(0, 300).mapToObj(i -> event(prefix + i, i)).toList());
        Collections.shuffle(batch, random);
        writers.add(CompletableFuture.supplyAsync(() -> add(batch)));
      }
      Receipt all = writers.stream().map(CompletableFuture::join).reduce(Receipt::plus).get();
      assertThat(all).isEqualTo(new Receipt(300, 1_500, 0));
    }
    assertThat(store.find(EventFilter.ALL, null, 10_000, length -> {}, new Inquiry()))
        .hasSize(3_000);
  }

  @Test
  void filtersFindWhatAListOfAllEventsHolds() {
    Random random = Seed.random();
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      all.add(randomEvent(random, i));
    }
    add(all);
    all.sort(IN_ORDER);
    int found = 0;
    Set<List<Object>> kinds = new HashSet<>();
    for (int question = 0; question < 3_000; question++) {
      EventFilter filter = randomFilter(random);
      filter.traits().forEach(trait -> kinds.add(List.of(trait.type(), trait.operator())));
      List<Event> expected = all.stream().filter(event -> matches(event, filter)).toList();
      assertThat(pages(filter, 1 + random.nextInt(200))).as(filter.toString()).isEqualTo(expected);
      found += expected.size();
      if (question % 10 == 0) {
        assertSummaries(filter, expected);
      }
    }
    assertThat(kinds).as("types and operators").hasSize(24);
    assertThat(found).as("questions that find something").isGreaterThan(10_000);
  }

  @Test
  void theTypesOfAllEventsAreThoseOfEach() {
    assertThat(store.types(EventFilter.ALL, null, 10, new Inquiry())).isEmpty();
    add(
        IntStream.range(0, 100)
            .mapToObj(i -> new Event("m" + i, "type" + i % 7, i, List.of(), Event.NO_RAW))
            .toList());
    assertThat(store.types(EventFilter.ALL, null, 10, new Inquiry()))
        .containsExactlyElementsOf(IntStream.range(0, 7).mapToObj(i -> "type" + i).toList());
    assertThat(store.types(EventFilter.ALL, null, 2, new Inquiry()))
        .containsExactly("type0", "type1");
  }

  @Test
  void textsThatNoRowCanHoldFindNothing() {
    add(List.of(event("m", 1)));
    assertThat(
            store.find(EventFilter.ALL.withMessageId("\0"), null, 1, length -> {}, new Inquiry()))
        .isEmpty();
    assertThat(store.types(EventFilter.ALL.withEventType("\ud800"), null, 1, new Inquiry()))
        .isEmpty();
    assertThat(store.values(EventFilter.ALL, "\0", null, 1, new Inquiry())).isEmpty();
  }

  @Test
  void whatIsTooOldIsDroppedWithItsTraitsInBoundedSteps() throws Exception {
    add(IntStream.range(0, 250).mapToObj(i -> randomEvent(new Random(i), i)).toList());
    long middle =
        store.find(EventFilter.ALL, null, 1_000, length -> {}, new Inquiry()).stream()
            .mapToLong(Event::generated)
            .sorted()
            .skip(125)
            .findFirst()
            .orElseThrow();
    List<Event> kept =
        store.find(
            new EventFilter(null, null, middle, Long.MAX_VALUE, List.of()),
            null,
            1_000,
            length -> {},
            new Inquiry());
    int dropped = 0;
    for (int step = store.drop(middle, 40); step > 0; step = store.drop(middle, 40)) {
      assertThat(step).isLessThanOrEqualTo(40);
      dropped += step;
    }
    assertThat(dropped).isEqualTo(250 - kept.size()).isPositive();
    assertThat(store.find(EventFilter.ALL, null, 1_000, length -> {}, new Inquiry()))
        .isEqualTo(kept);
    assertThat(TestPostgres.number(settings, "SELECT count(*) FROM event_trait"))
        .isEqualTo(kept.stream().mapToInt(event -> event.traits().size()).sum());
  }

  @Test
  void rareTraitsAreFoundByAnIndex() throws Exception {
    for (int part = 0; part < 5; part++) {
      int first = part * 2_000;
      add(IntStream.range(first, first + 2_000).mapToObj(EventStoreIT::numbered).toList());
    }
    TestPostgres.execute(settings, "ANALYZE event, event_trait");
    for (Trait trait : numbered(4_321).traits()) {
      EventFilter filter =
          EventFilter.ALL.with(
              new TraitCondition(trait.name(), trait.type(), Operator.EQ, trait.value()));
      assertThat(plan(filter))
          .contains("event_trait_" + trait.type().name().toLowerCase(Locale.ROOT))
          .doesNotContain("Seq Scan");
      assertThat(store.find(filter, null, 10, length -> {}, new Inquiry()))
          .containsExactly(numbered(4_321));
    }
  }

  private static Event numbered(int i) {
    return new Event(
        "m" + i,
        "t",
        i,
        List.of(
            new Trait("text", TraitType.TEXT, "id-" + i),
            new Trait("integer", TraitType.INTEGER, (long) i),
            new Trait("float", TraitType.FLOAT, i + 0.5),
            new Trait("datetime", TraitType.DATETIME, i * DAY)),
        Event.NO_RAW);
  }

  private String plan(EventFilter filter) throws Exception {
    try (Connection connection = TestPostgres.connect(settings);
        PreparedStatement explain =
            connection.prepareStatement(
                "EXPLAIN SELECT e.sequence FROM event e WHERE "
                    + EventSql.where(filter)
                    + " ORDER BY e.generated, e.message_id LIMIT 101")) {
      EventSql.bind(explain, 1, filter);
      StringBuilder plan = new StringBuilder();
      try (ResultSet rows = explain.executeQuery()) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
      return plan.toString();
    }
  }

  private List<Event> pages(EventFilter filter, int limit) {
    List<Event> all = new ArrayList<>();
    Place after = null;
    while (true) {
      List<Event> page = store.find(filter, after, limit, length -> {}, new Inquiry());
      all.addAll(page);
      if (page.size() < limit) {
        return all;
      }
      Event last = page.get(limit - 1);
      after = new Place(last.generated(), last.messageId());
    }
  }

  private void assertSummaries(EventFilter filter, List<Event> expected) {
    assertThat(store.types(filter, null, 100, new Inquiry()))
        .isEqualTo(expected.stream().map(Event::eventType).distinct().sorted(BY_BYTES).toList());
    List<Trait> traits = expected.stream().flatMap(event -> event.traits().stream()).toList();
    assertThat(store.traits(filter, null, 100, new Inquiry()))
        .isEqualTo(
            traits.stream()
                .map(trait -> new TraitName(trait.name(), trait.type()))
                .distinct()
                .sorted(Comparator.comparing(TraitName::name).thenComparing(TraitName::type))
                .toList());
    Comparator<Trait> byValue =
        Comparator.comparing(Trait::type).thenComparing((a, b) -> compare(a.value(), b.value()));
    // To PostgreSQL both zeros are one value, of which it shows either.
    assertThat(
            store.values(filter, "a", null, 1_000, new Inquiry()).stream()
                .map(EventStoreIT::unsigned)
                .toList())
        .isEqualTo(
            traits.stream()
                .filter(trait -> trait.name().equals("a"))
                .map(EventStoreIT::unsigned)
                .distinct()
                .sorted(byValue)
                .toList());
  }

  private static Trait unsigned(Trait trait) {
    return trait.value().equals(-0.0) ? new Trait(trait.name(), trait.type(), 0.0) : trait;
  }

  private static boolean matches(Event event, EventFilter filter) {
    return (filter.messageId() == null || filter.messageId().equals(event.messageId()))
        && (filter.eventType() == null || filter.eventType().equals(event.eventType()))
        && event.generated() >= filter.from()
        && event.generated() <= filter.to()
        && filter.traits().stream()
            .allMatch(condition -> event.traits().stream().anyMatch(t -> matches(t, condition)));
  }

  private static boolean matches(Trait trait, TraitCondition condition) {
    if (!trait.name().equals(condition.name()) || trait.type() != condition.type()) {
      return false;
    }
    int order = compare(trait.value(), condition.value());
    return switch (condition.operator()) {
      case LT -> order < 0;
      case LE -> order <= 0;
      case EQ -> order == 0;
      case NE -> order != 0;
      case GE -> order >= 0;
      case GT -> order > 0;
    };
  }

  private static int compare(Object a, Object b) {
    if (a instanceof String text) {
      return BY_BYTES.compare(text, (String) b);
    }
    if (a instanceof Double number) {
      double other = (Double) b;
      return number < other ? -1 : number > other ? 1 : 0;
    }
    return ((Long) a).compareTo((Long) b);
  }

  private static Event randomEvent(Random random, int number) {
    Map<TraitName, Trait> traits = new HashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      Trait trait = randomTrait(random);
      traits.put(new TraitName(trait.name(), trait.type()), trait);
    }
    String id = "id" + random.nextInt(10) + pick(random, List.of("-", "é", "\uff5e")) + number;
    return new Event(
        id,
        "type" + random.nextInt(4),
        random.nextInt(50) * DAY,
        List.copyOf(traits.values()),
        "{\"n\":" + number + "}");
  }

  private static Trait randomTrait(Random random) {
    TraitType type = pick(random, List.of(TraitType.values()));
    return new Trait(pick(random, List.of("a", "b", "c")), type, pick(random, VALUES.get(type)));
  }

  private static EventFilter randomFilter(Random random) {
    EventFilter filter = EventFilter.ALL;
    for (int i = random.nextInt(3); i > 0; i--) {
      Trait trait = randomTrait(random);
      filter =
          filter.with(
              new TraitCondition(
                  trait.name(),
                  trait.type(),
                  pick(random, List.of(Operator.values())),
                  trait.value()));
    }
    boolean isBounded = random.nextInt(3) == 0;
    return new EventFilter(
        null,
        random.nextInt(3) == 0 ? "type" + random.nextInt(5) : null,
        isBounded ? random.nextInt(50) * DAY : Long.MIN_VALUE,
        isBounded ? random.nextInt(50) * DAY : Long.MAX_VALUE,
        filter.traits());
  }

  private static <T> T pick(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static Event event(String id, long generated) {
    return new Event(id, "t", generated, List.of(), Event.NO_RAW);
  }

  /** Records these, and queues none. */
  private Receipt add(List<Event> events) {
    return store.add(
        events.stream().map(event -> new Routed(event, "store@0", Set.of())).toList(),
        rows -> List.of());
  }
}
