package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How nodes with one database find, lose and find each other again, with real processes: only what
 * was killed is started by hand again. {@code -Dseed=S} replays the same choices.
 */
@Tag("long")
class MembershipClusterIT {
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));

  /** Twice what is promised: machines of tests are slow. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(40);

  private static final Duration PAUSE = Duration.ofSeconds(20);
  private static final String READY = "ready: ";

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();

  @Test
  @Timeout(300)
  void nodesFindEachOtherWhateverHappens() throws Exception {
    System.out.println("MembershipClusterIT: seed " + SEED);
    try (ThreeNodes all = ThreeNodes.start(sondes, "sonde.collector.ask-timeout=1s")) {
      List<SondeProcess> nodes = new ArrayList<>(all.nodes());
      Collections.shuffle(nodes, new Random(SEED));
      whoDoesNotFitIsRefused(all);
      whoSleptComesBack(nodes.get(0), nodes.get(1));
      whoIsLeftGoesOn(nodes.get(0), nodes.subList(1, 3));
      allComeBackInAnyOrder(nodes);
    }
  }

  private static void whoDoesNotFitIsRefused(ThreeNodes all) throws SQLException {
    String seeds = "sonde.cluster.seed-nodes=" + all.seeds();
    assertThat(reason(all.another("alone")))
        .matches(
            "the node at 127\\.0\\.0\\.1:\\d+, seen \\d+ ms ago, has a cluster on this database: to"
                + " join it set sonde\\.cluster\\.seed-nodes = .*");
    assertThat(reason(all.another("different", seeds, "sonde.pipeline.stages-per-sink=7")))
        .isEqualTo(
            "sonde.pipeline.stages-per-sink: is 7 here and 4 in the cluster; all nodes must agree");
    String elsewhere = "sonde.database.url=\"" + all.newDatabase() + "\"";
    assertThat(reason(all.another("elsewhere", seeds, elsewhere)))
        .startsWith("sonde.database.url: leads to the database ");
  }

  /** The one line of a server that could not start. */
  private static String reason(SondeProcess refused) {
    assertThat(refused.launch().awaitExit()).as("exit code of " + refused).isEqualTo(Main.FAILED);
    return refused
        .output()
        .lines()
        .filter(line -> line.startsWith("sonde: "))
        .map(line -> line.substring("sonde: ".length()))
        .collect(Collectors.joining("\n"));
  }

  private void whoSleptComesBack(SondeProcess sleeper, SondeProcess other) {
    sleeper.signal("STOP");
    Stopwatch stopped = new Stopwatch();
    Wait.until(TAKE_OVER, "the others have taken over", () -> takes(other));
    System.out.println("  a node sleeps, the others go on after " + stopped);
    Wait.reached(PAUSE.minus(stopped.elapsed()), () -> false);
    sleeper.signal("CONT");
    Stopwatch woken = new Stopwatch();
    Wait.until(TAKE_OVER, "503 of the woken with the reason", () -> isInNoCluster(sleeper));
    System.out.println("  it wakes up, and says that it is in no cluster after " + woken);
    assertThat(http.answer(sleeper.base(), "health/live").statusCode()).isEqualTo(200);
    Wait.until(TAKE_OVER, "the return of the woken", () -> timesReady(sleeper) == 2);
    System.out.println("  it is back after " + woken);
    Wait.until(
        TAKE_OVER,
        "collectors on the one that is back",
        () -> afterLastReady(sleeper).contains("Residence collector="));
    Wait.until(TAKE_OVER, "all collectors", () -> takes(other) && takes(sleeper));
    System.out.println("  it has its share again after " + woken);
  }

  private void whoIsLeftGoesOn(SondeProcess left, List<SondeProcess> killed) {
    int before = timesReady(left);
    killed.forEach(SondeProcess::kill9);
    Stopwatch since = new Stopwatch();
    Wait.until(
        TAKE_OVER,
        "the one that is left goes on",
        () -> timesReady(left) == before + 1 && takes(left));
    System.out.println("  of three two are killed, the one that is left goes on after " + since);
  }

  private void allComeBackInAnyOrder(List<SondeProcess> nodes) {
    nodes.get(0).kill9();
    List<SondeProcess> order = new ArrayList<>(nodes);
    Collections.reverse(order);
    Stopwatch since = new Stopwatch();
    order.forEach(SondeProcess::launch);
    order.forEach(SondeProcess::awaitReady);
    System.out.println("  all were killed, and are ready after " + since);
    Wait.until(TAKE_OVER, "all collectors", () -> order.stream().allMatch(this::takes));
    assertThat(order.stream().filter(node -> node.output().contains("forming a cluster")))
        .as("who formed a cluster")
        .hasSize(1);
  }

  /** Whether it takes samples for all collectors. */
  private boolean takes(SondeProcess node) {
    String samples =
        IntStream.range(0, 60)
            .mapToObj(
                i ->
                    ("{\"counter_name\":\"m\",\"counter_type\":\"gauge\",\"counter_unit\":\"u\","
                        + "\"counter_volume\":1,\"resource_id\":\"r"
                        + i
                        + "\"}"))
            .collect(Collectors.joining(",", "[", "]"));
    try {
      return http.post(node.base(), "v2/samples", samples).statusCode() == 201;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isInNoCluster(SondeProcess node) {
    try {
      HttpResponse<String> answer = http.answer(node.base(), "v2/meters");
      return answer.statusCode() == 503
          && answer.headers().firstValue("Retry-After").isPresent()
          && answer.body().contains("\"faultstring\":\"The node is in no cluster: ");
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  private static int timesReady(SondeProcess node) {
    return node.output().split(READY, -1).length - 1;
  }

  private static String afterLastReady(SondeProcess node) {
    String output = node.output();
    return output.substring(output.lastIndexOf(READY));
  }

  private static final class Stopwatch {
    private final long begin = System.nanoTime();

    Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Override
    public String toString() {
      return elapsed().toMillis() + " ms";
    }
  }
}
