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
import io.sonde.pipeline.StageState.Change;
import io.sonde.series.CorruptDataException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StageSerializerTest {
  /** Both are stored in databases: what these bytes mean may never change. */
  private static final String GOLDEN_EVENT =
      "02070580e2cfaa061130313233343536373839616263646566037b7d01020103000a6f70656e"
          + "737461636b0463707502036e7303766d0870726f6a6563740575736572000301020300000101"
          + "0a6f70656e737461636b0463707502036e7303766d0870726f6a65637405757365720001087b"
          + "226e223a327d01008080f2818389850640040000000000000000";

  private static final String GOLDEN_SNAPSHOT =
      "020705037b7d010101000a6f70656e737461636b0463707502036e7303766d0870726f6a6563"
          + "740575736572000301020380e2cfaa060107113031323334353637383961626364656601010a"
          + "6f70656e737461636b0463707502036e7303766d0870726f6a65637405757365720001087b22"
          + "6e223a327d01008080f2818389850640040000000000000000";

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
    assertThat(roundTrip(PipelineStage.Wake.INSTANCE)).isSameAs(PipelineStage.Wake.INSTANCE);
    assertThat(hex(roundTrip(event()))).isEqualTo(hex(event()));
  }

  @Test
  void thereAreNoMessagesButThese() {
    assertThat(PipelineStage.class.getDeclaredClasses())
        .filteredOn(StageMessage.class::isAssignableFrom)
        .containsExactlyInAnyOrder(
            Batch.class, Stored.class, Unavailable.class, Advanced.class, PipelineStage.Wake.class);
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
  void whatTheNextVersionAppendsIsPassedOver() {
    Advanced event = read("12" + GOLDEN_EVENT.substring(2) + "0909", event());
    assertThat(hex(event)).isEqualTo(GOLDEN_EVENT);
    StageSnapshot next =
        new StageSnapshot(HexFormat.of().parseHex("12" + GOLDEN_SNAPSHOT.substring(2) + "0909"));
    assertThat(hex(StageState.of(next).snapshot())).isEqualTo(GOLDEN_SNAPSHOT);
    Batch batch = new Batch(event().emitted(), KIT.<Reply>createTestProbe().ref());
    assertThat(read(hex(batch) + "0909", batch).samples().samples())
        .isEqualTo(batch.samples().samples());
    assertThat(read("0909", Stored.INSTANCE)).isSameAs(Stored.INSTANCE);
    assertThatThrownBy(() -> read(GOLDEN_EVENT + "09", event()))
        .hasMessage("1 bytes after the end of an event of a stage");
    assertThatThrownBy(() -> read("03" + GOLDEN_EVENT.substring(2), event()))
        .hasMessage("event of a stage of unknown version 3, which a newer Sonde wrote");
  }

  @Test
  void goldenEvent() {
    Advanced event = event();

    assertThat(hex(event)).isEqualTo(GOLDEN_EVENT);
    Advanced read = read(GOLDEN_EVENT, event);
    assertThat(read.number()).isEqualTo(7);
    assertThat(read.delivered()).isEqualTo(5);
    assertThat(read.at()).isEqualTo(1_700_000_000);
    assertThat(read.version()).isEqualTo("0123456789abcdef");
    assertThat(read.definition()).isEqualTo("{}");
    assertThat(read.isEviction()).isTrue();
    assertThat(read.changes().get(0).key()).isEqualTo(event.changes().get(0).key());
    assertThat(read.changes().get(0).memory()).isEqualTo(new byte[] {1, 2, 3});
    assertThat(read.changes().get(1).key()).isNull();
    assertThat(read.changes().get(1).memory()).isNull();
    assertThat(read.emitted().samples()).isEqualTo(event.emitted().samples());
  }

  @Test
  void goldenSnapshot() {
    StageSnapshot snapshot = StageState.EMPTY.apply(first()).apply(event()).snapshot();

    assertThat(hex(snapshot)).isEqualTo(GOLDEN_SNAPSHOT);
    StageState state = StageState.of(read(GOLDEN_SNAPSHOT, snapshot));
    assertThat(state.number()).isEqualTo(7);
    assertThat(state.delivered()).isEqualTo(5);
    assertThat(state.definition()).isEqualTo("{}");
    assertThat(state.hasEvicted()).isTrue();
    assertThat(state.all())
        .singleElement()
        .satisfies(
            remembered -> {
              assertThat(remembered.key()).isEqualTo(key("vm"));
              assertThat(remembered.number()).isEqualTo(1);
              assertThat(remembered.memory()).isEqualTo(new byte[] {1, 2, 3});
              assertThat(remembered.usedAt()).isEqualTo(1_700_000_000);
            });
    assertThat(state.freeNumbers()).containsExactly(0);
    assertThat(state.outbox())
        .singleElement()
        .satisfies(
            outgoing -> {
              assertThat(outgoing.number()).isEqualTo(7);
              assertThat(outgoing.samples().samples()).isEqualTo(event().emitted().samples());
            });
  }

  private static Advanced first() {
    return new Advanced(
        6,
        5,
        1_600_000_000,
        "",
        null,
        false,
        List.of(new Change(0, key("gone"), new byte[] {9})),
        Samples.batch());
  }

  private static Advanced event() {
    return new Advanced(
        7,
        5,
        1_700_000_000,
        "0123456789abcdef",
        "{}",
        true,
        List.of(new Change(1, key("vm"), new byte[] {1, 2, 3}), new Change(0, null, null)),
        Samples.batch(Samples.cpu("vm", 0, 2.5)));
  }

  private static StageKey key(String resource) {
    return new StageKey(0, Samples.cpu(resource, 0, 0).series());
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
