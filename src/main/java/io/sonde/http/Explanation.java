package io.sonde.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.EventFilter;
import io.sonde.model.Timestamps;
import io.sonde.model.TraitCondition;
import io.sonde.query.Costs;
import io.sonde.query.EventService;
import io.sonde.query.QueryService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** How a question is answered and what that costs, in place of its answer. */
final class Explanation {
  /** The argument that asks for it. */
  static final String ARGUMENT = "explain";

  private Explanation() {}

  /** Asks the question and answers with its costs. */
  static <T> CompletionStage<HttpResponse> of(
      QueryService queries, Function<QueryService, CompletionStage<List<T>>> question) {
    Costs costs = new Costs();
    long begin = System.nanoTime();
    return question
        .apply(queries.counting(costs))
        .thenApply(
            answer ->
                JsonAnswer.of(
                    costs,
                    (all, out) -> write(all, answer.size(), System.nanoTime() - begin, out)));
  }

  /**
   * The same of a question about events.
   *
   * @param caller one who is kept to a project is not told what the database went through
   */
  static <T> CompletionStage<HttpResponse> of(
      EventService events,
      EventFilter filter,
      Caller caller,
      Function<EventService, CompletionStage<List<T>>> question) {
    List<String> plans = Collections.synchronizedList(new ArrayList<>());
    long begin = System.nanoTime();
    return question
        .apply(caller.onlyProject() == null ? events.explained(plans::add) : events)
        .thenApply(
            answer ->
                JsonAnswer.of(
                    filter,
                    (all, out) ->
                        write(all, plans, answer.size(), System.nanoTime() - begin, out)));
  }

  private static void write(
      EventFilter filter, List<String> plans, int answers, long nanos, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeNumberField("answers", answers);
    out.writeNumberField("seconds", nanos / 1e9);
    out.writeObjectFieldStart("narrowed_by");
    if (filter.messageId() != null) {
      out.writeStringField("message_id", filter.messageId());
    }
    if (filter.eventType() != null) {
      out.writeStringField("event_type", filter.eventType());
    }
    if (filter.from() != Long.MIN_VALUE) {
      out.writeStringField("start_timestamp", Timestamps.format(filter.from()));
    }
    if (filter.to() != Long.MAX_VALUE) {
      out.writeStringField("end_timestamp", Timestamps.format(filter.to()));
    }
    out.writeArrayFieldStart("traits");
    for (TraitCondition trait : filter.traits()) {
      out.writeStartObject();
      out.writeStringField("name", trait.name());
      out.writeStringField("type", trait.type().wireName());
      out.writeStringField("op", trait.operator().wireName());
      out.writeStringField("value", TraitText.of(trait.type(), trait.value()));
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
    out.writeArrayFieldStart("plans");
    for (String plan : plans) {
      out.writeRawValue(plan);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(Costs costs, int answers, long nanos, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeNumberField("answers", answers);
    out.writeNumberField("seconds", nanos / 1e9);
    out.writeArrayFieldStart("readings");
    for (Costs.Reading reading : costs.readings()) {
      write(reading, out);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(Costs.Reading reading, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeObjectFieldStart("narrowed_by");
    for (var condition : reading.filter().equal().entrySet()) {
      out.writeStringField(condition.getKey().wireName(), condition.getValue());
    }
    if (reading.from() != Long.MIN_VALUE) {
      out.writeStringField("from", Timestamps.format(reading.from()));
    }
    if (reading.to() != Long.MAX_VALUE) {
      out.writeStringField("to", Timestamps.format(reading.to()));
    }
    if (reading.recordedUntil() != Long.MAX_VALUE) {
      out.writeStringField(AsOf.ARGUMENT, Timestamps.format(reading.recordedUntil() * 1_000_000));
    }
    out.writeEndObject();
    out.writeStringField("rows", name(reading.rows()));
    out.writeStringField("wanted_of_collectors", name(reading.wants()));
    out.writeNumberField("attempt", reading.attempt());
    out.writeNumberField("collectors", reading.collectors());
    out.writeNumberField("chunk_rows", reading.chunks());
    out.writeNumberField("from_collectors", reading.collected());
    out.writeNumberField("opened", reading.opened());
    out.writeNumberField("samples", reading.samples());
    out.writeNumberField("bytes", reading.bytes());
    out.writeNumberField("seconds", reading.nanos() / 1e9);
    out.writeEndObject();
  }

  private static String name(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
