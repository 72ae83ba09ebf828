package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** The transformers that configurations can name: the built-in ones and those on the class path. */
final class Transformers {
  private final Map<String, Function<ConfigSection, Transformer>> byName = new TreeMap<>();

  Transformers() {
    for (TransformerFactory factory : ServiceLoader.load(TransformerFactory.class)) {
      byName.put(factory.name(), factory::create);
    }
    // Entered last: a library cannot change what the built-in names mean.
    byName.put(UnitConversion.NAME, UnitConversion::new);
    byName.put(RateOfChange.NAME, RateOfChange::new);
  }

  TransformerDefinition create(ConfigSection entry) {
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
