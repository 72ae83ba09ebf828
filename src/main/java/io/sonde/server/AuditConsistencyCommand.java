package io.sonde.server;

import io.sonde.audit.Checkpoint;
import io.sonde.audit.Checkpoint.Noted;
import io.sonde.audit.Checkpoints;
import io.sonde.audit.ConsistencyProof;
import io.sonde.audit.JournalConsistency;
import io.sonde.audit.NoteException;
import io.sonde.audit.VerifierKey;
import io.sonde.store.CheckpointStore;
import io.sonde.store.Database;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde audit consistency}: whether older checkpoints still hold. */
@Command(
    name = "consistency",
    description =
        "Whether what was recorded up to an older checkpoint is still there, unchanged: in the"
            + " journals as they are now, or in what a newer checkpoint is of.",
    mixinStandardHelpOptions = true)
final class AuditConsistencyCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "OLD",
      description = "a file with checkpoints, such as an outlet has written")
  private Path old;

  @Parameters(
      index = "1",
      paramLabel = "NEW",
      arity = "0..1",
      description = "a file whose last checkpoint is compared; without it the journals are read")
  private Path newer;

  @Option(
      names = "--proof",
      paramLabel = "FILE",
      description =
          "a proof that GET /v2/audit/consistency gave, for one OLD and NEW: then there is no need"
              + " of a database")
  private Path proof;

  @Mixin private VerifierKeys keys;

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  private NodeSettings settings;

  @Override
  public Integer call() {
    if (proof != null && newer == null) {
      throw new ParameterException(spec.commandLine(), "--proof is of OLD and NEW");
    }
    try {
      List<Noted> older = Checkpoint.read(old);
      Noted latest = newer == null ? null : last(Checkpoint.read(newer));
      if (!areTrusted(older) || (latest != null && !areTrusted(List.of(latest)))) {
        return AuditCommand.DAMAGED;
      }
      List<Checkpoint> checkpoints = older.stream().map(Noted::checkpoint).toList();
      if (latest == null) {
        return AuditDatabase.use(
            settings(), spec, (database, collectors) -> inJournals(database, checkpoints));
      }
      return proof == null
          ? AuditDatabase.use(
              settings(),
              spec,
              (database, collectors) -> inLog(database, checkpoints, latest.checkpoint()))
          : byProof(checkpoints, latest.checkpoint());
    } catch (NoteException e) {
      return Main.complain(e.getMessage(), AuditCommand.CANNOT_TELL);
    }
  }

  /** Read when it is needed: with a key and a proof there need not be one. */
  private NodeSettings settings() {
    if (settings == null) {
      settings = NodeSettings.from(options.load());
    }
    return settings;
  }

  private static Noted last(List<Noted> checkpoints) {
    return checkpoints.get(checkpoints.size() - 1);
  }

  /** Says which one is not, if any; without a key all are taken as they come. */
  private boolean areTrusted(List<Noted> checkpoints) throws NoteException {
    List<VerifierKey> known = keys.orConfigured(() -> settings().audit());
    if (known.isEmpty()) {
      spec.commandLine().getErr().println("signatures are not looked at: there is no --key");
      return true;
    }
    for (Noted each : checkpoints) {
      String mistrust = VerifierKeys.mistrust(each.note(), known);
      if (mistrust != null) {
        print("checkpoint of %d events: %s".formatted(each.checkpoint().size(), mistrust));
        return false;
      }
    }
    return true;
  }

  private int inJournals(Database database, List<Checkpoint> older) {
    CheckpointStore store = new CheckpointStore(database);
    Checkpoints log = new Checkpoints(store, 0, settings().audit());
    for (Checkpoint checkpoint : older) {
      if (!checkpoint.origin().equals(log.origin())) {
        return Main.complain(
            "the checkpoint is of the log %s, the database is that of %s"
                .formatted(checkpoint.origin(), log.origin()),
            AuditCommand.CANNOT_TELL);
      }
    }
    String damage =
        new JournalConsistency(
                store,
                older,
                events -> spec.commandLine().getErr().println(events + " events are as they were"))
            .firstDamage();
    if (damage != null) {
      return damaged(damage);
    }
    return holds(older.size(), older.stream().mapToLong(Checkpoint::size).max().orElse(0));
  }

  private int inLog(Database database, List<Checkpoint> older, Checkpoint latest) {
    Checkpoints log = new Checkpoints(new CheckpointStore(database), 0, settings().audit());
    for (Checkpoint checkpoint : older) {
      if (isUnlike(checkpoint, latest)) {
        return AuditCommand.DAMAGED;
      }
      Optional<ConsistencyProof> shown = log.consistency(checkpoint.size(), latest.size());
      if (shown.isEmpty()) {
        return Main.complain(
            "the database's log has less than %d events: compare OLD with it, without NEW"
                .formatted(latest.size()),
            AuditCommand.CANNOT_TELL);
      }
      int result = compare(checkpoint, latest, shown.get());
      if (result != AuditCommand.HOLDS) {
        return result;
      }
    }
    return holds(older.size(), latest.size());
  }

  private int byProof(List<Checkpoint> older, Checkpoint latest) throws NoteException {
    if (older.size() != 1) {
      throw new NoteException(old + " has " + older.size() + " checkpoints, a proof is of one");
    }
    if (isUnlike(older.get(0), latest)) {
      return AuditCommand.DAMAGED;
    }
    ConsistencyProof shown = ConsistencyProof.parse(VerifierKeys.read(proof));
    int result = compare(older.get(0), latest, shown);
    return result == AuditCommand.HOLDS ? holds(1, latest.size()) : result;
  }

  private boolean isUnlike(Checkpoint older, Checkpoint latest) {
    if (!older.origin().equals(latest.origin())) {
      print("OLD is of the log %s, NEW of %s".formatted(older.origin(), latest.origin()));
      return true;
    }
    if (older.size() > latest.size()) {
      print(
          "leaf %d: OLD has %d events, NEW %d"
              .formatted(latest.size(), older.size(), latest.size()));
      return true;
    }
    return false;
  }

  private int compare(Checkpoint older, Checkpoint latest, ConsistencyProof shown) {
    if (shown.shows(older, latest)) {
      return AuditCommand.HOLDS;
    }
    return damaged(
        "the log of %d events does not begin with what the checkpoint of %d events says"
            .formatted(latest.size(), older.size()));
  }

  private int holds(int checkpoints, long events) {
    print("%d checkpoints hold, of up to %d events".formatted(checkpoints, events));
    return AuditCommand.HOLDS;
  }

  private int damaged(String what) {
    print(what);
    return AuditCommand.DAMAGED;
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
