package io.sonde.server;

import com.typesafe.config.Config;
import io.sonde.audit.WhatIf;
import io.sonde.audit.WhatIf.Difference;
import io.sonde.audit.WhatIf.Differing;
import io.sonde.model.Door;
import io.sonde.model.Timestamps;
import io.sonde.pipeline.PipelineSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sonde audit what-if}: what other pipelines would have made of what came in. */
@Command(
    name = "what-if",
    description =
        "Takes what came in through the present pipelines and through others, and compares what"
            + " they make. What is stored stays as it is.",
    mixinStandardHelpOptions = true)
final class AuditWhatIfCommand implements Callable<Integer> {
  private static final int SHOWN = 5;

  @Mixin private ConfigOptions options;

  @Option(
      names = "--pipeline",
      required = true,
      paramLabel = "FILE",
      description = "A configuration whose sonde.pipeline is the candidate.")
  private Path pipeline;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      description = "The earliest timestamp.")
  private String from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "TIME",
      description = "Timestamps are before this one.")
  private String to;

  @Option(
      names = "--resource",
      paramLabel = "ID",
      description = "Only this resource; may be repeated.")
  private List<String> resources = List.of();

  @Option(
      names = "--door",
      paramLabel = "DOOR",
      description =
          "By which door all samples are taken to have come, which the journal does not say:"
              + " polling (default), http, remote-write or notification.")
  private String door = Door.POLLING.configName();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Door by = Door.ofConfigName(door);
    if (by == null) {
      throw new ParameterException(spec.commandLine(), "--door: '" + door + "' is not a door");
    }
    long begin = time("--from", from);
    long end = time("--to", to);
    Config config = options.load();
    NodeSettings settings = NodeSettings.from(config);
    PipelineSettings candidate = NodeSettings.pipelines(Configuration.load(pipeline, List.of()));
    return AuditDatabase.use(
        settings,
        spec,
        (database, collectors) -> {
          WhatIf whatIf = new WhatIf(database, collectors, settings.pipeline(), candidate, by);
          Set<String> only = new HashSet<>(resources);
          print(whatIf.run(begin, end, only), whatIf.taken(), spec.commandLine().getOut());
          return AuditCommand.HOLDS;
        });
  }

  private long time(String option, String text) {
    try {
      return Timestamps.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), option + ": '" + text + "': " + e.getMessage());
    }
  }

  private static void print(Map<String, Difference> meters, long taken, PrintWriter out) {
    out.println(taken + " samples came in");
    meters.forEach(
        (meter, one) -> {
          out.printf(
              "%s: %d samples, sum %s; candidate %d samples, sum %s; %s%n",
              meter,
              one.presentCount(),
              one.presentSum(),
              one.candidateCount(),
              one.candidateSum(),
              one.differing() == 0 ? "the same" : one.differing() + " differ");
          for (Differing sample : one.first(SHOWN)) {
            out.printf(
                "  %s of %s: %s; candidate %s%n",
                Timestamps.format(sample.timestamp()),
                sample.resource(),
                shown(sample.present()),
                shown(sample.candidate()));
          }
        });
  }

  private static String shown(Double volume) {
    return volume == null ? "none" : volume.toString();
  }
}
