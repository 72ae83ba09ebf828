package io.sonde.server;

import com.typesafe.config.Config;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sonde server}: runs a node until it is told to stop. */
@Command(
    name = "server",
    description = "Starts a node and runs it until Ctrl-C or SIGTERM.",
    mixinStandardHelpOptions = true)
final class ServerCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Override
  public Integer call() throws Exception {
    Config loaded = options.load();
    return NodeProcess.run(
        NodeSettings.from(loaded), loaded, () -> NodeSettings.pipelines(options.load()));
  }
}
