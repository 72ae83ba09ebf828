package io.sonde.store;

import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.model.Receipt;
import io.sonde.model.StorableText;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntConsumer;

/** Events in the database. All methods block. */
public final class EventStore {
  /** Events that one statement writes or looks up. */
  private static final int AT_ONCE = 1_000;

  /** Events that are fetched at a time: each may be a megabyte. */
  private static final int FETCHED = 50;

  private static final String TRAIT =
      "t.type, t.name, t.text_value, t.integer_value, t.float_value, t.time_value";

  private final Database database;

  public EventStore(Database database) {
    this.database = database;
  }

  /** A place in the order of answers: by time, and by id where times are equal. */
  public record Place(long generated, String messageId) {}

  /** A trait that events of a type have. */
  public record TraitName(String name, TraitType type) {}

  /** An event and the number under which it is recorded. */
  private record Recorded(long sequence, Event event) {}

  /** An event that is to be recorded, and its number. */
  private record Numbered(long sequence, Routed routed) {
    private Event event() {
      return routed.event();
    }
  }

  /**
   * An event and where it goes.
   *
   * @param note by what way it came, as {@link io.sonde.model.Provenance} writes it; empty where it
   *     is not recorded
   * @param publishers names those for which it is queued
   */
  public record Routed(Event event, String note, Set<String> publishers) {
    private boolean isRecorded() {
      return !note.isEmpty();
    }
  }

  /**
   * Records events and queues them for publishers, all or nothing. One whose id is recorded
   * already, or stands before it in the list, is a duplicate and changes nothing. Of those that are
   * only queued nobody knows whether they are copies.
   *
   * @param rows makes what is written to the queue, of those that are no duplicates
   * @throws DatabaseException when it is not known whether they are recorded; tell them again
   */
  public Receipt add(List<Routed> events, Function<List<Routed>, List<QueueStore.NewRow>> rows) {
    return database.inTransaction(
        connection -> {
          List<Numbered> once =
              once(connection, events.stream().filter(Routed::isRecorded).toList());
          Set<String> added = new HashSet<>();
          for (int from = 0; from < once.size(); from += AT_ONCE) {
            List<Numbered> part = once.subList(from, Math.min(from + AT_ONCE, once.size()));
            Set<Long> numbers = insert(connection, part);
            List<Numbered> fresh =
                part.stream().filter(one -> numbers.contains(one.sequence())).toList();
            if (!fresh.isEmpty()) {
              insertTraits(connection, fresh);
            }
            fresh.forEach(one -> added.add(one.event().messageId()));
          }
          // Of copies within the list the first is the one that was added.
          List<Routed> accepted =
              events.stream()
                  .filter(one -> !one.isRecorded() || added.remove(one.event().messageId()))
                  .toList();
          QueueStore.insert(
              connection,
              rows.apply(accepted.stream().filter(one -> !one.publishers().isEmpty()).toList()));
          return new Receipt(accepted.size(), events.size() - accepted.size(), 0);
        });
  }

  /**
   * The first events that match, by time and id.
   *
   * @param after where the answer begins, behind this place; null for the beginning
   * @param budget is told the length of what each was made of, and throws where it is too much
   */
  public List<Event> find(
      EventFilter filter, Place after, int limit, IntConsumer budget, Inquiry inquiry) {
    if (!filter.isSatisfiable()) {
      return List.of();
    }
    String behind = after == null ? "" : " AND (e.generated, e.message_id) > (?, ?)";
    String sql =
        "SELECT e.sequence, e.message_id, e.event_type, e.generated, e.raw FROM event e WHERE "
            + EventSql.where(filter)
            + behind
            + " ORDER BY e.generated, e.message_id LIMIT ?";
    Binder binder =
        statement -> {
          int next = EventSql.bind(statement, 1, filter);
          if (after != null) {
            statement.setLong(next++, after.generated());
            statement.setString(next++, after.messageId());
          }
          return next;
        };
    return asked(
        inquiry,
        connection -> {
          List<Recorded> found =
              rows(
                  connection,
                  inquiry,
                  sql,
                  binder,
                  limit,
                  FETCHED,
                  rows -> {
                    Event bare =
                        new Event(
                            rows.getString(2),
                            rows.getString(3),
                            rows.getLong(4),
                            List.of(),
                            rows.getString(5));
                    budget.accept(bare.raw().length());
                    return new Recorded(rows.getLong(1), bare);
                  });
          return withTraits(connection, found);
        });
  }

  /**
   * Events that name resources, by resource, each by time and id.
   *
   * @param traits names of the text traits by which events name them
   * @param types those that are wanted
   * @param visible what else must hold
   * @param recordedUntil the latest second of recording, since 1970; {@link Long#MAX_VALUE} where
   *     there is none. Events from before that second was kept are taken as known since ever
   * @param limit of all together; the earliest ones
   */
  public Map<String, List<Event>> ofResources(
      Collection<String> traits,
      Collection<String> resources,
      Collection<String> types,
      EventFilter visible,
      long recordedUntil,
      int limit,
      Inquiry inquiry) {
    List<String> storable = resources.stream().filter(StorableText::isStorable).toList();
    if (!visible.isSatisfiable() || storable.isEmpty()) {
      return Map.of();
    }
    return asked(
        inquiry,
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT r.text_value, e.sequence, e.message_id, e.event_type, e.generated"
                      + " FROM event_trait r JOIN event e ON e.sequence = r.event"
                      + " WHERE r.type = 1 AND r.name = ANY (?) AND r.text_value = ANY (?)"
                      + " AND e.event_type = ANY (?) AND coalesce(e.recorded, 0) <= ? AND "
                      + EventSql.where(visible)
                      + " ORDER BY e.generated, e.message_id LIMIT ?")) {
            setArray(select, 1, "text", traits.toArray());
            setArray(select, 2, "text", storable.toArray());
            setArray(select, 3, "text", types.toArray());
            select.setLong(4, recordedUntil);
            select.setInt(EventSql.bind(select, 5, visible), limit);
            select.setFetchSize(AT_ONCE);
            // An event may name a resource by several traits.
            Map<String, Set<Long>> numbers = new LinkedHashMap<>();
            Map<Long, Recorded> bare = new LinkedHashMap<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                long sequence = rows.getLong(2);
                numbers
                    .computeIfAbsent(rows.getString(1), any -> new LinkedHashSet<>())
                    .add(sequence);
                bare.put(
                    sequence,
                    new Recorded(
                        sequence,
                        new Event(
                            rows.getString(3),
                            rows.getString(4),
                            rows.getLong(5),
                            List.of(),
                            Event.NO_RAW)));
              }
            }
            List<Recorded> all = List.copyOf(bare.values());
            List<Event> events = withTraits(connection, all);
            Map<Long, Event> bySequence = new HashMap<>();
            for (int i = 0; i < events.size(); i++) {
              bySequence.put(all.get(i).sequence(), events.get(i));
            }
            Map<String, List<Event>> found = new LinkedHashMap<>();
            numbers.forEach(
                (resource, its) -> found.put(resource, its.stream().map(bySequence::get).toList()));
            return found;
          }
        });
  }

  /**
   * The types of the events that match, in order.
   *
   * @param after the last one that is not wanted any more; null for the beginning
   */
  public List<String> types(EventFilter filter, String after, int limit, Inquiry inquiry) {
    boolean isAll = filter.equals(EventFilter.ALL);
    // Of all events the index gives each type without a look at its events.
    String sql =
        isAll
            ? """
              WITH RECURSIVE known (event_type) AS (
                (SELECT event_type FROM event WHERE event_type > ? ORDER BY event_type LIMIT 1)
                UNION ALL
                SELECT (SELECT e.event_type FROM event e WHERE e.event_type > k.event_type
                        ORDER BY e.event_type LIMIT 1)
                FROM known k WHERE k.event_type IS NOT NULL)
              SELECT event_type FROM known WHERE event_type IS NOT NULL LIMIT ?
              """
            : "SELECT DISTINCT e.event_type FROM event e WHERE "
                + EventSql.where(filter)
                + " AND e.event_type > ? ORDER BY e.event_type LIMIT ?";
    return select(
        filter,
        sql,
        statement -> {
          int next = isAll ? 1 : EventSql.bind(statement, 1, filter);
          statement.setString(next, after == null ? "" : after);
          return next + 1;
        },
        limit,
        rows -> rows.getString(1),
        inquiry);
  }

  /**
   * The traits that the matching events have, by name and type.
   *
   * @param after the last one that is not wanted any more; null for the beginning
   */
  public List<TraitName> traits(EventFilter filter, TraitName after, int limit, Inquiry inquiry) {
    return select(
        filter,
        "SELECT DISTINCT t.name, t.type FROM event e JOIN event_trait t ON t.event = e.sequence"
            + " WHERE "
            + EventSql.where(filter)
            + " AND (t.name, t.type) > (?, ?) ORDER BY t.name, t.type LIMIT ?",
        statement -> {
          int next = EventSql.bind(statement, 1, filter);
          statement.setString(next++, after == null ? "" : after.name());
          statement.setInt(next++, after == null ? 0 : after.type().code());
          return next;
        },
        limit,
        rows -> new TraitName(rows.getString(1), TraitType.ofCode(rows.getInt(2))),
        inquiry);
  }

  /**
   * The different values of a trait that the matching events have, by type and value.
   *
   * @param after the last one that is not wanted any more; null for the beginning
   */
  public List<Trait> values(
      EventFilter filter, String name, Trait after, int limit, Inquiry inquiry) {
    if (Event.textMistake(name) != null) {
      return List.of();
    }
    String behind =
        after == null
            ? ""
            : " AND (t.type > ? OR t.type = ? AND t." + EventSql.column(after.type()) + " > ?)";
    return select(
        filter,
        "SELECT DISTINCT "
            + TRAIT
            + " FROM event e JOIN event_trait t ON t.event = e.sequence WHERE "
            + EventSql.where(filter)
            + " AND t.name = ?"
            + behind
            + " ORDER BY "
            + TRAIT
            + " LIMIT ?",
        statement -> {
          int next = EventSql.bind(statement, 1, filter);
          statement.setString(next++, name);
          if (after != null) {
            statement.setInt(next++, after.type().code());
            statement.setInt(next++, after.type().code());
            statement.setObject(next++, after.value());
          }
          return next;
        },
        limit,
        rows -> trait(rows, 1),
        inquiry);
  }

  /**
   * Drops events from before a time, microseconds, the oldest first. Several nodes may do so at
   * once: each leaves alone what another one is dropping.
   *
   * @param limit how many at most, as they go in one transaction
   * @return how many
   */
  public int drop(long before, int limit) {
    return database.run(
        connection -> {
          // The limit stands in the text: by it the traits are looked up, not looked through.
          try (PreparedStatement delete =
              connection.prepareStatement(
                  """
                  WITH old AS (
                    DELETE FROM event WHERE sequence IN (
                      SELECT sequence FROM event WHERE generated < ?
                      ORDER BY generated LIMIT %d FOR UPDATE SKIP LOCKED)
                    RETURNING sequence),
                  traits AS (DELETE FROM event_trait t USING old WHERE t.event = old.sequence)
                  SELECT count(*) FROM old
                  """
                      .formatted(limit))) {
            delete.setLong(1, before);
            try (ResultSet rows = delete.executeQuery()) {
              rows.next();
              return rows.getInt(1);
            }
          }
        });
  }

  /**
   * The first of each id with the numbers that they get, by id: of two transactions that write the
   * same ids one waits for the other, and as all write in one order they never wait for each other.
   */
  private static List<Numbered> once(Connection connection, List<Routed> events)
      throws SQLException {
    Set<String> ids = new HashSet<>();
    List<Routed> once = events.stream().filter(one -> ids.add(one.event().messageId())).toList();
    List<Numbered> numbered = new ArrayList<>(once.size());
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT nextval('event_sequence') FROM generate_series(1, ?)")) {
      select.setInt(1, once.size());
      try (ResultSet rows = select.executeQuery()) {
        for (Routed one : once) {
          rows.next();
          numbered.add(new Numbered(rows.getLong(1), one));
        }
      }
    }
    numbered.sort(Comparator.comparing(one -> one.event().messageId()));
    return numbered;
  }

  /** Inserts what is new and returns its numbers. */
  private static Set<Long> insert(Connection connection, List<Numbered> events)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO event (sequence, message_id, event_type, generated, raw, pipeline, recorded)
            SELECT *, floor(extract(epoch FROM clock_timestamp()))::bigint
            FROM unnest(?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[])
            ON CONFLICT (message_id) DO NOTHING RETURNING sequence
            """)) {
      List<Event> all = events.stream().map(Numbered::event).toList();
      setArray(insert, 1, "int8", events.stream().map(Numbered::sequence).toArray());
      setArray(insert, 2, "text", all.stream().map(Event::messageId).toArray());
      setArray(insert, 3, "text", all.stream().map(Event::eventType).toArray());
      setArray(insert, 4, "int8", all.stream().map(Event::generated).toArray());
      setArray(insert, 5, "text", all.stream().map(Event::raw).toArray());
      setArray(insert, 6, "text", events.stream().map(one -> one.routed().note()).toArray());
      Set<Long> added = new HashSet<>();
      try (ResultSet rows = insert.executeQuery()) {
        while (rows.next()) {
          added.add(rows.getLong(1));
        }
      }
      return added;
    }
  }

  private static void insertTraits(Connection connection, List<Numbered> events)
      throws SQLException {
    try (BinaryCopy copy =
        new BinaryCopy(
            connection,
            "event_trait",
            "event",
            "type",
            "name",
            "text_value",
            "integer_value",
            "float_value",
            "time_value")) {
      for (Numbered one : events) {
        for (Trait trait : one.event().traits()) {
          copy.startRow(7).add(one.sequence()).addShort(trait.type().code()).add(trait.name());
          addValue(trait, copy);
        }
      }
    }
  }

  /** In the column of its type; the others are null. */
  private static void addValue(Trait trait, BinaryCopy copy) {
    for (TraitType column : TraitType.values()) {
      if (column != trait.type()) {
        copy.addNull();
      } else {
        switch (column) {
          case TEXT -> copy.add((String) trait.value());
          case INTEGER, DATETIME -> copy.add((long) (Long) trait.value());
          case FLOAT -> copy.add((double) (Double) trait.value());
        }
      }
    }
  }

  private static void setArray(PreparedStatement statement, int at, String type, Object[] values)
      throws SQLException {
    statement.setArray(at, statement.getConnection().createArrayOf(type, values));
  }

  private static List<Event> withTraits(Connection connection, List<Recorded> bare)
      throws SQLException {
    List<Event> events = new ArrayList<>(bare.size());
    for (int from = 0; from < bare.size(); from += AT_ONCE) {
      List<Recorded> part = bare.subList(from, Math.min(from + AT_ONCE, bare.size()));
      Map<Long, List<Trait>> traits = traits(connection, part);
      for (Recorded recorded : part) {
        Event event = recorded.event();
        events.add(
            new Event(
                event.messageId(),
                event.eventType(),
                event.generated(),
                traits.getOrDefault(recorded.sequence(), List.of()),
                event.raw()));
      }
    }
    return events;
  }

  private static Map<Long, List<Trait>> traits(Connection connection, List<Recorded> events)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT t.event, " + TRAIT + " FROM event_trait t WHERE t.event = ANY (?)")) {
      setArray(select, 1, "int8", events.stream().map(Recorded::sequence).toArray());
      Map<Long, List<Trait>> traits = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          traits.computeIfAbsent(rows.getLong(1), e -> new ArrayList<>()).add(trait(rows, 2));
        }
      }
      return traits;
    }
  }

  private static Trait trait(ResultSet rows, int first) throws SQLException {
    TraitType type = TraitType.ofCode(rows.getInt(first));
    Object value =
        switch (type) {
          case TEXT -> rows.getString(first + 2);
          case INTEGER -> rows.getLong(first + 3);
          case FLOAT -> rows.getDouble(first + 4);
          case DATETIME -> rows.getLong(first + 5);
        };
    return new Trait(rows.getString(first + 1), type, value);
  }

  /** Sets the parameters before the limit and returns the limit's number. */
  private interface Binder {
    int bind(PreparedStatement statement) throws SQLException;
  }

  /** Makes a value of the row on which a result stands. */
  private interface RowReader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> List<T> select(
      EventFilter filter,
      String sql,
      Binder binder,
      int limit,
      RowReader<T> reader,
      Inquiry inquiry) {
    return filter.isSatisfiable()
        ? asked(
            inquiry, connection -> rows(connection, inquiry, sql, binder, limit, AT_ONCE, reader))
        : List.of();
  }

  private <T> T asked(Inquiry inquiry, Database.Work<T> work) {
    return database.inSnapshot(
        connection ->
            inquiry.on(
                connection,
                same -> {
                  planForValues(same);
                  return work.run(same);
                }));
  }

  /** The rows of a statement, whose last parameter is how many. */
  private static <T> List<T> rows(
      Connection connection,
      Inquiry inquiry,
      String sql,
      Binder binder,
      int limit,
      int fetched,
      RowReader<T> reader)
      throws SQLException {
    if (inquiry.isExplained()) {
      try (PreparedStatement explain =
          connection.prepareStatement("EXPLAIN (ANALYZE, FORMAT JSON) " + sql)) {
        explain.setInt(binder.bind(explain), limit);
        try (ResultSet plan = explain.executeQuery()) {
          plan.next();
          inquiry.explain(plan.getString(1));
        }
      }
    }
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setInt(binder.bind(select), limit);
      select.setFetchSize(fetched);
      List<T> found = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          inquiry.check();
          found.add(reader.read(rows));
        }
      }
      return found;
    }
  }

  /**
   * A project that half of the events have is best found on the way through them in order, one
   * instance by the index of its trait: here, other than elsewhere, the plan depends on the values.
   */
  private static void planForValues(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL plan_cache_mode = force_custom_plan");
    }
  }
}
