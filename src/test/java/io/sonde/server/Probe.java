package io.sonde.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * Pushes to one node at a fixed rhythm, whether earlier pushes were answered or not, samples of all
 * resources, and keeps when they were answered and how. So it shows for how long a node does not
 * serve. What was not acknowledged is sent batches.
 */
final class Probe implements AutoCloseable {
  private static final Duration RHYTHM = Duration.ofMillis(500);
  static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int METERS = NumberedSamples.METERS.size();

  /** Stands for the status of a push that got no answer. */
  static final int NONE = 0;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();
  private final History history;
  private final URI base;
  private final Deque<long[]> batches = new ArrayDeque<>();
  private final List<Answer> answers = new ArrayList<>();
  private final Set<CompletableFuture<?>> outstanding = ConcurrentHashMap.newKeySet();
  private final Thread thread = new Thread(this::push, "probe");
  private volatile boolean isOver;

  /**
   * What became of a push; times are of {@link System#nanoTime}.
   *
   * @param status {@link #NONE} when there was no answer
   * @param body what an answer other than 201 says
   */
  record Answer(long asked, long answered, int status, String body) {}

  /** Begins to push. */
  Probe(History history, URI base) {
    this.history = history;
    this.base = base;
    thread.setDaemon(true);
    thread.start();
  }

  private void push() {
    while (!isOver) {
      send();
      Wait.reached(RHYTHM, () -> isOver);
    }
  }

  private void send() {
    long[] batch = next();
    history.sent(batch);
    long asked = System.nanoTime();
    outstanding.removeIf(CompletableFuture::isDone);
    outstanding.add(
        client
            .sendAsync(
                HttpRequest.newBuilder(base.resolve("v2/samples"))
                    .timeout(PATIENCE)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(NumberedSamples.json(batch)))
                    .build(),
                BodyHandlers.ofString())
            .handle((response, failure) -> answered(batch, asked, response)));
  }

  /** A sample of each resource, all of one meter, so that it is little for a slow link. */
  private synchronized long[] next() {
    if (batches.isEmpty()) {
      long[] numbers = history.take(METERS * NumberedSamples.RESOURCES.size());
      for (int meter = 0; meter < METERS; meter++) {
        int at = meter;
        batches.add(LongStream.of(numbers).filter(number -> number % METERS == at).toArray());
      }
    }
    return batches.poll();
  }

  private synchronized Answer answered(long[] batch, long asked, HttpResponse<String> response) {
    int status = response == null ? NONE : response.statusCode();
    String body = response == null || status == 201 ? "" : response.body();
    Answer answer = new Answer(asked, System.nanoTime(), status, body);
    answers.add(answer);
    if (status == 201) {
      history.acknowledged(batch);
    } else {
      batches.add(batch);
    }
    return answer;
  }

  /** Whether what was pushed after a moment was acknowledged. */
  synchronized boolean isServedSince(long moment) {
    return answers.stream().anyMatch(answer -> answer.asked() >= moment && answer.status() == 201);
  }

  /** What became of pushes of a time, as far as it is known. */
  synchronized List<Answer> answersTo(long from, long to) {
    return answers.stream()
        .filter(answer -> answer.asked() >= from && answer.asked() < to)
        .toList();
  }

  /**
   * The longest time between two moments in which no push to any of these was acknowledged, in
   * milliseconds.
   */
  static long longestGap(List<Probe> probes, long from, long to) {
    long longest = 0;
    long last = from;
    for (long moment :
        probes.stream().flatMap(probe -> probe.served(from, to).stream()).sorted().toList()) {
      longest = Math.max(longest, moment - last);
      last = moment;
    }
    return TimeUnit.NANOSECONDS.toMillis(Math.max(longest, to - last));
  }

  private synchronized List<Long> served(long from, long to) {
    return answers.stream()
        .filter(answer -> answer.status() == 201)
        .map(Answer::answered)
        .filter(moment -> moment > from && moment < to)
        .toList();
  }

  /** Pushes no more, and waits until the last push has an answer or will have none. */
  @Override
  public void close() {
    isOver = true;
    Wait.reached(
        PATIENCE,
        () -> !thread.isAlive() && outstanding.stream().allMatch(CompletableFuture::isDone));
  }
}
