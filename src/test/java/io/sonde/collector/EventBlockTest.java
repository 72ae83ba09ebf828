package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.series.NewerFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EventBlockTest {
  private record At(
      String sink, int number, long timestamp, double volume, long key, UUID metadata) {}

  @Test
  void whatIsEncodedIsDecoded() {
    Random random = Seed.random();
    for (int round = 0; round < 500; round++) {
      EventBlock.Builder builder = new EventBlock.Builder();
      List<At> expected = fill(builder, random, random.nextInt(200));
      byte[] previous = new byte[32];
      random.nextBytes(previous);
      byte[] bytes = builder.build(3, 9, 1_767_225_600L, previous, id -> false).encode();
      assertThat(bytes.length).isLessThan(builder.bytes() + 128);
      EventBlock decoded = EventBlock.decode(bytes);
      assertThat(decoded.collector()).isEqualTo(3);
      assertThat(decoded.sequence()).isEqualTo(9);
      assertThat(decoded.recordedAt()).isEqualTo(1_767_225_600L);
      assertThat(decoded.previousHash()).isEqualTo(previous);
      assertThat(contents(decoded)).isEqualTo(expected);
      assertThat(decoded.encode()).isEqualTo(bytes);
    }
  }

  @Test
  void metadataThatIsKnownIsNamedByItsIdOnly() {
    EventBlock.Builder builder = new EventBlock.Builder();
    Metadata known = Metadata.of(Map.of("k", 1L));
    Metadata fresh = Metadata.of(Map.of("k", 2L));
    add(builder, "s", 0, 1, 1, 0, known);
    add(builder, "s", 0, 2, 1, 0, fresh);
    byte[] bytes = builder.build(0, 1, 1, new byte[32], known.id()::equals).encode();
    EventBlock decoded = EventBlock.decode(bytes);
    assertThat(decoded.newMetadata()).containsExactly(fresh);
    assertThat(decoded.metadata(0)).isEqualTo(known.id());
    assertThat(decoded.metadata(1)).isEqualTo(fresh.id());
  }

  @Test
  void everyBitOfDamageIsFound() {
    Random random = Seed.random();
    for (int round = 0; round < 20; round++) {
      EventBlock.Builder builder = new EventBlock.Builder();
      fill(builder, random, 8);
      byte[] bytes = builder.build(0, 1, 1, new byte[32], id -> false).encode();
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> EventBlock.decode(cut)).isInstanceOf(CorruptDataException.class);
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> EventBlock.decode(longer)).isInstanceOf(CorruptDataException.class);
      for (int bit = 0; bit < bytes.length * 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        assertThat(EventBlock.hash(damaged)).isNotEqualTo(EventBlock.hash(bytes));
        assertThatThrownBy(() -> EventBlock.decode(damaged))
            .isInstanceOf(CorruptDataException.class);
      }
    }
  }

  @Test
  void aLedgerRefusesWhatDoesNotFollow() {
    Ledger ledger = new Ledger(4);
    byte[] first = event(4, 1, EventBlock.NO_PREDECESSOR, 0);
    apply(ledger, first);
    byte[] hash = EventBlock.hash(first);
    assertThat(ledger.chainHash()).isEqualTo(hash);
    refused(ledger, event(4, 1, hash, 1));
    refused(ledger, event(4, 3, hash, 1));
    refused(ledger, event(5, 2, hash, 1));
    refused(ledger, event(4, 2, EventBlock.NO_PREDECESSOR, 1));
    refused(ledger, event(4, 2, hash, 2));
    assertThat(ledger.sequence()).isEqualTo(1);
    apply(ledger, event(4, 2, hash, 1));
    assertThat(ledger.sequence()).isEqualTo(2);
    assertThat(ledger.head().samples()).isEqualTo(2);
  }

  /** What version 1 has written must be readable for ever. */
  @Test
  void goldenBytes() {
    EventBlock.Builder builder = new EventBlock.Builder();
    builder.define(2, series("r"));
    add(builder, "store", 2, 1000, 7, 0, Metadata.EMPTY);
    add(builder, "store", 2, 2000, -0.5, 5, Metadata.EMPTY);
    byte[] bytes = builder.build(1, 2, 3, new byte[32], id -> false).encode();
    String golden = "01010203" + "00".repeat(32) + "0201027302" + "6d00024202720270000001";
    assertThat(HexFormat.of().formatHex(bytes)).startsWith(golden);
    assertThat(HexFormat.of().formatHex(EventBlock.hash(bytes)))
        .isEqualTo("64c23f47339ca4b61459f7c8021f6df3687a5c22078e97627604566ad42df370");
    EventBlock next = EventBlock.decode(NextVersion.stored(bytes));
    assertThat(contents(next)).isEqualTo(contents(EventBlock.decode(bytes)));
  }

  /** Version 2, behind damage, likewise; whoever knows version 1 alone refuses it. */
  @Test
  void goldenBytesOfASegment() {
    EventBlock.Builder builder = new EventBlock.Builder();
    builder.define(0, series("r"));
    add(builder, "store", 0, 1000, 7, 0, Metadata.EMPTY);
    EventBlock.Segment segment = new EventBlock.Segment(8, "why");
    byte[] bytes = builder.build(1, 12, 3, new byte[32], segment, id -> false).encode();
    String golden = "02010c03" + "00".repeat(32) + "0804776879" + "0001027302" + "6d0002420272";
    assertThat(HexFormat.of().formatHex(bytes)).startsWith(golden);
    assertThat(HexFormat.of().formatHex(EventBlock.hash(bytes)))
        .isEqualTo("25f11e7b86f3c7bb2279a929cfadfabb5f17cfe0b6ab5eb8fca9ded42e5c9363");
    assertThat(EventBlock.decode(bytes).segment()).isEqualTo(segment);
    EventBlock next = EventBlock.decode(NextVersion.stored(bytes));
    assertThat(next.segment()).isEqualTo(segment);
    assertThat(contents(next)).isEqualTo(contents(EventBlock.decode(bytes)));
    JournalEvents told = JournalEvents.of(bytes);
    assertThat(told.isInSegment()).isTrue();
    assertThat(told.samples(sink -> true)).isEmpty();
    assertThat(told.newSeries()).isEmpty();
    assertThatThrownBy(() -> EventBlock.decode(NextVersion.newer(bytes)))
        .isInstanceOf(NewerFormatException.class)
        .hasMessage("event of unknown version 3, which a newer Sonde wrote");
  }

  /** What a collector took while it was broken follows whatever stands before it. */
  @Test
  void aLedgerPassesOverASegment() {
    Ledger ledger = new Ledger(4);
    apply(ledger, event(4, 1, EventBlock.NO_PREDECESSOR, 0));
    byte[] elsewhere = EventBlock.hash(new byte[] {1});
    byte[] first = inSegment(2, elsewhere);
    apply(ledger, first);
    refused(ledger, inSegment(3, elsewhere));
    byte[] second = inSegment(3, EventBlock.hash(first));
    apply(ledger, second);
    refused(ledger, event(4, 4, elsewhere, 1));
    apply(ledger, event(4, 4, EventBlock.hash(second), 1));
    assertThat(ledger.head().samples()).isEqualTo(2);
    assertThat(ledger.segmentFrom()).isEqualTo(2);
    assertThat(ledger.segmentTo()).isEqualTo(3);
  }

  private static byte[] inSegment(long sequence, byte[] previous) {
    EventBlock.Builder builder = new EventBlock.Builder();
    builder.define(0, series("r9"));
    add(builder, "s", 0, 1, 1, 0, Metadata.EMPTY);
    return builder
        .build(4, sequence, 1, previous, new EventBlock.Segment(0, "why"), id -> false)
        .encode();
  }

  private static void add(
      EventBlock.Builder builder,
      String sink,
      int number,
      long timestamp,
      double volume,
      long key,
      Metadata metadata) {
    int place = builder.ref(metadata);
    builder.add(
        builder.ref(sink),
        number,
        timestamp,
        volume,
        key,
        place < 0 ? builder.enter(metadata) : place);
  }

  private static void refused(Ledger ledger, byte[] bytes) {
    assertThatThrownBy(() -> apply(ledger, bytes)).isInstanceOf(CorruptDataException.class);
  }

  private static void apply(Ledger ledger, byte[] bytes) {
    ledger.apply(EventBlock.decode(bytes), EventBlock.hash(bytes));
  }

  private static byte[] event(int collector, long sequence, byte[] previous, int number) {
    EventBlock.Builder builder = new EventBlock.Builder();
    builder.define(number, series("r" + number));
    add(builder, "s", number, 1, 1, 0, Metadata.EMPTY);
    return builder.build(collector, sequence, 1, previous, id -> false).encode();
  }

  private static List<At> contents(EventBlock block) {
    List<At> contents = new ArrayList<>();
    for (int i = 0; i < block.size(); i++) {
      contents.add(
          new At(
              block.sinks().get(block.sinkRef(i)),
              block.number(i),
              block.timestamp(i),
              block.volume(i),
              block.key(i),
              block.metadata(i)));
    }
    return contents;
  }

  private static List<At> fill(EventBlock.Builder builder, Random random, int samples) {
    List<At> filled = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      builder.define(100 - i, series("r" + i));
    }
    for (int i = 0; i < samples; i++) {
      Metadata metadata = Metadata.of(Map.of("k", (long) random.nextInt(3)));
      At at =
          new At(
              "sink" + random.nextInt(2),
              random.nextInt(4) == 0 ? random.nextInt(Integer.MAX_VALUE) : random.nextInt(5),
              random.nextLong(),
              volume(random),
              random.nextBoolean() ? 0 : random.nextLong(),
              metadata.id());
      filled.add(at);
      add(builder, at.sink(), at.number(), at.timestamp(), at.volume(), at.key(), metadata);
    }
    return filled;
  }

  private static double volume(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> -0.0;
      case 6 -> random.nextInt(2_000_000) / 1000.0;
      case 7 -> -random.nextInt(2_000_000) / 1e9;
      case 8 -> random.nextInt() * 1e-10;
      case 1 -> 0x1p52 - random.nextInt(3) + 1;
      case 2 -> -0x1p52 + random.nextInt(3) - 1;
      case 3 -> Double.MAX_VALUE;
      case 4 -> random.nextInt(1000) - 500;
      default -> random.nextGaussian();
    };
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "B", resource, "p", null, Series.NO_DIMENSIONS);
  }
}
