package io.sonde.ceilometer;

import com.typesafe.config.Config;
import io.sonde.ceilometer.Pipes.Block;
import io.sonde.ceilometer.Remark.Kind;
import io.sonde.polling.PollsterFactory;
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
  private final SinkCheck checkOfEvents;
  private final Remarks remarks = new Remarks();
  private final DefinitionReading definitions;
  private final List<String> files = new ArrayList<>();
  private final PollingCheck pollingCheck;
  private final PollingReading polling;
  private final PollsterTranslation pollsters;
  private List<Block> polled;
  private Pipes samples = Pipes.NONE;
  private Pipes events = Pipes.NONE;

  private CeilometerImport(
      Release release,
      SinkCheck check,
      SinkCheck checkOfEvents,
      DefinitionCheck definitionCheck,
      PollingCheck pollingCheck) {
    this.release = release;
    this.check = check;
    this.checkOfEvents = checkOfEvents;
    this.definitions = new DefinitionReading(release, definitionCheck, remarks);
    this.pollingCheck = pollingCheck;
    this.polling = new PollingReading(release, remarks);
    this.pollsters = new PollsterTranslation(pollingCheck, remarks);
  }

  /**
   * An import into a configuration.
   *
   * @param sonde the block {@code sonde}, complete
   * @param factories of all pollsters that there are
   */
  public static CeilometerImport into(
      Config sonde, Release release, List<PollsterFactory> factories) {
    return new CeilometerImport(
        release,
        SinkCheck.by(sonde),
        SinkCheck.ofEvents(sonde),
        DefinitionCheck.by(sonde.getConfig("definitions")),
        PollingCheck.by(sonde.getConfig("polling"), factories));
  }

  /** Reads a pipeline.yaml. */
  public void pipeline(Path file) throws IOException {
    read(file, root -> samples = translated(root, false));
  }

  /** Reads an event_pipeline.yaml. */
  public void eventPipeline(Path file) throws IOException {
    read(file, root -> events = translated(root, true));
  }

  /** Reads a polling.yaml. */
  public void polling(Path file) throws IOException {
    read(file, polling::read);
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
      read(file, pollsters::read);
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
    Pipes pipes =
        new PipelineTranslation(
                isOfEvents, release, isOfEvents ? checkOfEvents : check, polling, remarks)
            .translate(root);
    if (pipes.sources().isEmpty()) {
      remarks.lost(
          root,
          "no source is left: the block is not written, and Sonde's own "
              + (isOfEvents ? "pipelines of events" : "pipelines")
              + " stay in force");
      return Pipes.NONE;
    }
    return pipes;
  }

  /** What all that was read comes to. */
  public Imported result() {
    if (polled == null) {
      // Last, as it depends on the pollsters of all files.
      polled =
          new PollingTranslation(pollingCheck, pollsters.discoveries(), remarks)
              .translate(polling.sources());
    }
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
    if (!polled.isEmpty() || !pollsters.blocks().isEmpty()) {
      // Beside what Sonde polls and defines by itself.
      text.line(0, "").line(0, "sonde.polling {");
      Pipes.add("sources", polled, text);
      Pipes.add("pollsters.dynamic.definitions", pollsters.blocks(), text);
      text.line(0, "}");
    }
    return new Imported(
        text.toString(),
        all,
        samples.sources().size() + events.sources().size() + polled.size(),
        samples.sinks().size() + events.sinks().size(),
        meters.size() + eventDefinitions.size() + pollsters.blocks().size());
  }

  private static String name(Release release) {
    return release == Release.NEWTON ? "newton" : "current";
  }

  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
