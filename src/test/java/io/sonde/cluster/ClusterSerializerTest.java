package io.sonde.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.series.CorruptDataException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterSerializerTest {
  private static final int FRAME = 128 * 1024;

  private static TestNodes nodes;
  private static ActorTestKit kit;
  private static Serialization serialization;

  @BeforeAll
  static void start() {
    nodes = new TestNodes();
    kit = nodes.start(Role.API);
    serialization = SerializationExtension.get(Adapter.toClassic(kit.system()));
  }

  @AfterAll
  static void stop() {
    nodes.close();
  }

  @Test
  void everyMessageSurvives() {
    TestProbe<NodeReport> probe = kit.createTestProbe(NodeReport.class);
    NodeReport full =
        new NodeReport(
            "h:1",
            "0.1.0",
            1_700_000_000_000L,
            "http://h:2",
            "größer als erlaubt",
            1L << 40,
            List.of(new Hosted(EntityKind.STAGE, 3, 4), new Hosted(EntityKind.DISCOVERY, -1, -1)),
            List.of(
                new CollectorState(1, 2, 3, 4, 5, 6, 0, null),
                new CollectorState(2, 3, 4, 5, 6, 7, 8, "failed")),
            List.of(new PublisherLag("file:///x", 1, 2, 3)),
            List.of(new StageBacklog("s~0", 1, 2)),
            true);
    NodeReport empty =
        new NodeReport(
            "h:1", "", 0, null, null, 0, List.of(), List.of(), List.of(), List.of(), false);
    for (ClusterMessage message : List.of(full, empty, new NodeAgent.Tell(probe.getRef()))) {
      assertThat(roundTrip(message)).isEqualTo(message);
    }
  }

  @Test
  void aReportOfAVeryLargeNodeIsCutToWhatAMessageHolds() {
    String name = "ß".repeat(100);
    NodeReport huge =
        new NodeReport(
            "h:1",
            "",
            0,
            null,
            null,
            0,
            List.of(),
            IntStream.range(0, 5_000)
                .mapToObj(
                    i ->
                        new CollectorState(
                            i, i, Long.MAX_VALUE, i, Long.MAX_VALUE, i, Long.MAX_VALUE, "written"))
                .toList(),
            IntStream.range(0, 5_000)
                .mapToObj(i -> new PublisherLag(name + i, Long.MAX_VALUE, i, Long.MAX_VALUE))
                .toList(),
            IntStream.range(0, 5_000)
                .mapToObj(i -> new StageBacklog(name + i, Long.MAX_VALUE, Long.MAX_VALUE))
                .toList(),
            false);
    NodeReport cut = huge.bounded();
    assertThat(cut.isCut()).isTrue();
    assertThat(cut.collectors().size()).isGreaterThan(100);
    assertThat(cut.publishers()).isNotEmpty();
    assertThat(cut.stages()).isNotEmpty();
    assertThat(serialization.serialize(cut).get().length).isLessThan(FRAME - 8_000);
    assertThat(roundTrip(cut).equals(cut)).isTrue();
  }

  @Test
  void anotherVersionIsRefused() {
    NodeAgent.Tell tell = new NodeAgent.Tell(kit.createTestProbe(NodeReport.class).getRef());
    byte[] bytes = serialization.serialize(tell).get();
    bytes[0]++;
    ClusterSerializer serializer = (ClusterSerializer) serialization.findSerializerFor(tell);
    assertThatThrownBy(() -> serializer.fromBinary(bytes, serializer.manifest(tell)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("version 2");
  }

  private static Object roundTrip(Object message) {
    byte[] bytes = serialization.serialize(message).get();
    ClusterSerializer serializer = (ClusterSerializer) serialization.findSerializerFor(message);
    return serializer.fromBinary(bytes, serializer.manifest(message));
  }
}
