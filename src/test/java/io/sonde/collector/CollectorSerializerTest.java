package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.Serializers;
import com.typesafe.config.ConfigFactory;
import io.sonde.Golden;
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
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class CollectorSerializerTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          "formats",
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
    for (Object message : messages()) {
      assertRead(bytes(message), message);
    }
    Collector.Appended event = new Collector.Appended(new byte[] {1, 2, 3});
    assertThat(((Collector.Appended) read(bytes(event), event)).bytes()).isEqualTo(event.bytes());
  }

  @Test
  void theFormatsAreFrozenAndWhatTheNextVersionAppendsIsPassedOver() {
    List<Golden> now = new ArrayList<>();
    messages().forEach(message -> now.add(new Golden(manifest(message), bytes(message))));
    Golden.assertFrozen("collector.txt", now);
    List<Golden> frozen = Golden.of("collector.txt", now);
    for (int i = 0; i < frozen.size(); i++) {
      byte[] bytes = frozen.get(i).bytes();
      assertRead(bytes, messages().get(i));
      assertRead(NextVersion.appended(bytes), messages().get(i));
    }
  }

  private static void assertRead(byte[] bytes, Object message) {
    Object read = read(bytes, message);
    assertThat(read).hasSameClassAs(message);
    if (message instanceof Collector.Add add) {
      Collector.Add other = (Collector.Add) read;
      assertThat(other.sink()).isEqualTo(add.sink());
      assertThat(other.replyTo()).isEqualTo(add.replyTo());
      assertThat(other.batch().samples()).isEqualTo(add.batch().samples());
    } else if (message instanceof Collector.Part part) {
      assertThat(((Collector.Part) read).records()).isEqualTo(part.records());
      assertThat(((Collector.Part) read).more()).isEqualTo(part.more());
    } else {
      assertThat(read).isEqualTo(message);
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
    assertThat(remote).isNotEmpty();
    assertThat(tried).containsAll(remote);
  }

  private static byte[] bytes(Object message) {
    return SERIALIZATION.serialize(message).get();
  }

  private static String manifest(Object message) {
    return Serializers.manifestFor(SERIALIZATION.findSerializerFor(message), message);
  }

  private static Object read(byte[] bytes, Object like) {
    akka.serialization.Serializer serializer = SERIALIZATION.findSerializerFor(like);
    assertThat(serializer).isInstanceOf(CollectorSerializer.class);
    return SERIALIZATION.deserialize(bytes, serializer.identifier(), manifest(like)).get();
  }

  /** Has the same address in each run. */
  private static <T> ActorRef<T> ref() {
    return KIT.system().deadLetters();
  }

  private static List<Object> messages() {
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
        new Collector.Add("sink", batch, ref()),
        new Collector.Added(new Receipt(1, 2, 3)),
        new Collector.Refused("why"),
        new Collector.Read(request, ref()),
        new Collector.Part(new byte[] {1, 2}, null),
        new Collector.Part(new byte[0], ref()),
        new Collector.Retry("later"),
        new Collector.Broken(new BrokenAt(1, 300, "this", "that")),
        new ReadCursor.Next(ref()),
        new Collector.Ping(ref()),
        new Collector.Pong(1, 2, 1L << 40, 1L << 31),
        new Collector.Describe(new TreeSet<>(Set.of(0, 300)), Set.of(Metadata.EMPTY.id()), ref()),
        new Collector.Described(Map.of(300, series), Map.of(text.id(), text), true),
        new Collector.Described(Map.of(), Map.of(), false),
        Collector.Stop.INSTANCE);
  }
}
