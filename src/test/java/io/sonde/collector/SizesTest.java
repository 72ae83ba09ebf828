package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.query.SampleFilter;
import io.sonde.series.ChunkCodec;
import io.sonde.series.ChunkDirectory;
import io.sonde.series.Head;
import io.sonde.series.TimeSplit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever is handed in, events and messages stay below what the journal and Akka take. */
class SizesTest {
  private static final int MESSAGE_BYTES = 128 * 1024;
  private static final int EVENT_BYTES = 256 * 1024;
  private static final String LONGEST = "\uffee".repeat(1_000);

  @Test
  void eventsOfGiantsStayBelowTheBound() {
    Admission admission = new Admission();
    List<Sample> samples = giants();
    admission
        .open(SampleBatch.of(samples), new Head())
        .admit("store", new Past(new Head(), List.of(), Map.of()));
    Ledger ledger = new Ledger(0);
    long sequence = 0;
    List<EventBlock.Builder> events = admission.take();
    for (EventBlock.Builder event : events) {
      byte[] bytes = event.build(0, ++sequence, 1, ledger.chainHash(), id -> false).encode();
      assertThat(bytes).hasSizeLessThan(EVENT_BYTES);
      assertThat(bytes.length).isLessThan(event.bytes() + 128);
      ledger.apply(EventBlock.decode(bytes), EventBlock.hash(bytes));
    }
    assertThat(ledger.head().samples()).isEqualTo(samples.size());
  }

  @Test
  void partsOfAnswersStayBelowTheBoundAndHoldEverything() {
    Ledger ledger = new Ledger(0);
    Admission admission = new Admission();
    List<Sample> samples = giants();
    Random random = Seed.random();
    Series busy = series("busy", 0);
    for (int i = 0; i < 5_000; i++) {
      samples.add(
          new Sample(
              busy, random.nextLong(1L << 60), random.nextGaussian(), 1 + i, metadata(i % 500, 1)));
    }
    admission
        .open(SampleBatch.of(samples), new Head())
        .admit("store", new Past(new Head(), List.of(), Map.of()));
    for (EventBlock.Builder event : admission.take()) {
      byte[] bytes =
          event.build(0, ledger.sequence() + 1, 1, ledger.chainHash(), id -> false).encode();
      ledger.apply(EventBlock.decode(bytes), EventBlock.hash(bytes));
    }
    Set<Series> series = new HashSet<>();
    Set<Metadata> texts = new HashSet<>();
    Map<Series, Integer> counts = new HashMap<>();
    Map<Series, Integer> summed = new HashMap<>();
    for (ReadRequest.Wants wants : ReadRequest.Wants.values()) {
      ReadRequest request =
          new ReadRequest(
              SampleFilter.ALL.series(),
              new TimeSplit(Long.MIN_VALUE, Long.MAX_VALUE, 0, 0),
              wants,
              0,
              0);
      counts.clear();
      for (byte[] part : ReadAnswer.of(request, ledger.head(), List.of())) {
        assertThat(part).hasSizeLessThan(MESSAGE_BYTES);
        ReadPart.read(
            part,
            new ReadPart.Visitor() {
              @Override
              public Series known(int number) {
                return null;
              }

              @Override
              public void series(int number, Series one) {
                series.add(one);
              }

              @Override
              public void samples(int number, Series one, byte[] chunk) {
                counts.merge(one, ChunkCodec.decode(chunk).size(), Integer::sum);
              }

              @Override
              public void summary(int number, Series one, byte[] directory) {
                ChunkDirectory hours = ChunkDirectory.decode(directory);
                for (int i = 0; i < hours.hours(); i++) {
                  summed.merge(one, hours.count(i), Integer::sum);
                }
              }

              @Override
              public void metadata(Metadata text) {
                texts.add(text);
              }
            });
      }
    }
    assertThat(counts.values().stream().mapToInt(i -> i).sum()).isEqualTo(samples.size());
    assertThat(series).isEqualTo(counts.keySet());
    assertThat(summed).isEqualTo(counts);
    assertThat(texts).hasSize((int) samples.stream().map(Sample::metadata).distinct().count());
  }

  private static List<Sample> giants() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      samples.add(new Sample(series("r" + i, 8), i, 1, 0, metadata(i, 60_000)));
      samples.add(new Sample(series("small" + i, 0), i, 1, 0, Metadata.EMPTY));
      samples.add(new Sample(series("same", 8), i, 1, 0, metadata(1_000 + i, 60_000)));
    }
    return samples;
  }

  private static Metadata metadata(int number, int length) {
    return Metadata.of(Map.of("k" + number, "x".repeat(length)));
  }

  private static Series series(String resource, int labels) {
    TreeMap<String, String> dimensions = new TreeMap<>();
    for (int i = 0; i < labels; i++) {
      dimensions.put("label" + i, LONGEST);
    }
    return new Series("s", "m", MeterType.GAUGE, LONGEST, resource, null, "u", dimensions);
  }
}
