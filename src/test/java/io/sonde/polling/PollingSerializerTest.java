package io.sonde.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import com.typesafe.config.ConfigFactory;
import io.sonde.Golden;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PollingSerializerTest {
  private static final PolledTarget ANYWHERE =
      new PolledTarget("prometheus", "web1:9100", null, "http://web1:9100/metrics");
  private static final PolledTarget SOMEWHERE =
      new PolledTarget("host", "größe-sda", "größe", "disk/sda");
  private static final PollSpec SPEC =
      new PollSpec(
          "source",
          "nova",
          Duration.ofSeconds(10),
          Duration.ofMillis(1),
          List.of("a*", "b"),
          true,
          ANYWHERE);
  private static ActorTestKit kit;
  private static Serialization serialization;

  @BeforeAll
  static void start() {
    kit = TestCluster.start();
    serialization = SerializationExtension.get(Adapter.toClassic(kit.system()));
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void everyMessageSurvives() {
    List<PollingMessage> messages = messages(kit.<Object>createTestProbe().getRef());
    for (PollingMessage message : messages) {
      assertThat(roundTrip(message)).isEqualTo(message);
    }
    SampleBatch batch = batch(3);
    PollAgent.Reading reading = (PollAgent.Reading) roundTrip(new PollAgent.Reading(batch));
    assertThat(reading.batch().samples()).isEqualTo(batch.samples());
    PolledResource.Take take =
        (PolledResource.Take) roundTrip(new PolledResource.Take(SPEC, 5, 2, batch, null));
    assertThat(take.reading().samples()).isEqualTo(batch.samples());
    assertThat(take.failure()).isNull();
    List<Class<?>> tried = new ArrayList<>(List.of(PollAgent.Reading.class));
    messages.stream().map(Object::getClass).distinct().forEach(tried::add);
    assertThat(kindsOf(PollingMessage.class))
        .as("a new message belongs into this test")
        .containsExactlyInAnyOrderElementsOf(tried);
  }

  @Test
  void theFormatsAreFrozenAndWhatTheNextVersionAppendsIsPassedOver() {
    // Where references have the same address in each run.
    ActorTestKit local =
        ActorTestKit.create(
            "formats",
            ConfigFactory.parseString("akka.actor.provider = local")
                .withFallback(ConfigFactory.load()));
    try {
      PollingSerializer serializer =
          new PollingSerializer((ExtendedActorSystem) Adapter.toClassic(local.system()));
      List<PollingMessage> messages = messages(local.system().deadLetters());
      List<Golden> now = new ArrayList<>();
      for (PollingMessage message : messages) {
        now.add(new Golden(serializer.manifest(message), serializer.toBinary(message)));
      }
      Golden.assertFrozen("polling.txt", now);
      List<Golden> frozen = Golden.of("polling.txt", now);
      for (int i = 0; i < frozen.size(); i++) {
        Golden one = frozen.get(i);
        assertThat(serializer.fromBinary(one.bytes(), one.name())).isEqualTo(messages.get(i));
        byte[] next = Arrays.copyOf(one.bytes(), one.bytes().length + 2);
        next[0] |= 0x10;
        assertThat(serializer.fromBinary(next, one.name())).isEqualTo(messages.get(i));
      }
    } finally {
      local.shutdownTestKit();
    }
  }

  private static List<PollingMessage> messages(ActorRef<Object> ref) {
    PollStatus status =
        new PollStatus("s", "d:x", "p", "r/1", null, false, 3, 2, 1, 7, 4, "it is down");
    DiscoveryStatus discovery =
        new DiscoveryStatus("s", "d", "h", 4, 3, 2, 100_000, false, 1, "why", List.of("a", "b"));
    return List.of(
        new PolledResource.Assert(SPEC),
        new PolledResource.Assert(
            new PollSpec(
                "source",
                "",
                Duration.ofDays(1),
                Duration.ofSeconds(5),
                List.of(),
                false,
                SOMEWHERE)),
        new PolledResource.Take(SPEC, 1_700_000_000_000L, 20, null, "no id"),
        new PolledResource.End("d", null),
        new PolledResource.End("d:x", "h"),
        new PolledResource.PollNow(ref.narrow()),
        new PolledResource.Polled(status),
        new PolledResource.Polled(null),
        new DiscoveryAgent.Wake(),
        new DiscoveryAgent.LookNow(),
        new PollAgent.Read(SOMEWHERE, Duration.ofSeconds(5), ref.narrow()),
        new PollAgent.NotRead(""),
        new PollAgent.Survey(ref.narrow()),
        new PollAgent.Surveyed(
            List.of(new PollRegistry.Count("s", 3, 1, 1_700_000_000_000L)), List.of(discovery)),
        new PollAgent.ListPolled(new PollQuestion("s", null, true, "s/p/r", 20), ref.narrow()),
        new PollAgent.Listed(new PollPage(List.of(status, status), true)),
        new PollAgent.LookNow("s"));
  }

  @Test
  void aLargeAnswerFitsIntoAMessage() {
    SampleBatch batch = batch(5000);
    assertThat(PackedBatch.fits(batch)).isTrue();
    PollAgent.Reading reading = (PollAgent.Reading) roundTrip(new PollAgent.Reading(batch));
    assertThat(reading.batch().samples()).isEqualTo(batch.samples());
    assertThat(PackedBatch.fits(batch(200_000))).isFalse();
  }

  @Test
  void otherVersionsAndDamageAreRefused() {
    byte[] bytes = serialization.serialize(new PollAgent.Reading(batch(100))).get();
    PollingSerializer serializer =
        (PollingSerializer) serialization.findSerializerFor(new PollAgent.NotRead(""));
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      assertThatThrownBy(() -> serializer.fromBinary(cut, "S"))
          .isInstanceOf(CorruptDataException.class);
    }
    assertThatThrownBy(() -> serializer.fromBinary(new byte[] {9}, "S"))
        .hasMessage("polling message of unknown version 9, which a newer Sonde wrote");
    assertThatThrownBy(() -> serializer.fromBinary(bytes, "?"))
        .hasMessage("polling message of unknown kind ?");
  }

  private static Object roundTrip(PollingMessage message) {
    byte[] bytes = serialization.serialize(message).get();
    PollingSerializer serializer = (PollingSerializer) serialization.findSerializerFor(message);
    return serializer.fromBinary(bytes, serializer.manifest(message));
  }

  private static SampleBatch batch(int size) {
    Random random = new Random(size);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      Series series =
          new Series(
              "prometheus",
              "http_request_duration_seconds_bucket",
              MeterType.CUMULATIVE,
              "s",
              "web1:9100",
              null,
              null,
              Series.dimensions(Map.of("le", "0." + i % 20, "handler", "/api/v" + i / 20)));
      samples.add(
          new Sample(
              series,
              1_700_000_000_000_000L,
              random.nextInt(1000),
              SampleKey.NONE,
              Metadata.of(Map.of("url", "http://web1:9100/metrics"))));
    }
    return SampleBatch.of(samples);
  }

  private static List<Class<?>> kindsOf(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses())
            .flatMap(kind -> kindsOf(kind).stream())
            .toList()
        : List.of(type);
  }
}
