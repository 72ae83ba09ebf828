package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializers;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.model.SeriesField;
import io.sonde.model.SeriesFilter;
import io.sonde.series.TimeSplit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class CollectorSerializerTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString("akka.actor.provider = local")
              .withFallback(ConfigFactory.load())
              .resolve());
  private static final Serialization SERIALIZATION =
      SerializationExtension.get(Adapter.toClassic(KIT.system()));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void everyMessageBetweenNodesIsReadAsItWasWritten() {
    List<Object> messages = messages();
    for (Object message : messages) {
      Object read = read(message);
      assertThat(read).hasSameClassAs(message);
      if (message instanceof Collector.Add add) {
        Collector.Add other = (Collector.Add) read;
        assertThat(other.sink()).isEqualTo(add.sink());
        assertThat(other.replyTo()).isEqualTo(add.replyTo());
        assertThat(other.batch().samples()).isEqualTo(add.batch().samples());
      } else if (message instanceof Collector.Part part) {
        assertThat(((Collector.Part) read).records()).isEqualTo(part.records());
        assertThat(((Collector.Part) read).more()).isEqualTo(part.more());
      } else if (message instanceof Collector.Appended event) {
        assertThat(((Collector.Appended) read).bytes()).isEqualTo(event.bytes());
      } else {
        assertThat(read).isEqualTo(message);
      }
    }
  }

  @Test
  void noMessageBetweenNodesIsLeftOut() {
    Set<Class<?>> tried = messages().stream().map(Object::getClass).collect(Collectors.toSet());
    List<Class<?>> remote = new ArrayList<>();
    for (Class<?> protocol :
        List.of(
            Collector.Command.class,
            Collector.AddReply.class,
            Collector.ReadReply.class,
            ReadCursor.Command.class)) {
      remote.addAll(List.of(protocol.getPermittedSubclasses()));
    }
    remote.removeIf(akka.actor.NoSerializationVerificationNeeded.class::isAssignableFrom);
    remote.removeIf(type -> type.getSimpleName().equals("Idle"));
    assertThat(tried).containsAll(remote);
  }

  private static Object read(Object message) {
    byte[] bytes = SERIALIZATION.serialize(message).get();
    akka.serialization.Serializer serializer = SERIALIZATION.findSerializerFor(message);
    assertThat(serializer).isInstanceOf(CollectorSerializer.class);
    return SERIALIZATION
        .deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, message))
        .get();
  }

  private static List<Object> messages() {
    ActorRef<Collector.AddReply> adder = KIT.createTestProbe(Collector.AddReply.class).getRef();
    TestProbe<Collector.ReadReply> reader = KIT.createTestProbe(Collector.ReadReply.class);
    TestProbe<ReadCursor.Command> cursor = KIT.createTestProbe(ReadCursor.Command.class);
    TestProbe<Collector.Pong> pinger = KIT.createTestProbe(Collector.Pong.class);
    TestProbe<Collector.Described> describer = KIT.createTestProbe(Collector.Described.class);
    Metadata text = Metadata.of(Map.of("a", "b"));
    Series series = new Series("s", "m", MeterType.DELTA, "", "r", null, "u", Series.NO_DIMENSIONS);
    SampleBatch batch = SampleBatch.of(List.of(new Sample(series, 1, 2, 3, Metadata.EMPTY)));
    SeriesFilter filter = new SeriesFilter(Collections.singletonMap(SeriesField.PROJECT_ID, null));
    ReadRequest request =
        new ReadRequest(
            filter,
            new TimeSplit(Long.MIN_VALUE, Long.MAX_VALUE, -7, 3_600_000_000L),
            ReadRequest.Wants.SUMMARIES,
            1L << 40,
            7);
    return List.of(
        new Collector.Add("sink", batch, adder),
        new Collector.Added(new Receipt(1, 2, 3)),
        new Collector.Refused("why"),
        new Collector.Read(request, reader.getRef()),
        new Collector.Part(new byte[] {1, 2}, null),
        new Collector.Part(new byte[0], cursor.getRef()),
        new Collector.Retry("later"),
        new ReadCursor.Next(reader.getRef()),
        new Collector.Ping(pinger.getRef()),
        new Collector.Pong(1, 2, 1L << 40),
        new Collector.Describe(Set.of(0, 300), Set.of(Metadata.EMPTY.id()), describer.getRef()),
        new Collector.Described(Map.of(300, series), Map.of(text.id(), text), true),
        new Collector.Described(Map.of(), Map.of(), false),
        Collector.Stop.INSTANCE,
        new Collector.Appended(new byte[] {1, 2, 3}));
  }
}
