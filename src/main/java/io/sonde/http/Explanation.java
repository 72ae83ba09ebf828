package io.sonde.http;

import akka.http.javadsl.model.HttpResponse;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.Timestamps;
import io.sonde.query.Costs;
import io.sonde.query.QueryService;
import java.io.IOException;
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
