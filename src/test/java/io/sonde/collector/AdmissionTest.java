package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random batches with commits, flushes, forgetting and restarts in between, beside a map that holds
 * everything.
 */
class AdmissionTest {
  private record Id(Series series, long timestamp, long key) {}

  private final Map<Id, Double> model = new HashMap<>();
  private final List<Generation> flushed = new ArrayList<>();
  private final Map<Integer, List<Columns>> rows = new HashMap<>();
  private final Map<Integer, Series> numbers = new HashMap<>();
  private final List<byte[]> journal = new ArrayList<>();
  private Admission admission = new Admission();
  private Ledger ledger = new Ledger(0);
  private byte[] snapshot;
  private int snapshotAt;

  @Test
  void decidesAsAMapThatHoldsEverything() {
    Random random = Seed.random();
    for (int round = 0; round < 100; round++) {
      reset();
      for (int step = 0; step < 150; step++) {
        switch (random.nextInt(8)) {
          case 0 -> flush(random);
          case 1 -> forget();
          case 2 -> {
            if (random.nextInt(4) == 0) {
              restart();
            }
          }
          default -> {
            add(random);
            if (random.nextBoolean()) {
              commit();
            }
          }
        }
      }
      commit();
      assertThat(samplesHeld()).isEqualTo(model.size());
    }
  }

  private void add(Random random) {
    SampleBatch batch = batch(random);
    int accepted = 0;
    int conflicting = 0;
    for (Sample sample : batch.samples()) {
      Double first =
          model.putIfAbsent(
              new Id(sample.series(), sample.timestamp(), sample.key()), sample.volume());
      accepted += first == null ? 1 : 0;
      conflicting += first != null && sample.key() == 0 && first != sample.volume() ? 1 : 0;
    }
    Doubtful doubtful =
        admission.open(batch, ledger.head()).doubtful(new Past(ledger.head(), flushed, Map.of()));
    Map<Integer, List<Columns>> covering = new HashMap<>();
    for (int number : new HashSet<>(doubtful.series())) {
      covering.put(number, rows.getOrDefault(number, List.of()));
    }
    Admission.Admitted admitted = admission.admit("s", new Past(ledger.head(), flushed, covering));
    assertThat(admitted.receipt())
        .isEqualTo(new Receipt(accepted, batch.size() - accepted, conflicting));
    assertThat(accepted == 0 || admitted.waits()).isTrue();
  }

  private void commit() {
    for (EventBlock.Builder builder : admission.take()) {
      byte[] bytes =
          builder.build(0, ledger.sequence() + 1, 1, ledger.chainHash(), id -> false).encode();
      journal.add(bytes);
      ledger.apply(EventBlock.decode(bytes), EventBlock.hash(bytes));
    }
    ledger.head().entries().forEach(entry -> numbers.put(entry.number(), entry.series()));
  }

  private void flush(Random random) {
    ledger.nextGeneration();
    ledger.head().sealAt(1 + random.nextInt(10));
    Generation generation =
        ledger.head().freeze(ledger.generation(), random.nextInt(3) == 0 ? Long.MAX_VALUE : 0);
    flushed.add(generation.forReaders());
    generation
        .leaving()
        .forEach(
            (number, chunks) ->
                chunks.forEach(
                    chunk ->
                        rows.computeIfAbsent(number, n -> new ArrayList<>())
                            .add(ChunkCodec.decode(chunk.payload()))));
    snapshot = SnapshotCodec.encode(0, ledger.chainHash(), ledger.sequence(), generation);
    snapshotAt = journal.size();
  }

  private void forget() {
    if (!flushed.isEmpty()) {
      flushed.remove(0);
    }
  }

  /** What was not committed has no answer yet, and is not in the model either. */
  private void restart() {
    commit();
    admission = new Admission();
    flushed.clear();
    ledger = snapshot == null ? new Ledger(0) : SnapshotCodec.decode(snapshot);
    for (byte[] bytes : journal.subList(snapshotAt, journal.size())) {
      ledger.apply(EventBlock.decode(bytes), EventBlock.hash(bytes));
    }
    ledger
        .head()
        .entries()
        .forEach(entry -> ledger.head().describe(entry.number(), numbers.get(entry.number())));
  }

  private long samplesHeld() {
    return ledger.head().samples()
        + rows.values().stream().flatMap(List::stream).mapToInt(Columns::size).sum();
  }

  private void reset() {
    model.clear();
    flushed.clear();
    rows.clear();
    numbers.clear();
    journal.clear();
    admission = new Admission();
    ledger = new Ledger(0);
    snapshot = null;
    snapshotAt = 0;
  }

  private static SampleBatch batch(Random random) {
    List<Sample> samples = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      samples.add(
          new Sample(
              series("r" + random.nextInt(6)),
              random.nextInt(40),
              random.nextInt(3),
              random.nextInt(3),
              Metadata.EMPTY));
    }
    return random.nextBoolean() ? SampleBatch.of(samples) : withSeriesTwice(samples);
  }

  /** As remote write makes them: a dictionary may hold a series several times. */
  private static SampleBatch withSeriesTwice(List<Sample> samples) {
    int size = samples.size();
    return new SampleBatch(
        samples.stream().map(Sample::series).toArray(Series[]::new),
        new Metadata[] {Metadata.EMPTY},
        size,
        IntStream.range(0, size).toArray(),
        samples.stream().mapToLong(Sample::timestamp).toArray(),
        samples.stream().mapToDouble(Sample::volume).toArray(),
        samples.stream().mapToLong(Sample::key).toArray(),
        new int[size]);
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "", resource, null, null, Series.NO_DIMENSIONS);
  }
}
