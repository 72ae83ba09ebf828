package io.sonde.server;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sonde server}: runs a node until it is told to stop. */
@Command(
    name = "server",
    description = "Starts a node and runs it until Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
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

  @Override
  public Integer call() throws Exception {
    Config loaded = Configuration.load(config, sets);
    return Node.run(
        NodeSettings.from(loaded),
        loaded,
        () -> NodeSettings.pipelines(Configuration.load(config, sets)));
  }
}
