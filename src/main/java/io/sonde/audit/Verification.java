package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.model.Metadata;
import io.sonde.store.Database;
import io.sonde.store.LedgerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Checks what a database holds, two collectors at a time, each in a view of its own, so that a
 * server may write meanwhile. Changes nothing. Blocks.
 */
public final class Verification {
  private static final int AT_ONCE = 2;

  private final Database database;
  private final Report report;
  private final VerifierKey key;

  /**
   * A check.
   *
   * @param key of the entries that tell of archived events; null where their signatures are not
   *     looked at
   */
  public Verification(Database database, Report report, VerifierKey key) {
    this.database = database;
    this.report = report;
    this.key = key;
  }

  /** Everything, of collectors with the numbers below {@code collectors}. */
  public void all(int collectors) {
    List<Consumer<LedgerView>> checks = new ArrayList<>();
    checks.add(view -> strangers(view, collectors));
    for (int i = 0; i < collectors; i++) {
      int collector = i;
      checks.add(view -> CollectorCheck.all(view, collector, key, report));
    }
    checks.add(this::metadata);
    run(checks);
    report.end(collectors);
  }

  /** All that is stored under the number of one collector. */
  public void one(int collector) {
    run(List.of(view -> CollectorCheck.all(view, collector, key, report)));
    report.end(1);
  }

  /** What came since, of these collectors. */
  public void since(Since since, List<Integer> collectors) {
    List<Consumer<LedgerView>> checks = new ArrayList<>();
    for (int collector : collectors) {
      checks.add(view -> CollectorCheck.since(view, collector, since, key, report));
    }
    run(checks);
    report.end(collectors.size());
  }

  /** Rows of collectors that there are not. */
  private void strangers(LedgerView view, int collectors) {
    Set<String> ids = new TreeSet<>(view.persistenceIds(Collector.TYPE_KEY.name()));
    for (int i = 0; i < collectors; i++) {
      ids.remove(Collector.persistenceId(i));
    }
    for (String id : ids) {
      report.damage(
          new Damage("journal " + id, "journals of " + collectors + " collectors", "this one"));
    }
  }

  private void metadata(LedgerView view) {
    view.metadata(
        (id, text) -> {
          if (!Metadata.ofCanonicalJson(text).id().equals(id)) {
            report.damage(
                new Damage(
                    "metadata " + id,
                    "a text of this hash",
                    "one of " + Metadata.ofCanonicalJson(text).id()));
          }
        });
  }

  private void run(List<Consumer<LedgerView>> checks) {
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (Consumer<LedgerView> check : checks) {
        all.add(threads.submit(() -> at(check)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while checking", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void at(Consumer<LedgerView> check) {
    LedgerView.at(
        database,
        view -> {
          check.accept(view);
          return null;
        });
  }
}
