package io.sonde.http;

import io.sonde.model.Series;
import io.sonde.query.Costs;
import io.sonde.query.LifecycleService;
import io.sonde.query.Order;
import io.sonde.query.QueryService;
import io.sonde.query.ResourceView;
import io.sonde.query.SampleFilter;
import io.sonde.query.StatisticsQuestion;
import io.sonde.query.StatisticsRow;
import io.sonde.query.StoredSample;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** Answers what a test gave it, and remembers what it was asked. */
final class FakeQueries extends QueryService {
  /** {@code lifecycles} are asked in earnest. */
  FakeQueries(LifecycleService lifecycles) {
    super(null, null, null, lifecycles, null);
  }

  volatile List<StoredSample> samples = List.of();
  volatile List<Series> meters = List.of();
  volatile List<ResourceView> resources = List.of();
  volatile List<StatisticsRow> statistics = List.of();
  volatile RuntimeException failure;

  volatile SampleFilter askedFilter;
  volatile int askedLimit;
  volatile List<Order> askedOrders;
  volatile StatisticsQuestion asked;
  volatile BooleanSupplier whoAskedIsGone;

  /** Whether there is no answer until a reset. */
  volatile boolean isSilent;

  private final Queue<CompletableFuture<?>> unanswered = new ConcurrentLinkedQueue<>();

  /** Forgets all; nobody waits for an answer any more. */
  void reset() {
    unanswered.forEach(never -> never.cancel(false));
    unanswered.clear();
    samples = List.of();
    meters = List.of();
    resources = List.of();
    statistics = List.of();
    failure = null;
    isSilent = false;
    whoAskedIsGone = null;
    askedFilter = null;
  }

  @Override
  public CompletionStage<List<StoredSample>> samples(
      SampleFilter filter, List<Order> orders, int limit) {
    askedOrders = orders;
    return answer(filter, limit, samples);
  }

  @Override
  public CompletionStage<List<Series>> meters(SampleFilter filter, int limit) {
    return answer(filter, limit, meters);
  }

  @Override
  public CompletionStage<List<ResourceView>> resources(
      SampleFilter filter, String after, int limit) {
    return answer(filter, limit, resources);
  }

  @Override
  public CompletionStage<List<StatisticsRow>> statistics(
      SampleFilter filter, StatisticsQuestion question) {
    asked = question;
    return answer(filter, 0, statistics);
  }

  @Override
  public QueryService until(BooleanSupplier isGone) {
    whoAskedIsGone = isGone;
    return this;
  }

  @Override
  public QueryService counting(Costs costs) {
    return this;
  }

  private <T> CompletionStage<T> answer(SampleFilter filter, int limit, T value) {
    askedFilter = filter;
    askedLimit = limit;
    if (isSilent) {
      CompletableFuture<T> never = new CompletableFuture<>();
      unanswered.add(never);
      return never;
    }
    return failure == null
        ? CompletableFuture.completedFuture(value)
        : CompletableFuture.failedFuture(failure);
  }
}
