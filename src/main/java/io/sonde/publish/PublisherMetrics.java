package io.sonde.publish;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.sonde.cluster.NodeReport.PublisherLag;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * What the publishers of this node count; {@code publisher} is the URL without its password, of
 * events behind {@code events to}.
 */
final class PublisherMetrics {
  static final Counter PUBLISHED =
      Counter.builder()
          .name("sonde_publisher_published_samples_total")
          .help("Samples, or events, that consumers have, or have rejected for good.")
          .labelNames("publisher")
          .register();

  static final Counter OVERFLOW =
      Counter.builder()
          .name("sonde_publisher_overflow_samples_total")
          .help(
              "Samples, or events, that were left out as too much waited (bytes) or for too long (age).")
          .labelNames("publisher", "reason")
          .register();

  static final Counter FAILURES =
      Counter.builder()
          .name("sonde_publisher_failures_total")
          .help("Tries to read on and to hand over that failed, each followed by another.")
          .labelNames("publisher")
          .register();

  static final Counter RETRIES =
      Counter.builder()
          .name("sonde_publisher_retries_total")
          .help("Tries that followed one that had failed.")
          .labelNames("publisher")
          .register();

  private static final Set<Behind> ALL = ConcurrentHashMap.newKeySet();

  static {
    gauge(
        "seconds",
        "Age of the oldest that waits for the publisher on this node, seconds; 0 if nothing does.",
        Behind::seconds,
        Math::max);
    gauge(
        "events",
        "Events of the journal and rows of the queue that wait for the publisher on this node.",
        behind -> behind.events,
        Double::sum);
    gauge(
        "bytes",
        "Bytes of what waits for the publisher at that collector of this node where most does.",
        behind -> behind.bytes,
        Math::max);
  }

  private PublisherMetrics() {}

  /** How far a publisher is behind at one collector. Written by one thread at a time. */
  static final class Behind {
    private final String publisher;
    private volatile long oldest = Long.MAX_VALUE;
    private volatile long events;
    private volatile long bytes;

    private Behind(String publisher) {
      this.publisher = publisher;
    }

    /** Shown from now on, until it is {@link #forget}ed. */
    static Behind of(String publisher) {
      Behind behind = new Behind(publisher);
      ALL.add(behind);
      return behind;
    }

    /**
     * Sets what waits.
     *
     * @param recordedAt of the oldest, seconds since 1970
     */
    void set(long recordedAt, long events, long bytes) {
      this.oldest = recordedAt;
      this.events = events;
      this.bytes = bytes;
    }

    void nothing() {
      set(Long.MAX_VALUE, 0, 0);
    }

    void forget() {
      ALL.remove(this);
    }

    private double seconds() {
      long since = oldest;
      return since == Long.MAX_VALUE ? 0 : Math.max(0, Instant.now().getEpochSecond() - since);
    }
  }

  /** The same figures together, those that are furthest behind first. */
  static List<PublisherLag> lags() {
    Map<String, PublisherLag> lags = new TreeMap<>();
    for (Behind behind : ALL) {
      lags.merge(
          behind.publisher,
          new PublisherLag(behind.publisher, (long) behind.seconds(), behind.events, behind.bytes),
          (one, other) ->
              new PublisherLag(
                  one.publisher(),
                  Math.max(one.seconds(), other.seconds()),
                  one.events() + other.events(),
                  Math.max(one.bytes(), other.bytes())));
    }
    return lags.values().stream()
        .sorted(Comparator.comparingLong((PublisherLag lag) -> -lag.seconds()))
        .toList();
  }

  /** A figure of each publisher, made of those at the collectors of this node. */
  private static void gauge(
      String unit, String help, ToDoubleFunction<Behind> figure, BinaryOperator<Double> both) {
    GaugeWithCallback.builder()
        .name("sonde_publisher_behind_" + unit)
        .help(help)
        .labelNames("publisher")
        .callback(
            gauge -> {
              Map<String, Double> figures = new TreeMap<>();
              for (Behind behind : ALL) {
                figures.merge(behind.publisher, figure.applyAsDouble(behind), both);
              }
              figures.forEach((publisher, value) -> gauge.call(value, publisher));
            })
        .register();
  }
}
