package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.server.Exporters.Manner;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three nodes share what is polled; one is killed, another leaves. Discovery goes on from what it
 * knew, whichever node it was on.
 */
@Tag("faults")
class PollingClusterIT {
  private static final int COUNT = 40;
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Failure detection, downing, hand-over. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(60);

  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();

  @Test
  @Timeout(400)
  void eachIsPolledOnceAndNoneIsForgotten() throws Exception {
    System.out.println("PollingClusterIT: seed " + SEED);
    List<String> names = new ArrayList<>();
    try (Exporters exporters = new Exporters()) {
      for (int i = 0; i < COUNT; i++) {
        names.add("e" + i);
        exporters.list("e" + i, Manner.WELL);
      }
      String source =
          "sonde.polling.sources=[{name=s,interval=1s,misses=3,discovery="
              + exporters.discovery()
              + "}]";
      try (ThreeNodes all = ThreeNodes.start(sondes, source)) {
        List<SondeProcess> nodes = new ArrayList<>(all.nodes());
        Collections.shuffle(nodes, new Random(SEED));
        SondeProcess stays = nodes.get(0);
        awaitAll(exporters, names, System.nanoTime(), SOON);
        assertSharedAndOnce(exporters, names, stays.base());

        exporters.unlist("e0");
        long killed = System.nanoTime();
        nodes.get(1).kill9();
        List<String> left = names.subList(1, COUNT);
        awaitAll(exporters, left, killed + TimeUnit.SECONDS.toNanos(5), TAKE_OVER);
        System.out.println("  all are polled after " + millisSince(killed) + " ms");
        awaitGone(stays.base(), exporters, "e0");

        long leaves = System.nanoTime();
        assertThat(nodes.get(2).terminate()).isEqualTo(143);
        awaitAll(exporters, left, System.nanoTime(), SOON);
        System.out.println("  and " + millisSince(leaves) + " ms after another was asked to leave");
        long alone = System.nanoTime();
        Wait.reached(Duration.ofSeconds(4), () -> false);
        for (String name : left) {
          assertThat(exporters.longestPause(name, alone)).as(name).isLessThan(2_500);
        }
        assertThat(gone(stays.base())).hasSize(1);
      }
    }
  }

  /** In a second or two of looking, nobody looks for the others or polls what others poll. */
  private void assertSharedAndOnce(Exporters exporters, List<String> names, URI base) {
    int looks = exporters.looks();
    long begun = System.nanoTime();
    List<Integer> before = names.stream().map(name -> exporters.answers(name).size()).toList();
    Wait.reached(Duration.ofSeconds(6), () -> false);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
    assertThat(exporters.looks() - looks).isBetween(3, (int) seconds + 2);
    for (int i = 0; i < names.size(); i++) {
      assertThat(exporters.answers(names.get(i)).size() - before.get(i))
          .as(names.get(i))
          .isBetween(3, (int) seconds + 2);
    }
    JsonNode status = http.get(base, "v2/polling").get(0);
    assertThat(status.get("resource_count").asInt()).isEqualTo(COUNT);
    assertThat(http.get(base, "v2/polling/s/resources?limit=1000")).hasSize(COUNT);
  }

  private static void awaitAll(
      Exporters exporters, List<String> names, long since, Duration limit) {
    Wait.until(
        limit,
        "all are polled",
        () ->
            names.stream()
                .allMatch(name -> exporters.answers(name).stream().anyMatch(time -> time > since)));
  }

  private void awaitGone(URI base, Exporters exporters, String name) {
    Wait.until(TAKE_OVER, "it is told that one is gone", () -> gone(base).size() == 1);
    assertThat(gone(base).toString()).contains(exporters.resource(name));
  }

  private JsonNode gone(URI base) {
    return http.get(base, "v2/events?q.field=event_type&q.op=eq&q.value=polling.resource.gone");
  }

  private static long millisSince(long begin) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
  }
}
