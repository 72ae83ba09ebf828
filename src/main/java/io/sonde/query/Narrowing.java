package io.sonde.query;

import io.sonde.model.EventFilter;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.model.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** What a question could ask less of, in its own terms: told to whoever asked too much. */
final class Narrowing {
  private final List<String> ways = new ArrayList<>();

  private Narrowing() {}

  static Narrowing of(SampleFilter filter) {
    return of(filter.series(), filter.from(), filter.to());
  }

  /** Of series between two moments, microseconds; the widest where there is no bound. */
  static Narrowing of(SeriesFilter filter, long from, long to) {
    Map<SeriesField, String> equal = filter.equal();
    Narrowing narrowing = new Narrowing();
    if (!equal.containsKey(SeriesField.METER)) {
      narrowing.ways.add("one meter");
    }
    if (!equal.containsKey(SeriesField.RESOURCE_ID)) {
      narrowing.ways.add("one resource");
      if (!equal.containsKey(SeriesField.PROJECT_ID)) {
        narrowing.ways.add("one project");
      }
    }
    return narrowing.time(from, to);
  }

  static Narrowing of(EventFilter filter) {
    Narrowing narrowing = new Narrowing();
    if (filter.eventType() == null) {
      narrowing.ways.add("one event_type");
    }
    return narrowing.time(filter.from(), filter.to());
  }

  private Narrowing time(long from, long to) {
    String since = from == Long.MIN_VALUE ? "" : " from " + Timestamps.format(from);
    String until = to == Long.MAX_VALUE ? "" : " to " + Timestamps.format(to);
    String bounds = since + until;
    ways.add("a shorter time than " + (bounds.isEmpty() ? "all there is" : bounds.substring(1)));
    return this;
  }

  /** And of answers, where that helps. */
  Narrowing limit(int limit) {
    if (limit > 1) {
      ways.add("fewer answers by a limit");
    }
    return this;
  }

  /** And of groups and periods; 0 for one period. */
  Narrowing groups(long periodSeconds, Iterable<String> groupBy) {
    if (periodSeconds > 0) {
      ways.add("longer periods than " + periodSeconds + " seconds");
    }
    String names = String.join(", ", groupBy);
    if (!names.isEmpty()) {
      ways.add("fewer groups than by " + names);
    }
    return this;
  }

  /** Fails as the answer does, with a word on what to narrow where it is too large. */
  <T> CompletionStage<T> advise(CompletionStage<T> answer) {
    return answer.exceptionallyCompose(
        failure -> {
          Throwable cause = failure;
          while ((cause instanceof CompletionException || cause instanceof ExecutionException)
              && cause.getCause() != null) {
            cause = cause.getCause();
          }
          return CompletableFuture.failedStage(
              cause instanceof TooLargeException tooLarge ? tooLarge.narrowedBy(ways) : failure);
        });
  }
}
