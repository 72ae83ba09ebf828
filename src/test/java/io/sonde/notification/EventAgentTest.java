package io.sonde.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.store.EventRetention;
import io.sonde.store.EventStore.Routed;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EventAgentTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");
  private static final long MICROS = NOW.getEpochSecond() * 1_000_000;

  private final List<String> delivered = new ArrayList<>();

  @Test
  void eventsGoWhereTheirTypesAreTakenAndOnceThough() {
    EventAgent agent =
        agent(
            """
            sources = [
              { name = a, events = ["compute.*", "!compute.metrics.*"], sinks = [store, out] }
              { name = b, events = ["*.end"], sinks = [out, both] }
            ]
            sinks = [
              { name = store, publishers = [collector] }
              { name = out, publishers = ["file:///out"] }
              { name = both, publishers = [collector, "file:///out", "http://h/e"] }
            ]
            """,
            "null");
    assertThat(submit(agent, "compute.instance.create.start", "compute.instance.create.end"))
        .isEqualTo(new Receipt(2, 0, 0));
    assertThat(submit(agent, "compute.metrics.update")).isEqualTo(new Receipt(1, 0, 0));
    assertThat(submit(agent, "volume.create.end", "volume.create.start"))
        .isEqualTo(new Receipt(2, 0, 0));
    String tag = tag(delivered.get(0));
    assertThat(tag).matches("[0-9a-f]{16}");
    assertThat(delivered)
        .containsExactly(
            "compute.instance.create.start store@" + tag + " [events to file:///out]",
            "compute.instance.create.end store,both@"
                + tag
                + " [events to file:///out, events to http://h/e]",
            "volume.create.end both@" + tag + " [events to file:///out, events to http://h/e]");
  }

  @Test
  void whatIsNotStoredHasNoNote() {
    EventAgent agent =
        agent(
            """
            sources = [{ name = a, events = ["*"], sinks = [out] }]
            sinks = [{ name = out, publishers = ["file:///out"] }]
            """,
            "null");
    submit(agent, "t");
    assertThat(delivered).containsExactly("t  [events to file:///out]");
    agent.use(
        pipelines(
            """
            sources = [{ name = a, events = ["!t"], sinks = [out] }]
            sinks = [{ name = out, publishers = ["file:///out"] }]
            """));
    submit(agent, "t");
    assertThat(delivered).hasSize(1);
  }

  @Test
  void whatIsTooOldIsRefused() {
    EventAgent agent =
        agent(
            """
            sources = [{ name = a, events = ["*"], sinks = [store] }]
            sinks = [{ name = store, publishers = [collector] }]
            """,
            "1 day");
    Receipt receipt =
        agent
            .submit(List.of(event("old", MICROS - 86_400_000_001L), event("new", MICROS)))
            .toCompletableFuture()
            .join();
    assertThat(receipt)
        .isEqualTo(new Receipt(1, 0, 0, 1, "events from before 2026-01-01T00:00:00Z are not kept"));
    assertThat(delivered).singleElement().asString().startsWith("new store@");
  }

  private static String tag(String described) {
    return described.substring(described.indexOf('@') + 1, described.indexOf(" ["));
  }

  private static Receipt submit(EventAgent agent, String... types) {
    return agent
        .submit(List.of(types).stream().map(type -> event(type, MICROS)).toList())
        .toCompletableFuture()
        .join();
  }

  private static Event event(String type, long generated) {
    return new Event("id", type, generated, List.of(), Event.NO_RAW);
  }

  private EventAgent agent(String pipelines, String keep) {
    return new EventAgent(
        EventRetention.from(
            ConfigFactory.parseString("events.keep = " + keep), Clock.fixed(NOW, ZoneOffset.UTC)),
        pipelines(pipelines),
        events -> {
          events.forEach(event -> delivered.add(described(event)));
          return CompletableFuture.completedFuture(new Receipt(events.size(), 0, 0));
        });
  }

  private static PipelineSettings pipelines(String block) {
    return PipelineSettings.from(
        ConfigFactory.parseString(
            "pipeline{sources=[],sinks=[],stages-per-sink=1,idle-after=1d}\nevent-pipeline{\n"
                + block
                + "}"));
  }

  private static String described(Routed routed) {
    return routed.event().eventType()
        + " "
        + routed.note()
        + " "
        + new TreeSet<>(routed.publishers());
  }
}
