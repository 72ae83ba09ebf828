package io.sonde.server;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** One connection of a {@link Pushing}. */
final class Pusher implements Runnable {
  private static final int LARGEST = 400;
  private static final int REMEMBERED = 200;
  private static final Duration BACK_OFF = Duration.ofMillis(50);

  private final Pushing pushing;
  private final Random random;
  private final HttpJson http = new HttpJson();

  /** To be sent until they are acknowledged. */
  private final Deque<long[]> pending = new ArrayDeque<>();

  /** Some that were acknowledged, to send again. */
  private final List<long[]> acknowledged = new ArrayList<>();

  Pusher(Pushing pushing, long seed) {
    this.pushing = pushing;
    this.random = new Random(seed);
  }

  @Override
  public void run() {
    try {
      while (!pushing.stopped()) {
        if (pushing.finishing() && pending.isEmpty()) {
          return;
        }
        send(next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      pushing.complain("the client itself failed: " + e);
    }
  }

  private long[] next() {
    if (!pending.isEmpty()) {
      return cutAnew(pending.poll());
    }
    long[] echo = pushing.echoes().poll();
    if (echo != null) {
      return echo;
    }
    if (!acknowledged.isEmpty() && random.nextInt(8) == 0) {
      return acknowledged.get(random.nextInt(acknowledged.size()));
    }
    // Small ones as well as large ones, and sometimes a single sample.
    int size = 1 + random.nextInt(1 + random.nextInt(LARGEST));
    long[] fresh = pushing.history().take(size);
    if (random.nextInt(25) == 0) {
      // Another connection sends the same at the same time.
      pushing.echoes().add(fresh);
    }
    if (random.nextInt(25) == 0) {
      // A copy within one request.
      return concat(fresh, Arrays.copyOf(fresh, 1));
    }
    if (!acknowledged.isEmpty() && random.nextInt(10) == 0) {
      // Old and new mixed.
      return concat(fresh, acknowledged.get(random.nextInt(acknowledged.size())));
    }
    return fresh;
  }

  /** A client that sends again need not cut its samples into the same requests. */
  private long[] cutAnew(long[] batch) {
    if (batch.length < 2 || random.nextInt(3) != 0) {
      return batch;
    }
    int cut = 1 + random.nextInt(batch.length - 1);
    pending.addFirst(Arrays.copyOfRange(batch, cut, batch.length));
    return Arrays.copyOf(batch, cut);
  }

  private void send(long[] batch) throws InterruptedException {
    boolean allKnown = LongStream.of(batch).allMatch(n -> pushing.history().acknowledgedIn(n) >= 0);
    String body = NumberedSamples.json(batch);
    pushing.history().sent(batch);
    pushing.began();
    try {
      HttpResponse<String> response = http.post(pushing.base(), "v2/samples", body);
      judge(batch, allKnown, response);
    } catch (ConnectException e) {
      // Nobody is there, so nothing was sent.
      pending.add(batch);
      backOff();
    } catch (IOException e) {
      pushing.broken();
      if (random.nextInt(10) == 0) {
        // This client dies too: nobody will ever know.
        pushing.gaveUp();
      } else {
        pending.add(batch);
      }
      backOff();
    } finally {
      pushing.ended();
    }
  }

  private void judge(long[] batch, boolean allKnown, HttpResponse<String> response) {
    switch (response.statusCode()) {
      case 201 -> {
        pushing.history().acknowledged(batch);
        remember(batch);
        balance(batch, allKnown, response.headers());
        Wait.reached(pushing.pause(), () -> pushing.stopped() || pushing.finishing());
      }
      case 503 -> {
        pushing.refused();
        if (response.headers().firstValue("Retry-After").isEmpty()) {
          pushing.complain("503 without Retry-After: " + response.body());
        }
        pending.add(batch);
        backOff();
      }
      default -> {
        pushing.complain("status " + response.statusCode() + ": " + response.body());
        pending.add(batch);
        backOff();
      }
    }
  }

  /** What the server says of a batch must add up to the batch. */
  private void balance(long[] batch, boolean allKnown, HttpHeaders headers) {
    long accepted = headers.firstValueAsLong("Sonde-Accepted").orElse(-1);
    long duplicate = headers.firstValueAsLong("Sonde-Duplicate").orElse(-1);
    long refused = headers.firstValueAsLong("Sonde-Refused").orElse(-1);
    boolean adds = accepted >= 0 && accepted + duplicate == batch.length && refused == 0;
    if (!adds || (allKnown && accepted > 0)) {
      pushing.complain(
          ("a batch of " + batch.length + (allKnown ? " acknowledged before" : ""))
              + (" was answered with accepted " + accepted + ", duplicate " + duplicate)
              + (", refused " + refused));
    }
    pushing.answered(Math.max(0, accepted), Math.max(0, duplicate));
  }

  private void remember(long[] batch) {
    if (acknowledged.size() < REMEMBERED) {
      acknowledged.add(batch);
    } else {
      acknowledged.set(random.nextInt(REMEMBERED), batch);
    }
  }

  private void backOff() {
    Wait.reached(BACK_OFF, pushing::stopped);
  }

  private static long[] concat(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
