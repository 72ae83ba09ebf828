package io.sonde.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LiveStreamTest {
  private static final Series SERIES =
      new Series("s", "m", MeterType.GAUGE, "", "r", null, null, Series.NO_DIMENSIONS);

  /** Room for about a thousand samples. */
  private static final long BUFFER = 256 * 1024;

  private final AtomicInteger closed = new AtomicInteger();
  private final LiveStream stream =
      new LiveStream(SampleFilter.ALL, BUFFER, self -> closed.incrementAndGet());

  @Test
  void aReaderThatWaitsGetsWhatComes() {
    CompletableFuture<Optional<LiveStream.Part>> waiting = next();
    assertThat(waiting).isNotDone();
    stream.offer(List.of());
    assertThat(waiting).isNotDone();

    stream.offer(samples(0, 3));
    assertThat(waiting.join().orElseThrow()).isEqualTo(new LiveStream.Part(samples(0, 3), 0));

    stream.offer(samples(3, 4));
    stream.offer(samples(4, 9));
    assertThat(next().join().orElseThrow()).isEqualTo(new LiveStream.Part(samples(3, 9), 0));
    assertThat(next()).isNotDone();
  }

  @Test
  void whatFindsNoRoomIsLeftOutAndToldBehindWhatWasQueued() {
    stream.offer(samples(0, 10_000));
    LiveStream.Part first = next().join().orElseThrow();
    int small = first.samples().size();
    assertThat(small).isLessThan(400);
    assertThat(first.dropped()).isZero();
    // There is room again, but a gap must not be told behind what follows it.
    stream.offer(samples(10_000, 10_001));

    List<StoredSample> taken = new ArrayList<>(first.samples());
    long dropped = 0;
    while (dropped == 0) {
      LiveStream.Part part = next().join().orElseThrow();
      assertThat(part.samples()).hasSizeLessThanOrEqualTo(small);
      taken.addAll(part.samples());
      dropped = part.dropped();
    }
    assertThat(taken).hasSizeBetween(900, 1_100).isEqualTo(samples(0, taken.size()));
    assertThat(taken.size() + dropped).isEqualTo(10_001);

    stream.offer(samples(10_001, 10_002));
    assertThat(next().join().orElseThrow())
        .isEqualTo(new LiveStream.Part(samples(10_001, 10_002), 0));
  }

  @Test
  void metadataCounts() {
    Metadata large = Metadata.of(Map.of("a", "x".repeat(60_000)));
    stream.offer(LongStream.range(0, 10).mapToObj(i -> sample(i, large)).toList());

    List<Long> dropped = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      LiveStream.Part part = next().join().orElseThrow();
      dropped.add(part.dropped());
      assertThat(part.samples()).hasSize(2);
    }
    assertThat(dropped).containsExactly(0L, 6L);
  }

  @Test
  void anEndIsToldOnceAndFreesWhatWaits() {
    stream.offer(samples(0, 5));
    stream.close();
    stream.close();
    stream.offer(samples(5, 6));

    assertThat(next().join()).isEmpty();
    assertThat(closed).hasValue(1);
    assertThat(stream.isOver()).isTrue();
  }

  @Test
  void aReaderThatWaitsIsToldTheEnd() {
    CompletableFuture<Optional<LiveStream.Part>> waiting = next();
    assertThat(stream.isOver()).isFalse();
    stream.close();
    assertThat(waiting.join()).isEmpty();
  }

  private CompletableFuture<Optional<LiveStream.Part>> next() {
    return stream.next().toCompletableFuture();
  }

  private static List<StoredSample> samples(long from, long to) {
    return LongStream.range(from, to).mapToObj(i -> sample(i, Metadata.EMPTY)).toList();
  }

  private static StoredSample sample(long i, Metadata metadata) {
    return new StoredSample("id-" + i, new Sample(SERIES, i, i, 0, metadata), 7);
  }
}
