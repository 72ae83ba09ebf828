package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.publish.EventPublication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventPipelinesTest {
  private static final String SOURCE = "sources=[{name=all,events=[\"*\"],sinks=[store]}]";
  private static final String SINK = "sinks=[{name=store,publishers=[collector]}]";

  @Test
  void byDefaultAllEventsAreStored() {
    EventPipelines pipelines =
        PipelineSettings.from(
                ConfigFactory.parseResources("application.conf").resolve().getConfig("sonde"))
            .events();
    assertThat(pipelines.sources()).hasSize(1);
    assertThat(pipelines.sinks().get(0).publishers()).containsExactly("collector://");
    assertThat(pipelines.publications()).isEmpty();
  }

  @Test
  void publishersOfSeveralSinksAreThereOnce() {
    EventPipelines pipelines =
        read(
            SOURCE,
            "sinks=[{name=store,publishers=[collector,\"http://u:p@h/e\"]},"
                + "{name=other,publishers=[\"file:///tmp/e\",\"http://u:q@h/e\"]}]");
    assertThat(pipelines.publications())
        .extracting(EventPublication::name)
        .containsExactly("events to http://u:***@h/e", "events to file:///tmp/e");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sources=[]|sinks: missing, expected a list of sinks",
        "sources=[],sinks=[{name=s}]|sinks[0].publishers: missing",
        "sources=[],sinks=[{name=s,publishers=[]}]|sinks[0].publishers: \"[]\" is not a list of at",
        "sources=[],sinks=[{name=s,publishers=[\"udp://h\"]}]|sinks[0].publishers[0]: \"udp://h\" is"
            + " not the URL of a publisher that takes events",
        "sources=[],sinks=[{name=s,transformers=[],publishers=[collector]}]|sinks[0].transformers:",
        "sources=[{name=a,events=[],sinks=[s]}],sinks=[{name=s,publishers=[collector]}]"
            + "|sources[0].events: \"[]\" is not a list of at least one pattern",
        "sources=[{name=a,events=[x],sinks=[t]}],sinks=[{name=s,publishers=[collector]}]"
            + "|sources[0].sinks[0]: \"t\" is not the name of a sink in sonde.event-pipeline.sinks",
        "sources=[{name=a,meters=[x],sinks=[s]}],sinks=[{name=s,publishers=[collector]}]"
            + "|sources[0].meters: ",
        "sources=[],sinks=[{name=s,publishers=[collector]},{name=s,publishers=[collector]}]"
            + "|sinks[1].name: \"s\" is not a name that no other sink has",
      })
  void namesWhatIsWrong(String block, String message) {
    assertThatThrownBy(() -> EventPipelines.from(ConfigFactory.parseString(block)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.event-pipeline." + message);
  }

  @Test
  void aVersionIsOfEventsToo() {
    String pipeline = "pipeline{sources=[],sinks=[],stages-per-sink=1,idle-after=1d},";
    PipelineSettings one =
        PipelineSettings.from(
            ConfigFactory.parseString(pipeline + "event-pipeline{sources=[],sinks=[]}"));
    PipelineSettings other =
        PipelineSettings.from(
            ConfigFactory.parseString(pipeline + "event-pipeline{" + SOURCE + "," + SINK + "}"));
    assertThat(one.version()).isNotEqualTo(other.version());
    assertThat(other.definitions()).contains("\"events\":{");
  }

  private static EventPipelines read(String sources, String sinks) {
    return EventPipelines.from(ConfigFactory.parseString(sources + "," + sinks));
  }
}
