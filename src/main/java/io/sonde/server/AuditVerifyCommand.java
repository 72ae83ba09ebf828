package io.sonde.server;

import io.sonde.audit.BrokenChainException;
import io.sonde.audit.Chain;
import io.sonde.collector.Collector;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.Slots;
import io.sonde.store.StartupException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sonde audit verify}: follows the chains of all journals. */
@Command(
    name = "verify",
    description = "Recomputes the hash chains of the journals.",
    mixinStandardHelpOptions = true)
final class AuditVerifyCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (CommandDatabase at = CommandDatabase.open(NodeSettings.from(options.load()));
        Database database = Database.open(at.settings())) {
      return verify(database);
    } catch (StartupException e) {
      return Main.complain(e.getMessage(), AuditCommand.CANNOT_TELL);
    }
  }

  private int verify(Database database) {
    PrintWriter out = spec.commandLine().getOut();
    int collectors = Slots.load(database).map(Slots::collectors).orElse(0);
    JournalStore journals = new JournalStore(database);
    long events = 0;
    boolean isDamaged = false;
    for (int collector = 0; collector < collectors; collector++) {
      Chain chain = new Chain(collector, Chain.Head.NONE);
      try {
        follow(journals, collector, chain);
      } catch (BrokenChainException e) {
        out.println(e.getMessage());
        isDamaged = true;
      }
      events += chain.head().sequence();
    }
    out.println(events + " events of " + collectors + " collectors");
    return isDamaged ? AuditCommand.DAMAGED : AuditCommand.HOLDS;
  }

  private static void follow(JournalStore journals, int collector, Chain chain)
      throws BrokenChainException {
    String journal = Collector.persistenceId(collector);
    List<StoredEvent> events;
    do {
      events = journals.eventsAfter(journal, chain.head().sequence());
      for (StoredEvent event : events) {
        chain.follow(event);
      }
    } while (!events.isEmpty());
  }
}
