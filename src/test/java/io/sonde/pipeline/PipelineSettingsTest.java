package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.Door;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.publish.Publication;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineSettingsTest {
  private static final String SOURCE = "sources=[{name=all,meters=[\"*\"],sinks=[store]}]";
  private static final String SINK = "sinks=[{name=store,publishers=[\"collector://\"]}]";

  @Test
  void defaultsStoreAllAndDeriveRatesOfPolledSamplesOnly() {
    PipelineSettings settings = PipelineSettings.from(defaults());

    assertThat(settings.stagesPerSink()).isEqualTo(4);
    assertThat(sinksOf(settings, Door.HTTP, "cpu")).containsExactly("store");
    assertThat(sinksOf(settings, Door.POLLING, "cpu")).containsExactly("store", "cpu-rate");
    assertThat(sinksOf(settings, Door.POLLING, "memory")).containsExactly("store");
  }

  @Test
  void defaultRatesAreGaugesPerSecond() {
    PipelineSettings settings = PipelineSettings.from(defaults());

    assertThat(derived(settings, "disk-rate", "disk.device.write.requests", "request"))
        .isEqualTo("disk.device.write.requests.rate gauge request/s");
    assertThat(derived(settings, "network-rate", "network.incoming.bytes", "B"))
        .isEqualTo("network.incoming.bytes.rate gauge B/s");
    assertThat(derived(settings, "cpu-rate", "cpu", "ns")).isEqualTo("cpu_util gauge %");
  }

  @Test
  void listsAreReplacedAsAWhole() {
    Config config =
        ConfigFactory.parseString("sonde.pipeline { sources = [], sinks = [] }")
            .withFallback(ConfigFactory.parseResources("application.conf"))
            .getConfig("sonde");

    assertThat(PipelineSettings.from(config).sources()).isEmpty();
  }

  @Test
  void theVersionIsThatOfTheMeaning() {
    String version = read(SOURCE, SINK).version();

    assertThat(version).hasSize(64).matches("[0-9a-f]+");
    assertThat(
            read(
                    "sources=[{sinks=[store],doors=[notification,http,remote-write,polling],meters=[\"*\"],name=all}]",
                    "sinks=[{publishers=[collector],transformers=[],name=store}]")
                .version())
        .isEqualTo(version);
    assertThat(read("sources=[]", SINK).version()).isNotEqualTo(version);
  }

  @Test
  void publicationsSayWhichSinksAreNotStored() {
    PipelineSettings settings =
        read(
            "sources=[]",
            "sinks=[{name=a,publishers=[collector,\"file:///x\"]},"
                + "{name=b,publishers=[\"file:///x\",\"file:///y\"]},{name=c,publishers=[collector]}]");
    assertThat(settings.publications())
        .containsExactly(
            new Publication("file:///x", Set.of("a", "b"), Set.of("b")),
            new Publication("file:///y", Set.of("b"), Set.of("b")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "meters=[cpu],sinks=[store]|sources[0].name: missing, expected a name for the source",
        "name=\"a~b\",meters=[cpu],sinks=[store]|sources[0].name: \"a~b\" is not a name of up to",
        "name=a,sinks=[store]|sources[0].meters: missing, expected a list of meter patterns",
        "name=a,meters=cpu,sinks=[store]|sources[0].meters: \"cpu\" is not a list of meter patterns",
        "name=a,meters=[7],sinks=[store]|sources[0].meters[0]: \"7\" is not a text",
        "name=a,meters=[],sinks=[store]|sources[0].meters: \"[]\" is not a list of at least one",
        "name=a,meters=[cpu]|sources[0].sinks: missing, expected a list of names of sinks",
        "name=a,meters=[cpu],sinks=[]|sources[0].sinks: \"[]\" is not a list of at least one sink",
        "name=a,meters=[cpu],sinks=[x]|sources[0].sinks[0]: \"x\" is not the name of a sink",
        "name=a,meters=[cpu],sinks=[store,store]|sources[0].sinks[1]: \"store\" is not named once",
        "name=a,meters=[cpu],sinks=[store],doors=[]|sources[0].doors: \"[]\" is not a list of at",
        "name=a,meters=[cpu],sinks=[store],doors=[x]|sources[0].doors[0]: \"x\" is not one of",
        "name=a,meters=[cpu],sinks=[store],meter=x|sources[0].meter: \"meter\" is not one of the",
      })
  void refusesSources(String source, String message) {
    assertRefused("sources=[{" + source + "}]", SINK, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "publishers=[collector]|sinks[0].name: missing, expected a name for the sink",
        "name=store|sinks[0].publishers: missing, expected a list of the URLs of",
        "name=store,publishers=[]|sinks[0].publishers: \"[]\" is not a list of at least one",
        "name=store,publishers=[\"foo://\"]|sinks[0].publishers[0]: \"foo://\" is not one of"
            + " collector://, amqp://…",
        "name=store,publishers=[file]|sinks[0].publishers[0]: \"file://\" is not a URL that names",
        "name=store,publishers=[collector],x=1|sinks[0].x: \"x\" is not one of the keys name,",
        "name=store,publishers=[collector],transformers=7|sinks[0].transformers: \"7\" is not a",
        "name=store,publishers=[collector],transformers=[7]|sinks[0].transformers[0]: \"7\" is not",
      })
  void refusesSinks(String sink, String message) {
    assertRefused("sources=[]", "sinks=[{" + sink + "}]", message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|name: missing, expected one of accumulator, aggregator,",
        "{name=delta2}|name: \"delta2\" is not one of accumulator, aggregator,",
        "{name=rate_of_change,parameter={}}|parameter: \"parameter\" is not one of the keys",
        "{name=rate_of_change,parameters=7}|parameters: \"7\" is not an object",
        "{name=rate_of_change,parameters{size=1}}|parameters.size: \"size\" is not one of the keys",
        "{name=rate_of_change,parameters{source{x=1}}}|parameters.source.x: \"x\" is not one of",
        "{name=rate_of_change,parameters{target{type=x}}}|parameters.target.type: \"x\" is not one",
        "{name=rate_of_change,parameters{target{max=x}}}|parameters.target.max: \"x\" is not a num",
        "{name=rate_of_change,parameters{target{scale=0}}}|parameters.target.scale: \"0\" is not",
        "{name=rate_of_change,parameters{target{scale=\"1+\"}}}|parameters.target.scale: \"1+\" is"
            + " not an expression",
        "{name=rate_of_change,parameters{source.map_from.name=x}}|parameters.target.map_to.name:"
            + " missing, expected a text, because",
        "{name=rate_of_change,parameters{target.map_to.unit=x}}|parameters.source.map_from.unit:"
            + " missing",
        "{name=unit_conversion,parameters{source.map_from.name=\"(\",target.map_to.name=x}}"
            + "|parameters.source.map_from.name: \"(\" is not a regular expression",
        "{name=unit_conversion,parameters{source.map_from.name=x,target.map_to.name=\"\\\\1\"}}"
            + "|parameters.target.map_to.name: \"\\1\" is not a replacement",
      })
  void refusesTransformers(String transformer, String message) {
    assertRefused(
        "sources=[]",
        "sinks=[{name=store,publishers=[collector],transformers=[" + transformer + "]}]",
        "sinks[0].transformers[0]." + message);
  }

  @Test
  void refusesDuplicatesAndWhatIsMissing() {
    String source = "{name=a,meters=[cpu],sinks=[store]}";
    String sink = "{name=store,publishers=[collector]}";

    assertRefused("sources=[" + source + "," + source + "]", SINK, "sources[1].name: \"a\" is not");
    assertRefused("sources=[]", "sinks=[" + sink + "," + sink + "]", "sinks[1].name: \"store\" is");
    assertRefused("", SINK, "sources: missing, expected a list of sources");
    assertRefused(SOURCE, "", "sinks: missing, expected a list of sinks");
    assertRefused("sources=[]", SINK + ",stage=3", "stage: \"stage\" is not one of the keys");
    assertRefused("sources=[]", SINK + ",stages-per-sink=0", "stages-per-sink: \"0\" is not a who");
    assertRefused("sources=[]", SINK + ",stages-per-sink=1.5", "stages-per-sink: \"1.5\" is not");
  }

  private static Config defaults() {
    return ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde");
  }

  private static PipelineSettings read(String sources, String sinks) {
    return PipelineSettings.from(
        ConfigFactory.parseString(
            "pipeline {stages-per-sink=4,idle-after=1d\n"
                + sources
                + "\n"
                + sinks
                + "\n},event-pipeline{sources=[],sinks=[]}"));
  }

  private static void assertRefused(String sources, String sinks, String message) {
    assertThatThrownBy(() -> read(sources, sinks))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.pipeline." + message);
  }

  private static List<String> sinksOf(PipelineSettings settings, Door door, String meter) {
    return settings.sources().stream()
        .filter(source -> source.takes(door, meter))
        .flatMap(source -> source.sinks().stream())
        .toList();
  }

  private static String derived(
      PipelineSettings settings, String sinkName, String meter, String unit) {
    Series series = Samples.series(meter, MeterType.CUMULATIVE, unit, "vm");
    Transformer rate = settings.sink(sinkName).transformers().get(0).transformer();
    byte[] memory = new Reading(Samples.START, 0, null).bytes();
    Sample output = rate.apply(Samples.sample(series, 10, 5), memory, 0).outputs().get(0);
    Series made = output.series();
    return made.meter() + " " + made.type().wireName() + " " + made.unit();
  }
}
