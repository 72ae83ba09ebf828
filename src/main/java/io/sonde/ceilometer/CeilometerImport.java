package io.sonde.ceilometer;

import com.typesafe.config.Config;
import io.sonde.ceilometer.Pipes.Block;
import io.sonde.ceilometer.Remark.Kind;
import io.sonde.publish.Publishers;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Takes Ceilometer's files in, each kind by a method of its own, and gives what of them Sonde does.
 * All methods that read throw {@link FormException} for what Ceilometer would not start with.
 */
public final class CeilometerImport {
  private final Release release;
  private final SinkCheck check;
  private final boolean hasEventPipelines;
  private final Remarks remarks = new Remarks();
  private final DefinitionReading definitions;
  private final List<String> files = new ArrayList<>();
  private Pipes samples = Pipes.NONE;
  private Pipes events = Pipes.NONE;

  /**
   * @param hasEventPipelines whether the configuration has {@code sonde.event-pipeline}; else what
   *     would stand there is lost
   */
  CeilometerImport(
      Release release,
      SinkCheck check,
      DefinitionCheck definitionCheck,
      boolean hasEventPipelines) {
    this.release = release;
    this.check = check;
    this.hasEventPipelines = hasEventPipelines;
    this.definitions = new DefinitionReading(release, definitionCheck, remarks);
  }

  /**
   * An import into a configuration.
   *
   * @param sonde the block {@code sonde}, complete
   */
  public static CeilometerImport into(Config sonde, Release release) {
    return new CeilometerImport(
        release,
        SinkCheck.by(sonde.getConfig("pipeline")),
        DefinitionCheck.by(sonde.getConfig("definitions")),
        sonde.hasPath("event-pipeline"));
  }

  /** Reads a pipeline.yaml. */
  public void pipeline(Path file) throws IOException {
    read(file, root -> samples = translated(root, false));
  }

  /** Reads an event_pipeline.yaml. */
  public void eventPipeline(Path file) throws IOException {
    read(
        file,
        root -> {
          Pipes pipes = translated(root, true);
          if (hasEventPipelines) {
            events = pipes;
          } else {
            sayEventsAreNotPiped(pipes);
          }
        });
  }

  /** Reads a polling.yaml. */
  public void polling(Path file) throws IOException {
    read(file, new PollingReading(release, remarks)::read);
  }

  /** Reads a meters.yaml; of several the first goes before the others. */
  public void meters(Path file) throws IOException {
    read(file, definitions::meters);
  }

  /** Reads an event_definitions.yaml. */
  public void eventDefinitions(Path file) throws IOException {
    read(file, definitions::events);
  }

  /** Reads the files of a folder of dynamic pollsters. */
  public void pollsters(Path folder) throws IOException {
    if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
      throw new FileSystemException(folder.toString(), null, "not a folder that can be read");
    }
    List<Path> found;
    try (Stream<Path> all = Files.list(folder)) {
      found = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    for (Path file : found) {
      read(file, definitions::pollsters);
    }
  }

  private void read(Path file, Consumer<YamlValue> reader) throws IOException {
    files.add(file.toString());
    YamlValue root = YamlFile.read(file, remarks);
    if (root == null || root.isNull()) {
      throw new FormException(file.toString(), 1, "expected Ceilometer's YAML, found nothing");
    }
    reader.accept(root);
  }

  private Pipes translated(YamlValue root, boolean isOfEvents) {
    Pipes pipes = new PipelineTranslation(isOfEvents, release, check, remarks).translate(root);
    if (pipes.sources().isEmpty()) {
      remarks.lost(
          root,
          "no source is left: the block is not written, and Sonde's own "
              + (isOfEvents ? "way of events" : "pipelines")
              + " stay in force");
      return Pipes.NONE;
    }
    return pipes;
  }

  /** Without pipelines every event is stored, which is what the usual file asks for. */
  private void sayEventsAreNotPiped(Pipes pipes) {
    for (Block source : pipes.sources()) {
      boolean takesAll = source.keys().get("events").equals(List.of("*"));
      String name = (String) source.keys().get("name");
      if (takesAll) {
        remarks.note(
            source.origin(), "the source " + name + ": all events are stored here as it is");
      } else {
        remarks.lost(
            source.origin(),
            "the source " + name + " takes some events only: a later version can; all are stored");
      }
    }
    for (Block sink : pipes.sinks()) {
      if (!sink.keys().get("publishers").equals(List.of(Publishers.COLLECTOR))) {
        remarks.lost(
            sink.origin(),
            "the sink " + sink.keys().get("name") + ": a later version publishes events");
      }
    }
  }

  /** What all that was read comes to. */
  public Imported result() {
    HoconText text = new HoconText();
    text.comment(0, "Written by sonde import-ceilometer --release " + name(release) + " from");
    files.forEach(file -> text.comment(0, "  " + printable(file)));
    List<Remark> all = remarks.sorted();
    List<Remark> lost = all.stream().filter(remark -> remark.kind() == Kind.LOST).toList();
    if (!lost.isEmpty()) {
      text.comment(0, "Not carried over:");
      lost.forEach(remark -> text.comment(0, "  " + printable(remark.toString())));
    }
    if (!samples.sources().isEmpty()) {
      samples.write("sonde.pipeline", text);
    }
    if (!events.sources().isEmpty()) {
      events.write("sonde.event-pipeline", text);
    }
    List<Block> meters = definitions.meterBlocks();
    List<Block> eventDefinitions = definitions.eventBlocks();
    if (!meters.isEmpty() || !eventDefinitions.isEmpty()) {
      text.line(0, "").line(0, "sonde.definitions {");
      Pipes.writeUnlessEmpty("meters", meters, text);
      Pipes.writeUnlessEmpty("events", eventDefinitions, text);
      text.line(0, "}");
    }
    return new Imported(
        text.toString(),
        all,
        samples.sources().size() + events.sources().size(),
        samples.sinks().size() + events.sinks().size(),
        meters.size() + eventDefinitions.size());
  }

  private static String name(Release release) {
    return release == Release.NEWTON ? "newton" : "current";
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
