package io.sonde.server;

import io.sonde.audit.Difference;
import io.sonde.audit.Replay;
import io.sonde.model.Timestamps;
import io.sonde.store.Database;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sonde audit replay}: rebuilds the read model from the journals, and compares. */
@Command(
    name = "replay",
    description = {
      "Rebuilds all stored samples from the journals alone, in another database, and compares them"
          + " with the live ones: every sample, and every total, to the last bit.",
      "Differences are lines on standard output. The server may run meanwhile. A replay that was"
          + " broken off goes on where it was."
    },
    mixinStandardHelpOptions = true)
final class AuditReplayCommand implements Callable<Integer> {
  /** Further ones are counted: somebody must be able to read them. */
  private static final long MOST_LINES = 10_000;

  private static final int PROGRESS_MILLIS = 5_000;

  @Option(
      names = "--into",
      required = true,
      paramLabel = "URL|embedded",
      description =
          "where to rebuild: the JDBC URL of an empty database, or 'embedded' for a PostgreSQL of"
              + " its own. It gets everything, whatever is compared")
  private String into;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "keeps the embedded PostgreSQL; else it is temporary")
  private Path data;

  @Option(names = "--from", paramLabel = "TIME", description = "compares samples from then on only")
  private String from;

  @Option(names = "--to", paramLabel = "TIME", description = "compares samples before then only")
  private String to;

  @Option(
      names = "--resource",
      arity = "1..*",
      paramLabel = "ID",
      description = "compares the samples of these resources only")
  private List<String> resources = new ArrayList<>();

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Replay.Part part =
        new Replay.Part(
            time("--from", from, Long.MIN_VALUE),
            time("--to", to, Long.MAX_VALUE),
            Set.copyOf(resources));
    NodeSettings node = NodeSettings.from(options.load());
    try (CommandDatabase at = CommandDatabase.open(node);
        ReplayTarget copy = ReplayTarget.open(into, data, node.database());
        Database source = Database.open(at.settings()).withArchives(node.journal().directory());
        Database target = Database.open(copy.settings())) {
      return replay(node, source, target, part);
    }
  }

  private long time(String option, String text, long otherwise) {
    try {
      return text == null ? otherwise : Timestamps.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          option + " " + text + ": a time such as 2026-01-31T12:00:00 was expected",
          e);
    }
  }

  private int replay(NodeSettings node, Database source, Database target, Replay.Part part) {
    PrintWriter out = spec.commandLine().getOut();
    AtomicLong lines = new AtomicLong();
    Replay replay =
        new Replay(
            source,
            target,
            node.collector(),
            node.retention(),
            part,
            difference -> print(out, lines, difference));
    // Each collector reads through two connections and writes through two.
    int threads =
        Math.max(
            1,
            Math.min(Runtime.getRuntime().availableProcessors(), node.database().poolSize() / 2));
    long start = System.nanoTime();
    Timer timer = new Timer("progress", true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            System.err.println(progress(replay, start));
          }
        },
        PROGRESS_MILLIS,
        PROGRESS_MILLIS);
    try {
      replay.run(threads);
    } finally {
      timer.cancel();
    }
    System.err.println(progress(replay, start));
    if (lines.get() > MOST_LINES) {
      out.println("and " + (lines.get() - MOST_LINES) + " further differences");
    }
    out.println(
        "%d events with %d samples replayed, %d samples compared, %d dropped by age, %d not flushed yet, %d differences"
            .formatted(
                replay.events(),
                replay.replayed(),
                replay.compared(),
                replay.dropped(),
                replay.unflushed(),
                replay.differences()));
    out.flush();
    return replay.differences() == 0 ? AuditCommand.HOLDS : AuditCommand.DAMAGED;
  }

  private static void print(PrintWriter out, AtomicLong lines, Difference difference) {
    if (lines.incrementAndGet() <= MOST_LINES) {
      out.println(difference);
      out.flush();
    }
  }

  private static String progress(Replay replay, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    return "%,d samples replayed, %,d compared in %.1f s: %,.0f samples/s"
        .formatted(
            replay.replayed(),
            replay.compared(),
            seconds,
            Math.max(replay.replayed(), replay.compared()) / seconds);
  }
}
