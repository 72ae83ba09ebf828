package io.sonde.pipeline;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.publish.Plugins;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The transformers that configurations can name: the built-in ones and those of {@link Plugins}.
 */
final class Transformers {
  private static final String KEY = "transformers";

  private final Map<String, Function<ConfigSection, Transformer>> byName = new TreeMap<>();

  Transformers() {
    for (TransformerFactory factory : Plugins.of(TransformerFactory.class)) {
      byName.put(factory.name(), factory::create);
    }
    // Entered last: a library cannot change what the built-in names mean.
    byName.put(Accumulator.NAME, Accumulator::new);
    byName.put(Aggregator.NAME, Aggregator::new);
    byName.put(Arithmetic.NAME, Arithmetic::new);
    byName.put(Delta.NAME, Delta::new);
    byName.put(RateOfChange.NAME, RateOfChange::new);
    byName.put(UnitConversion.NAME, UnitConversion::new);
  }

  /** The transformers of a sink, in their order; none where the key is missing. */
  List<TransformerDefinition> chain(ConfigSection sink) {
    List<TransformerDefinition> steps = new ArrayList<>();
    if (sink.has(KEY)) {
      sink.sections(KEY, "a list of transformers").forEach(entry -> steps.add(create(entry)));
    }
    return List.copyOf(steps);
  }

  /**
   * What {@link SinkDefinition#definition} was made of.
   *
   * @throws ConfigException when a transformer is not known any more
   */
  List<TransformerDefinition> parse(String definition) {
    return chain(ConfigSection.of(ConfigFactory.parseString(definition), "recorded"));
  }

  private TransformerDefinition create(ConfigSection entry) {
    entry.allow("name", "parameters");
    String expected = "one of " + String.join(", ", byName.keySet());
    String name = entry.text("name", expected);
    Function<ConfigSection, Transformer> factory = byName.get(name);
    if (factory == null) {
      throw new ConfigException(entry.path("name"), name, expected);
    }
    ConfigSection parameters = entry.section("parameters");
    return new TransformerDefinition(name, parameters.tree(), factory.apply(parameters));
  }
}
