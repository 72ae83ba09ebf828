package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.PipelineStage.Batch;
import io.sonde.pipeline.PipelineStage.Reply;
import io.sonde.pipeline.PipelineStage.Stored;
import io.sonde.pipeline.PipelineStage.Unavailable;
import io.sonde.series.CorruptDataException;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StageSerializerTest {
  /** Both are stored in databases: what these bytes mean may never change. */
  private static final String GOLDEN_EVENT =
      "01070501000a6f70656e737461636b0463707502036e7303766d0870726f6a65637405757365"
          + "72008080f281838985063ff800000000000001010a6f70656e737461636b0463707502036e73"
          + "03766d0870726f6a65637405757365720001087b226e223a327d01008080f281838985064004"
          + "0000000000000000";

  private static final String GOLDEN_SNAPSHOT =
      "01070501000a6f70656e737461636b0463707502036e7303766d0870726f6a65637405757365"
          + "72008080f281838985063ff8000000000000010701010a6f70656e737461636b046370750203"
          + "6e7303766d0870726f6a65637405757365720001087b226e223a327d01008080f28183898506"
          + "40040000000000000000";

  private static final ActorTestKit KIT = ActorTestKit.create("serializer", StageTestKit.CONFIG);
  private static final Serialization SERIALIZATION = SerializationExtension.get(KIT.system());

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void everyMessageComesBack() {
    ActorRef<Reply> ref = KIT.<Reply>createTestProbe().ref();
    SampleBatch samples = Samples.batch(Samples.cpu("vm", 0, 1), Samples.cpu("vm", 1, 2));

    Batch batch = roundTrip(new Batch(samples, ref));
    assertThat(batch.samples().samples()).isEqualTo(samples.samples());
    assertThat(batch.replyTo()).isEqualTo(ref);
    assertThat(roundTrip(Stored.INSTANCE)).isSameAs(Stored.INSTANCE);
    assertThat(roundTrip(new Unavailable("why"))).isEqualTo(new Unavailable("why"));
    assertThat(roundTrip(event()).readings()).isEqualTo(event().readings());
  }

  @Test
  void thereAreNoMessagesButThese() {
    assertThat(PipelineStage.class.getDeclaredClasses())
        .filteredOn(StageMessage.class::isAssignableFrom)
        .containsExactlyInAnyOrder(Batch.class, Stored.class, Unavailable.class, Advanced.class);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    StageSerializer serializer = (StageSerializer) SERIALIZATION.findSerializerFor(Stored.INSTANCE);

    assertThatThrownBy(() -> serializer.fromBinary(new byte[] {9}, "E"))
        .isInstanceOf(CorruptDataException.class);
    assertThatThrownBy(() -> serializer.fromBinary(new byte[] {9}, "?"))
        .isInstanceOf(CorruptDataException.class);
    assertThatThrownBy(() -> StageState.of(new StageSnapshot(new byte[] {9})))
        .isInstanceOf(CorruptDataException.class);
  }

  @Test
  void goldenEvent() {
    Advanced event = event();

    assertThat(hex(event)).isEqualTo(GOLDEN_EVENT);
    Advanced read = read(GOLDEN_EVENT, event);
    assertThat(read.number()).isEqualTo(7);
    assertThat(read.delivered()).isEqualTo(5);
    assertThat(read.readings()).isEqualTo(event.readings());
    assertThat(read.emitted().samples()).isEqualTo(event.emitted().samples());
  }

  @Test
  void goldenSnapshot() {
    StageSnapshot snapshot = StageState.EMPTY.apply(event()).snapshot();

    assertThat(hex(snapshot)).isEqualTo(GOLDEN_SNAPSHOT);
    StageState state = StageState.of(read(GOLDEN_SNAPSHOT, snapshot));
    assertThat(state.number()).isEqualTo(7);
    assertThat(state.delivered()).isEqualTo(5);
    assertThat(state.keys()).isEqualTo(1);
    event().readings().forEach((key, reading) -> assertThat(state.reading(key)).isEqualTo(reading));
    assertThat(state.outbox())
        .singleElement()
        .satisfies(
            outgoing -> {
              assertThat(outgoing.number()).isEqualTo(7);
              assertThat(outgoing.samples().samples()).isEqualTo(event().emitted().samples());
            });
  }

  private static Advanced event() {
    StageKey key = new StageKey(0, Samples.cpu("vm", 0, 0).series());
    return new Advanced(
        7,
        5,
        Map.of(key, new Reading(Samples.START, 1.5)),
        Samples.batch(Samples.cpu("vm", 0, 2.5)));
  }

  private static String hex(Object message) {
    return HexFormat.of().formatHex(SERIALIZATION.serialize(message).get());
  }

  private static <T> T roundTrip(T message) {
    return read(hex(message), message);
  }

  @SuppressWarnings("unchecked")
  private static <T> T read(String hex, T like) {
    StageSerializer serializer = (StageSerializer) SERIALIZATION.findSerializerFor(like);
    return (T) serializer.fromBinary(HexFormat.of().parseHex(hex), serializer.manifest(like));
  }
}
