package io.sonde.collector;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How collectors behave. Keys under {@code sonde.collector}.
 *
 * @param collectors how many a new database gets; one that exists keeps its own number
 * @param askTimeout how long a sender waits for the word that its samples are durable
 * @param flushBytes a flush begins when the journal has grown by so much since the last one
 * @param flushInterval a flush begins when the last one is so long ago and there is anything to
 *     flush
 * @param chunkSamples an open block of so many samples is written as a chunk by the next flush
 * @param keepFlushed how long a flushed generation stays in memory for readers whose view is older
 * @param maxWaiting samples gathered or parked at which a collector sends further ones away
 */
public record CollectorSettings(
    int collectors,
    Duration askTimeout,
    long flushBytes,
    Duration flushInterval,
    int chunkSamples,
    Duration keepFlushed,
    int maxWaiting) {

  /** Reads {@code sonde.collector}. */
  public static CollectorSettings from(Config config) {
    return new CollectorSettings(
        config.getInt("collectors"),
        config.getDuration("ask-timeout"),
        config.getBytes("flush-bytes"),
        config.getDuration("flush-interval"),
        config.getInt("chunk-samples"),
        config.getDuration("keep-flushed"),
        config.getInt("max-waiting"));
  }
}
