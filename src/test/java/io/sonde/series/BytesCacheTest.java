package io.sonde.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BytesCacheTest {
  private static final int ROOM = 100_000;

  private final BytesCache<String> cache = new BytesCache<>(ROOM);

  @Test
  void findsTheValueOfExactlyTheseBytes() {
    byte[] bytes = bytes("one two three");

    String value = cache.add(bytes, 4, 7, "two");

    assertThat(cache.get(bytes, 4, 7)).isSameAs(value);
    assertThat(cache.get(bytes("two"), 0, 3)).isSameAs(value);
    assertThat(cache.get(bytes, 4, 8)).isNull();
    assertThat(cache.get(bytes, 5, 7)).isNull();
    assertThat(cache.get(bytes, 0, 0)).isNull();
    assertThat(cache.add(bytes("two"), 0, 3, "another")).isSameAs(value);
  }

  @Test
  void keepsACopyOfTheBytes() {
    byte[] bytes = bytes("text");
    cache.add(bytes, 0, 4, "value");

    bytes[0] = 'n';

    assertThat(cache.get(bytes, 0, 4)).isNull();
    assertThat(cache.get(bytes("text"), 0, 4)).isEqualTo("value");
  }

  @Test
  void forgetsWhatIsNotUsedAndKeepsWhatIs() {
    for (int i = 0; i < 10_000; i++) {
      add("key" + i);
      assertThat(get("key" + i)).isEqualTo("key" + i);
      assertThat(get("key0")).isEqualTo("key0");
    }
    int known = 0;
    for (int i = 1; i < 10_000; i++) {
      // Without finding anything in the older generation twice: each look may move an entry.
      known += get("key" + i) == null ? 0 : 1;
    }
    // Two generations of entries of at least 160 bytes; the last ones are there in any case.
    assertThat(known).isBetween(400, 2 * ROOM / 160);
    assertThat(get("key9999")).isEqualTo("key9999");
  }

  @Test
  void doesNotKeepWhatIsTooLarge() {
    byte[] large = new byte[ROOM];

    assertThat(cache.add(large, 0, ROOM, "large")).isEqualTo("large");

    assertThat(cache.get(large, 0, ROOM)).isNull();
  }

  @Test
  void manyAtATimeNeverGetAnothersValue() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(t);
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 50_000; i++) {
                    String key = "k" + random.nextInt(2_000);
                    String found = get(key);
                    assertThat(found == null ? add(key) : found).isEqualTo(key);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private String add(String key) {
    byte[] bytes = bytes(key);
    return cache.add(bytes, 0, bytes.length, key);
  }

  private String get(String key) {
    byte[] bytes = bytes(" " + key + " ");
    return cache.get(bytes, 1, bytes.length - 1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
