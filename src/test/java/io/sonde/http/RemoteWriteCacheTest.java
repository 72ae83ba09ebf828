package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.Seed;
import io.sonde.model.MeterType;
import io.sonde.model.Series;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemoteWriteCacheTest {
  private static final long ROOM = 64 << 20;

  @Test
  void theBytesDecideAllOfThem() {
    RemoteWriteCache cache = new RemoteWriteCache(ROOM);
    // All lengths, so that every end of the steps of the hash is met.
    byte[] bytes =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL".getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length <= bytes.length; length++) {
      cache.add(bytes, 0, length, series("prefix-" + length));
    }
    for (int length = 0; length <= bytes.length; length++) {
      assertThat(cache.walk().find(bytes, 0, length).meter()).isEqualTo("prefix-" + length);
      byte[] moved = new byte[length + 5];
      System.arraycopy(bytes, 0, moved, 3, length);
      assertThat(cache.walk().find(moved, 3, 3 + length).meter()).isEqualTo("prefix-" + length);
      for (int i = 0; i < length; i++) {
        byte[] changed = Arrays.copyOf(bytes, length);
        changed[i] ^= 1;
        assertThat(cache.walk().find(changed, 0, length))
            .as("byte %d of %d changed", i, length)
            .isNull();
      }
    }
  }

  @Test
  void aSecondAddReturnsTheFirst() {
    RemoteWriteCache cache = new RemoteWriteCache(ROOM);
    byte[] bytes = bytes(1);
    Series first = series("a");
    assertThat(cache.add(bytes, 0, bytes.length, first)).isSameAs(first);
    assertThat(cache.add(bytes, 0, bytes.length, series("a"))).isSameAs(first);
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void whatIsUsedStaysWhileTheRestPassesThrough() {
    RemoteWriteCache cache = new RemoteWriteCache(2 << 20);
    int used = 2_000;
    for (int i = 0; i < used; i++) {
      cache.add(bytes(i), 0, bytes(i).length, series("used"));
    }
    int largest = 0;
    int lost = 0;
    for (int i = used; i < 200_000; i++) {
      byte[] once = bytes(i);
      cache.add(once, 0, once.length, series("once"));
      byte[] again = bytes(i % used);
      lost += cache.walk().find(again, 0, again.length) == null ? 1 : 0;
      largest = Math.max(largest, i % 1000 == 0 ? cache.size() : 0);
    }
    assertThat(lost).isZero();
    assertThat(largest).isBetween(used, (2 << 20) / 160);
  }

  @Test
  void whatIsAllUsedAndTooMuchIsCutToSize() {
    RemoteWriteCache cache = new RemoteWriteCache(1 << 20);
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 20_000; i++) {
        byte[] bytes = bytes(i);
        if (cache.walk().find(bytes, 0, bytes.length) == null) {
          cache.add(bytes, 0, bytes.length, series("m" + i));
        }
        assertThat(cache.walk().find(bytes, 0, bytes.length).meter()).isEqualTo("m" + i);
      }
    }
    assertThat(cache.size()).isBetween(1_000, (1 << 20) / 160);
  }

  @Test
  void labelsOutOfAllProportionAreNotKept() {
    RemoteWriteCache cache = new RemoteWriteCache(1 << 20);
    byte[] large = new byte[1 << 19];
    Series series = series("a");
    assertThat(cache.add(large, 0, large.length, series)).isSameAs(series);
    assertThat(cache.walk().find(large, 0, large.length)).isNull();
  }

  @Test
  void manyThreadsNeverSeeAnothersSeries() throws Exception {
    RemoteWriteCache cache = new RemoteWriteCache(1 << 20);
    Random seeds = Seed.random();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> results = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(seeds.nextLong());
        results.add(
            threads.submit(
                () -> {
                  int hits = 0;
                  int number = 0;
                  RemoteWriteCache.Walk walk = cache.walk();
                  for (int i = 0; i < 200_000; i++) {
                    // In order for a while, as senders do, and then somewhere else.
                    boolean isNext = random.nextInt(8) > 0;
                    number = isNext ? number + 1 : random.nextInt(1 + random.nextInt(20_000));
                    byte[] bytes = bytes(number);
                    Series known = walk.find(bytes, 0, bytes.length);
                    hits += known == null ? 0 : 1;
                    if (known == null) {
                      known = cache.add(bytes, 0, bytes.length, series("m" + number));
                    }
                    assertThat(known.meter()).isEqualTo("m" + number);
                  }
                  return hits;
                }));
      }
      for (Future<Integer> result : results) {
        assertThat(result.get(60, TimeUnit.SECONDS)).isPositive();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static byte[] bytes(int number) {
    return ("the labels of series " + number).getBytes(StandardCharsets.UTF_8);
  }

  private static Series series(String meter) {
    return new Series("s", meter, MeterType.GAUGE, "", "r", null, null, Series.NO_DIMENSIONS);
  }
}
