package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.server.StoredSamples.Totals;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three nodes with one PostgreSQL, started with the overlays in {@code cluster/}: what one
 * acknowledges all show at once, also in live streams, and the death or the departure of a node
 * loses nothing and doubles nothing. {@code -Dseed=S} replays the same choices.
 */
@Tag("faults")
class ThreeNodesClusterIT {
  private static final long SEED = Long.getLong("seed", new Random().nextInt(1_000_000));
  private static final int READS = 20;

  /** Failure detection, downing, hand-over and recovery together, with some room. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(40);

  private static final Duration PROGRESS = Duration.ofSeconds(40);

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final Random random = new Random(SEED);
  private final History history = new History();

  @Test
  @Timeout(600)
  void nodesShareWhatTheyHaveAndOutliveEachOther() throws Exception {
    System.out.println("ThreeNodesClusterIT: seed " + SEED);
    try (ThreeNodes all = ThreeNodes.start(sondes)) {
      // Any of the three may be the one that dies, the oldest and the first seed node too.
      List<SondeProcess> nodes = new ArrayList<>(all.nodes());
      Collections.shuffle(nodes, random);
      whatOneAcknowledgesAllShow(nodes);
      nodesComeAndGoWhileClientsPush(nodes.get(0), nodes.get(1), nodes.get(2));
    }
  }

  private void whatOneAcknowledgesAllShow(List<SondeProcess> nodes)
      throws IOException, InterruptedException {
    HttpJson http = new HttpJson();
    for (int i = 0; i < READS; i++) {
      URI writer = nodes.get(i % ThreeNodes.COUNT).base();
      long[] batch = history.take(NumberedSamples.METERS.size() * NumberedSamples.RESOURCES.size());
      history.sent(batch);
      assertThat(http.post(writer, "v2/samples", NumberedSamples.json(batch)).statusCode())
          .isEqualTo(201);
      history.acknowledged(batch);
      for (SondeProcess reader : nodes) {
        long number = batch[random.nextInt(batch.length)];
        String meter = NumberedSamples.meter(number);
        String resource = NumberedSamples.resource(number);
        StoredSamples stored = new StoredSamples(reader.base());
        assertThat(stored.volumes(meter, resource))
            .as(meter + " of " + resource + ", read from " + reader + ", seed " + SEED)
            .hasSize(i + 1)
            .startsWith((double) number);
        assertThat(stored.count(meter, resource)).isEqualTo(i + 1);
      }
    }
  }

  private void nodesComeAndGoWhileClientsPush(
      SondeProcess stays, SondeProcess dies, SondeProcess leaves) throws Exception {
    System.out.println("  " + stays + " stays, " + dies + " dies, " + leaves + " leaves");
    long first = history.end();
    try (StreamReader stream = StreamReader.open(stays.base(), "");
        StreamReader ofLeaver = StreamReader.open(leaves.base(), "?meter=fault.cpu");
        Pushing pushing = new Pushing(history, SEED, 3)) {
      pushing.to(stays.base());
      pushing.start();
      pushing.awaitAcknowledged(5_000 + random.nextInt(5_000), PROGRESS);

      Wait.until(PROGRESS, "a request in flight", () -> pushing.inFlight() > 0);
      dies.kill9();
      history.nextRound();
      awaitPushed("after the kill", pushing);

      // It comes back, and takes its part again.
      dies.start();
      history.nextRound();
      awaitPushed("after the return", pushing);

      long begin = System.nanoTime();
      assertThat(leaves.terminate()).as("exit code after SIGTERM").isIn(0, 143);
      System.out.println("  " + leaves + " left within " + millisSince(begin) + " ms");
      Wait.until(PROGRESS, "the end of the leaver's stream", ofLeaver::isOver);
      assertThat(ofLeaver.count()).as("what the leaver streamed").isPositive();
      history.nextRound();
      awaitPushed("after the departure", pushing);

      pushing.finish(TAKE_OVER);
      System.out.println("ThreeNodesClusterIT: " + pushing);
      Map<String, Totals> totals = compare(stays);
      assertThat(compare(dies)).isEqualTo(totals);
      assertThat(pushing.complaints()).as("answers").isEmpty();
      checkStream(stream, first, totals);
    }
  }

  /** The stream of the node that stays has all that is stored since it was opened, each once. */
  private void checkStream(StreamReader stream, long first, Map<String, Totals> stored) {
    long all = stored.values().stream().mapToLong(Totals::count).sum() - first;
    Wait.until(PROGRESS, all + " streamed samples", () -> stream.count() >= all);
    Map<String, Totals> streamed = new HashMap<>();
    for (long number = 0; number < first; number++) {
      streamed.merge(
          NumberedSamples.meter(number), Totals.NONE.plus((double) number), Totals::plus);
    }
    for (StreamReader.Event event : stream.events()) {
      assertThat(event.name()).as("seed " + SEED).isEqualTo("sample");
      streamed.merge(
          event.data().required("meter").asText(),
          Totals.NONE.plus(event.data().required("volume").asDouble()),
          Totals::plus);
    }
    assertThat(streamed).as("what was streamed, seed " + SEED).isEqualTo(stored);
    assertThat(stream.events()).extracting(StreamReader.Event::id).doesNotHaveDuplicates();
    System.out.println("  " + all + " samples were streamed");
  }

  /** Pushing succeeds again, for all resources: batches that were answered 503 went through. */
  private void awaitPushed(String when, Pushing pushing) {
    long begin = System.nanoTime();
    // Enough numbers to touch each series many times.
    int count = 30 * NumberedSamples.METERS.size() * NumberedSamples.RESOURCES.size();
    pushing.awaitAcknowledged(count, TAKE_OVER);
    System.out.println(
        "  " + count + " more samples " + when + " in " + millisSince(begin) + " ms");
  }

  private Map<String, Totals> compare(SondeProcess node) {
    HistoryCheck check = new HistoryCheck(history);
    StoredSamples stored = new StoredSamples(node.base());
    Map<String, Totals> listed = stored.list(check, history.sentCount());
    assertThat(check.findings()).as("read from " + node + ", seed " + SEED).isEmpty();
    assertThat(stored.statistics()).as("statistics against the listing").isEqualTo(listed);
    return listed;
  }

  private static long millisSince(long begin) {
    return (System.nanoTime() - begin) / 1_000_000;
  }
}
