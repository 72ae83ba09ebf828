package io.sonde.server;

import com.typesafe.config.Config;
import io.sonde.definition.Definitions;
import io.sonde.model.ConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sonde check}: reads a whole configuration as a server would, and starts none. */
@Command(
    name = "check",
    description = "Checks a configuration, with all pipelines and definitions, and starts nothing.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "a HOCON file; what it does not set keeps its default")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "sets one key, in HOCON; goes before the file")
  private List<String> sets = new ArrayList<>();

  @Spec private CommandSpec spec;

  private final Set<String> mistakes = new LinkedHashSet<>();

  @Override
  public Integer call() {
    Config loaded = Configuration.load(config, sets);
    NodeSettings settings = read(loaded, NodeSettings::from);
    Definitions definitions =
        read(loaded, root -> Definitions.from(root.getConfig("sonde.definitions")));
    PrintWriter out = spec.commandLine().getOut();
    if (!mistakes.isEmpty()) {
      mistakes.forEach(spec.commandLine().getErr()::println);
      return Main.MISUSED;
    }
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
