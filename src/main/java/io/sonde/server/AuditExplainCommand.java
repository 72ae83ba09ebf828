package io.sonde.server;

import io.sonde.audit.Explained;
import io.sonde.audit.Explainer;
import io.sonde.http.ExplainedJson;
import io.sonde.model.SampleId;
import io.sonde.store.Database;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sonde audit explain}: where a sample comes from. */
@Command(
    name = "explain",
    description = "Says when a sample was recorded, by what way it came and what made it.",
    mixinStandardHelpOptions = true)
final class AuditExplainCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--sample",
      required = true,
      paramLabel = "ID",
      description = "The id that Sonde gave it.")
  private String sample;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    SampleId.Place id = SampleId.parse(sample);
    if (id == null) {
      throw new ParameterException(
          spec.commandLine(), "--sample: '" + sample + "' is not an id that Sonde gives a sample");
    }
    return AuditDatabase.use(
        NodeSettings.from(options.load()), spec, (database, collectors) -> explain(database, id));
  }

  private int explain(Database database, SampleId.Place id) {
    Explainer explainer = new Explainer(database);
    Explained explained = explainer.explain(id);
    if (explained.origin() == null) {
      return Main.complain(
          "no journal has the sample " + sample + ", or not any more", AuditCommand.CANNOT_TELL);
    }
    spec.commandLine()
        .getOut()
        .println(ExplainedJson.text(explained, explainer.origins().metadata(explained.origin())));
    return AuditCommand.HOLDS;
  }
}
