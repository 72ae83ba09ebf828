package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What transformers remember outlives the nodes that hold it: counters are pushed without a pause,
 * each sample until it is acknowledged, while a node is killed and comes back. Every delta but the
 * first must be there once, with the right volume, across the failover too; every window of the
 * aggregator as well. {@code -Dseed=S} replays the same choices.
 */
@Tag("faults")
class StagesClusterIT {
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  /** With {@code bin/faults N SEED StagesClusterIT} N nodes are killed, one after the other. */
  private static final int KILLS = Integer.getInteger("sonde.faults.kills", 1);

  private static final Duration TAKE_OVER = Duration.ofSeconds(40);
  private static final int RESOURCES = 30;
  private static final int WINDOW = 4;
  private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  private static final String[] PIPELINES = {
    "sonde.pipeline.sinks=[{name=store,publishers=[collector]},"
        + "{name=deltas,publishers=[collector],transformers=[{name=delta,"
        + "parameters{target{name=work.delta}}}]},"
        + "{name=sums,publishers=[collector],transformers=[{name=delta,parameters{}},"
        + "{name=aggregator,parameters{size=4,target{name=work.sum}}}]}]",
    "sonde.pipeline.sources=[{name=all,meters=[\"*\"],sinks=[store,deltas,sums]}]"
  };

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final Random random = new Random(SEED);
  private final HttpJson http = new HttpJson();
  private final List<double[]> cycles = new ArrayList<>();
  private final double[] counters = new double[RESOURCES];

  @Test
  @Timeout(1_800)
  void nothingDerivedIsMissingOrDoubledWhenANodeDies() throws Exception {
    System.out.println("StagesClusterIT: seed " + SEED);
    try (ThreeNodes all = ThreeNodes.start(sondes, PIPELINES)) {
      List<SondeProcess> nodes = new CopyOnWriteArrayList<>(all.nodes());
      AtomicBoolean isOver = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread pusher = new Thread(() -> push(nodes, isOver, failure), "pusher");
      pusher.start();
      for (int kill = 0; kill < KILLS; kill++) {
        awaitCycles(cycles() + 20 + random.nextInt(20), failure);
        SondeProcess doomed = nodes.remove(random.nextInt(nodes.size()));
        doomed.kill9();
        awaitCycles(cycles() + 20, failure);
        nodes.add(doomed.start());
      }
      awaitCycles(cycles() + 30 + random.nextInt(20), failure);
      isOver.set(true);
      pusher.join();
      assertThat(failure.get()).isNull();
      check(nodes.get(nodes.size() - 1).base());
    }
  }

  private void push(
      List<SondeProcess> nodes, AtomicBoolean isOver, AtomicReference<Throwable> failure) {
    try {
      while (!isOver.get()) {
        for (int r = 0; r < RESOURCES; r++) {
          // Now and then a counter is reset, which a plain delta shows as what it is.
          counters[r] = random.nextInt(40) == 0 ? 1 : counters[r] + 1 + random.nextInt(100);
        }
        String body = body(cycles(), counters);
        for (int attempt = 0; ; attempt++) {
          List<SondeProcess> alive = List.copyOf(nodes);
          URI node = alive.get(attempt % alive.size()).base();
          try {
            HttpResponse<String> answer = http.post(node, "v2/samples", body);
            if (answer.statusCode() == 201) {
              break;
            }
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
          } catch (IOException e) {
            // The node died over it: whether they are taken is open, so the samples are sent again.
          }
        }
        synchronized (cycles) {
          cycles.add(counters.clone());
        }
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }

  private int cycles() {
    synchronized (cycles) {
      return cycles.size();
    }
  }

  private void awaitCycles(int count, AtomicReference<Throwable> failure) {
    Wait.until(
        TAKE_OVER,
        count + " cycles, seed " + SEED,
        () -> cycles() >= count || failure.get() != null);
    assertThat(failure.get()).isNull();
  }

  private static String body(int cycle, double[] volumes) {
    StringBuilder body = new StringBuilder("[");
    for (int r = 0; r < RESOURCES; r++) {
      body.append(r == 0 ? "" : ",")
          .append("{\"counter_name\":\"work\",\"counter_type\":\"cumulative\",")
          .append("\"counter_unit\":\"x\",\"resource_id\":\"r")
          .append(r)
          .append("\",\"counter_volume\":")
          .append(volumes[r])
          .append(",\"message_id\":\"")
          .append(cycle)
          .append('-')
          .append(r)
          .append("\",\"timestamp\":\"")
          .append(START.plusSeconds(cycle))
          .append("\"}");
    }
    return body.append(']').toString();
  }

  private void check(URI node) {
    for (int r = 0; r < RESOURCES; r++) {
      List<Double> deltas = new ArrayList<>();
      for (int c = 1; c < cycles.size(); c++) {
        deltas.add(cycles.get(c)[r] - cycles.get(c - 1)[r]);
      }
      String who = "resource r" + r + ", seed " + SEED;
      assertThat(volumes(node, "work", r)).as(who).hasSize(cycles.size());
      assertThat(volumes(node, "work.delta", r)).as(who).isEqualTo(deltas);
      List<Double> sums = new ArrayList<>();
      for (int from = 0; from + WINDOW <= deltas.size(); from += WINDOW) {
        sums.add(deltas.subList(from, from + WINDOW).stream().mapToDouble(d -> d).sum());
      }
      assertThat(volumes(node, "work.sum", r)).as(who).isEqualTo(sums);
    }
    System.out.println("  " + cycles.size() + " cycles of " + RESOURCES + " counters");
  }

  /** In the order of time. */
  private List<Double> volumes(URI node, String meter, int resource) {
    String query =
        "v2/meters/"
            + HttpJson.encode(meter)
            + "?q.field=resource_id&q.op=eq&q.value=r"
            + resource
            + "&limit=100000";
    List<Double> volumes = new ArrayList<>();
    for (JsonNode sample : http.get(node, query)) {
      volumes.add(0, sample.get("counter_volume").asDouble());
    }
    return volumes;
  }
}
