package io.sonde.polling;

import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/**
 * What a node gives its pollsters.
 *
 * @param host name of the host that the node is on
 * @param metricsUrl where the node serves its own metrics
 * @param maxBody largest answer in bytes that is to be taken from the outside
 * @param blocking where to do what waits for the operating system or a slow library
 * @param leftOut told how many values of an answer were left out, not being finite
 */
public record PollingContext(
    String host,
    String metricsUrl,
    int maxBody,
    Executor blocking,
    Clock clock,
    IntConsumer leftOut) {

  /** Now, in microseconds since 1970, for the samples of a reading. */
  public long micros() {
    return clock.millis() * 1000;
  }
}
