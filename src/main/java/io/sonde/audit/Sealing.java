package io.sonde.audit;

import io.sonde.audit.Statement.Content;
import io.sonde.audit.Statement.Correction;
import io.sonde.audit.Statement.Dropped;
import io.sonde.audit.Statement.Line;
import io.sonde.model.NameFilter;
import io.sonde.model.Series;
import io.sonde.query.Condition;
import io.sonde.query.QueryService;
import io.sonde.query.SampleFilter;
import io.sonde.query.UsageQuestion;
import io.sonde.store.DatabaseCalls;
import io.sonde.store.PeriodStore;
import io.sonde.store.PeriodStore.Figure;
import io.sonde.store.PeriodStore.FigureAbout;
import io.sonde.store.PeriodStore.Sealed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * The making of one statement: asks what was used of meter after meter, of the period itself and of
 * the earlier ones. One question at a time, for a seal is in no hurry.
 */
final class Sealing {
  /** Lines and corrections of a statement. */
  private static final int MOST = 100_000;

  private final Period period;
  private final long second;
  private final List<Sealed> earlier;
  private final UsageQuestion question;
  private final QueryService queries;
  private final PeriodStore store;
  private final ToLongFunction<String> cutoffs;
  private final Executor blocking;

  private final List<Line> lines = new ArrayList<>();
  private final List<Correction> corrections = new ArrayList<>();
  private final List<Dropped> dropped = new ArrayList<>();

  /**
   * A statement that is to be made.
   *
   * @param second since 1970: what is recorded later does not count
   * @param earlier periods to be corrected
   * @param question the selection, whatever its meter and its time
   */
  Sealing(
      Period period,
      long second,
      List<Sealed> earlier,
      UsageQuestion question,
      QueryService queries,
      PeriodStore store,
      ToLongFunction<String> cutoffs,
      Executor blocking) {
    this.period = period;
    this.second = second;
    this.earlier = earlier;
    this.question = question;
    this.queries = queries;
    this.store = store;
    this.cutoffs = cutoffs;
    this.blocking = blocking;
  }

  Period period() {
    return period;
  }

  long second() {
    return second;
  }

  /** Finds all that the statement says. */
  CompletionStage<Void> measure() {
    return meters()
        .thenCompose(
            meters ->
                inTurn(meters, this::line)
                    .thenCompose(done -> inTurn(earlier, one -> correct(one, meters))));
  }

  /** The statement's bytes. */
  byte[] statement(Instant sealedAt, Sealed previous, Checkpoint checkpoint) {
    return new Content(period, second, sealedAt, previous, checkpoint, lines, corrections, dropped)
        .json();
  }

  List<FigureAbout> figures() {
    List<FigureAbout> figures = new ArrayList<>();
    lines.forEach(line -> figures.add(new FigureAbout(0, line.figure())));
    corrections.forEach(
        one -> figures.add(new FigureAbout(one.period().sequence(), one.change().now())));
    return figures;
  }

  /** The meters that there are of those that are asked for. */
  private CompletionStage<SortedSet<String>> meters() {
    if (period.meters().stream().noneMatch(Sealing::isPattern)) {
      return CompletableFuture.completedStage(new TreeSet<>(period.meters()));
    }
    NameFilter wanted = NameFilter.of(period.meters(), "meters");
    SampleFilter series =
        new SampleFilter(
            question.filter().equal(), Long.MIN_VALUE, Long.MAX_VALUE, Condition.And.TRUE);
    return queries
        .meters(series, Integer.MAX_VALUE)
        .thenApply(
            all ->
                all.stream()
                    .map(Series::meter)
                    .filter(wanted::matches)
                    .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static boolean isPattern(String meter) {
    return meter.startsWith("!") || meter.chars().anyMatch(c -> "*?[".indexOf(c) >= 0);
  }

  private CompletionStage<Void> line(String meter) {
    UsageQuestion asked = about(meter, period.start(), period.end());
    if (isDropped(meter, asked)) {
      dropped.add(new Dropped(period.id(), meter));
    }
    return queries
        .usage(asked)
        .thenAccept(
            rows -> {
              rows.forEach(row -> lines.add(new Line(meter, row)));
              requireFew();
            });
  }

  private CompletionStage<Void> correct(Sealed one, SortedSet<String> meters) {
    return DatabaseCalls.on(blocking, () -> store.statedMeters(one.sequence()))
        .thenCompose(
            stated -> {
              SortedSet<String> all = new TreeSet<>(meters);
              all.addAll(stated);
              return inTurn(all, meter -> correct(one, meter, stated.contains(meter)));
            });
  }

  private CompletionStage<Void> correct(Sealed one, String meter, boolean isStated) {
    UsageQuestion asked = about(meter, one.start(), one.end());
    if (isDropped(meter, asked)) {
      if (isStated) {
        dropped.add(new Dropped(one.id(), meter));
      }
      return CompletableFuture.completedStage(null);
    }
    return queries
        .usage(asked)
        .thenCombine(
            DatabaseCalls.on(blocking, () -> store.stated(one.sequence(), meter)),
            (rows, stated) -> {
              List<Figure> now = rows.stream().map(row -> new Line(meter, row).figure()).toList();
              Optional<List<Corrections.Change>> changes = Corrections.between(stated, now);
              if (changes.isEmpty()) {
                dropped.add(new Dropped(one.id(), meter));
              } else {
                changes.get().forEach(change -> corrections.add(new Correction(one, change)));
              }
              requireFew();
              return null;
            });
  }

  /** What retention took away is no change of what was used. */
  private boolean isDropped(String meter, UsageQuestion asked) {
    return cutoffs.applyAsLong(meter) > asked.earliest();
  }

  private UsageQuestion about(String meter, long start, long end) {
    return question.about(meter, start, end).asOf(second);
  }

  private void requireFew() {
    if (lines.size() + corrections.size() > MOST) {
      throw PeriodRefusedException.mistake(
          "A statement has at most "
              + MOST
              + " lines and corrections: seal one project, fewer meters or fewer groups.");
    }
  }

  private static <T> CompletionStage<Void> inTurn(
      Collection<T> all, Function<T, CompletionStage<Void>> work) {
    CompletionStage<Void> done = CompletableFuture.completedStage(null);
    for (T each : all) {
      done = done.thenCompose(before -> work.apply(each));
    }
    return done;
  }
}
