package io.sonde.server;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of commands that read a configuration as the server does. */
final class ConfigOptions {
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

  /** The configuration, read anew each time. */
  Config load() {
    return Configuration.load(config, sets);
  }
}
