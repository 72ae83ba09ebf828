package io.sonde.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.definition.Converted;
import io.sonde.definition.Definitions;
import io.sonde.definition.Notification;
import io.sonde.definition.NotificationException;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.model.Timestamps;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sonde try-notification}: shows what notifications would be turned into. */
@Command(
    name = "try-notification",
    description = "Shows what the notifications in a file would be turned into, and why not.",
    mixinStandardHelpOptions = true)
final class TryNotificationCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  @Parameters(
      paramLabel = "FILE",
      description =
          "JSON: a notification, an array of them, or one after the other; - is standard input")
  private String file;

  @Mixin private ConfigOptions options;

  @Spec private CommandSpec spec;

  private int samples;
  private int events;
  private int refused;

  @Override
  public Integer call() {
    Definitions definitions = Definitions.from(options.load().getConfig("sonde.definitions"));
    List<JsonNode> all;
    try {
      all =
          Notification.readAll(
              file.equals(STANDARD_INPUT)
                  ? System.in.readAllBytes()
                  : Files.readAllBytes(Path.of(file)));
    } catch (IOException e) {
      return Main.complain("cannot read " + e.getMessage(), Main.FAILED);
    } catch (NotificationException e) {
      return Main.complain(file + ": " + e.getMessage(), Main.FAILED);
    }
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < all.size(); i++) {
      show(i + 1, all.get(i), definitions, out);
    }
    out.printf(
        "%d notifications: %d samples, %d events, %d refused%n",
        all.size(), samples, events, refused);
    return refused == 0 ? 0 : Main.FAILED;
  }

  private void show(int number, JsonNode tree, Definitions definitions, PrintWriter out) {
    try {
      Notification notification = Notification.of(tree);
      out.println(number + ": " + notification);
      Converted converted = definitions.convert(notification);
      converted.samples().forEach(sample -> out.println("  sample " + shown(sample)));
      if (!definitions.measures(notification.eventType())) {
        out.println("  no samples: no definition of a meter is for this type");
      }
      if (converted.event() != null) {
        events++;
        out.println("  event at " + Timestamps.format(converted.event().generated()));
        converted.event().traits().forEach(trait -> out.println("    " + shown(trait)));
      }
      converted.remarks().forEach(remark -> out.println("  remark: " + remark));
      samples += converted.samples().size();
    } catch (NotificationException e) {
      refused++;
      out.println(number + ": refused: " + e.getMessage());
    }
  }

  private static String shown(Sample sample) {
    Series series = sample.series();
    return String.format(
        "%s %s %s %s, resource %s, project %s, user %s, at %s, metadata %s",
        series.meter(),
        series.type().wireName(),
        sample.volume(),
        series.unit(),
        series.resourceId(),
        series.projectId(),
        series.userId(),
        Timestamps.format(sample.timestamp()),
        sample.metadata());
  }

  private static String shown(Trait trait) {
    return trait.name()
        + " = "
        + (trait.type() == TraitType.DATETIME
            ? Timestamps.format((Long) trait.value())
            : trait.value())
        + " ("
        + trait.type().wireName()
        + ")";
  }
}
