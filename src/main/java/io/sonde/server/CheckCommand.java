package io.sonde.server;

import com.typesafe.config.Config;
import io.sonde.definition.Definitions;
import io.sonde.model.ConfigException;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sonde check}: reads a whole configuration as a server would, and starts none. */
@Command(
    name = "check",
    description = "Checks a configuration, with all pipelines and definitions, and starts nothing.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  private final Set<String> mistakes = new LinkedHashSet<>();

  @Override
  public Integer call() {
    Config loaded = options.load();
    NodeSettings settings = read(loaded, NodeSettings::from);
    if (settings == null) {
      // The first mistake ends the reading of settings; those in definitions are told all the same.
      read(loaded, root -> Definitions.from(root.getConfig("sonde.definitions")));
      mistakes.forEach(spec.commandLine().getErr()::println);
      return Main.MISUSED;
    }
    PrintWriter out = spec.commandLine().getOut();
    Definitions definitions = settings.definitions();
    definitions.notes().forEach(note -> out.println("note: " + note));
    out.printf(
        "all is right: %d sources, %d sinks, %d definitions of meters, %d of events%n",
        settings.pipeline().sources().size(),
        settings.pipeline().sinks().size(),
        definitions.meterCount(),
        definitions.eventCount());
    return 0;
  }

  /** Null when there are mistakes, which are kept. */
  private <T> T read(Config loaded, Function<Config, T> reader) {
    try {
      return reader.apply(loaded);
    } catch (ConfigException e) {
      mistakes.add(e.getMessage());
      for (Throwable further : e.getSuppressed()) {
        mistakes.add(further.getMessage());
      }
    } catch (com.typesafe.config.ConfigException e) {
      mistakes.add(e.getMessage());
    }
    return null;
  }
}
