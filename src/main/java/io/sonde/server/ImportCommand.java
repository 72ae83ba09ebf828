package io.sonde.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.ceilometer.CeilometerImport;
import io.sonde.ceilometer.Imported;
import io.sonde.ceilometer.Release;
import io.sonde.definition.Definitions;
import io.sonde.model.ConfigException;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.polling.PollingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code sonde import-ceilometer}: translates Ceilometer's files. What is to be said of their lines
 * goes to standard error, so that the translation may go to standard output.
 */
@Command(
    name = "import-ceilometer",
    description =
        "Translates Ceilometer's YAML, and says line by line what it could not carry over.",
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";

  @Option(names = "--pipeline", paramLabel = "FILE", description = "a pipeline.yaml")
  private Path pipeline;

  @Option(names = "--event-pipeline", paramLabel = "FILE", description = "an event_pipeline.yaml")
  private Path eventPipeline;

  @Option(names = "--polling", paramLabel = "FILE", description = "a polling.yaml")
  private Path polling;

  @Option(
      names = "--meters",
      paramLabel = "FILE",
      description = "a meters.yaml; of several the first goes before the others")
  private List<Path> meters = new ArrayList<>();

  @Option(
      names = "--event-definitions",
      paramLabel = "FILE",
      description = "an event_definitions.yaml")
  private Path eventDefinitions;

  @Option(
      names = "--pollsters",
      paramLabel = "DIR",
      description = "a folder of files with dynamic pollsters")
  private Path pollsters;

  @Option(
      names = "--release",
      paramLabel = "newton|current",
      description = "whose forms the files have; current by default")
  private String release = "current";

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "the HOCON file to write; - is standard output")
  private String out;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "a HOCON file: the configuration that the translation must fit into")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "sets one key of it, in HOCON; goes before the file")
  private List<String> sets = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Release forms = forms();
    Config base = Configuration.load(config, sets);
    NodeSettings.openPlugins(base);
    CeilometerImport files = CeilometerImport.into(base.getConfig("sonde"), forms, Pollsters.all());
    try {
      read(files);
    } catch (IOException e) {
      return Main.complain("cannot read " + e.getMessage(), Main.FAILED);
    }
    Imported imported = files.result();
    try {
      check(imported, base);
    } catch (ConfigException | com.typesafe.config.ConfigException e) {
      return Main.complain(
          "nothing is written: the translation is not what Sonde takes: " + e.getMessage(),
          Main.FAILED);
    }
    try {
      write(imported.text());
    } catch (IOException e) {
      return Main.complain(unwritable(e), Main.FAILED);
    }
    imported.remarks().forEach(System.err::println);
    System.err.println(imported.summary());
    return 0;
  }

  private Release forms() {
    if (given().findAny().isEmpty()) {
      throw misuse("a file to translate is missing, such as --pipeline FILE");
    }
    if (given().anyMatch(this::isOut)) {
      throw misuse("--out names a file that is to be read: it would be overwritten");
    }
    Release forms =
        switch (release) {
          case "newton" -> Release.NEWTON;
          case "current" -> Release.CURRENT;
          default -> throw misuse("--release is newton or current, not " + release);
        };
    if (forms == Release.NEWTON && (polling != null || pollsters != null)) {
      throw misuse("in newton polling sits in the pipeline file: no --polling, no --pollsters");
    }
    return forms;
  }

  private Stream<Path> given() {
    return Stream.concat(
        meters.stream(),
        Stream.of(pipeline, eventPipeline, polling, eventDefinitions, pollsters)
            .filter(Objects::nonNull));
  }

  private boolean isOut(Path file) {
    return !out.equals(STANDARD_OUTPUT)
        && Path.of(out).toAbsolutePath().normalize().equals(file.toAbsolutePath().normalize());
  }

  private ParameterException misuse(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void read(CeilometerImport files) throws IOException {
    if (pipeline != null) {
      files.pipeline(pipeline);
    }
    if (eventPipeline != null) {
      files.eventPipeline(eventPipeline);
    }
    if (polling != null) {
      files.polling(polling);
    }
    for (Path file : meters) {
      files.meters(file);
    }
    if (eventDefinitions != null) {
      files.eventDefinitions(eventDefinitions);
    }
    if (pollsters != null) {
      files.pollsters(pollsters);
    }
  }

  /** Reads the translation as a start of the server with it would. */
  private static void check(Imported imported, Config base) {
    Config whole = ConfigFactory.parseString(imported.text()).withFallback(base).resolve();
    PipelineSettings.from(whole.getConfig("sonde"));
    Definitions.from(whole.getConfig("sonde.definitions"));
    PollingSettings.from(whole.getConfig("sonde.polling"), Pollsters.all());
  }

  private void write(String text) throws IOException {
    if (out.equals(STANDARD_OUTPUT)) {
      // As bytes: HOCON is UTF-8, whatever the terminal has.
      System.out.write(text.getBytes(StandardCharsets.UTF_8));
      System.out.flush();
    } else {
      Files.writeString(Path.of(out), text);
    }
  }

  private static String unwritable(IOException failure) {
    String why =
        failure instanceof NoSuchFileException
            ? ": its folder does not exist"
            : failure instanceof AccessDeniedException ? ": access is denied" : "";
    return "cannot write " + failure.getMessage() + why;
  }
}
