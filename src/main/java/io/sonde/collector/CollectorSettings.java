package io.sonde.collector;

import com.typesafe.config.Config;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * How collectors behave. Keys under {@code sonde.collector}.
 *
 * @param collectors how many a new database gets; one that exists keeps its own number
 * @param askTimeout how long a sender waits for the word that its samples are durable
 * @param flushBytes a flush begins when the journal has grown by so much since the last one
 * @param flushInterval a flush begins when the last one is so long ago and there is anything to
 *     flush
 * @param chunkSamples an open block of so many samples becomes a chunk
 * @param idleAfter an open block that got no sample for so long becomes a chunk at the next flush
 * @param keepFlushed how long a flushed generation stays in memory for readers whose view is older
 * @param keepFlushedBytes how much of flushed generations stays in memory, the last one apart
 * @param maxWaiting samples gathered or parked at which a collector sends further ones away
 */
public record CollectorSettings(
    int collectors,
    Duration askTimeout,
    long flushBytes,
    Duration flushInterval,
    int chunkSamples,
    Duration idleAfter,
    Duration keepFlushed,
    long keepFlushedBytes,
    int maxWaiting) {

  /** Reads what stands at {@code sonde.collector}. */
  public static CollectorSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.collector");
    return new CollectorSettings(
        section.integer("collectors", 1, 1024),
        section.duration("ask-timeout", Duration.ofMillis(100), Duration.ofHours(1)),
        section.bytes("flush-bytes", 64 * 1024, 1L << 30),
        section.duration("flush-interval", Duration.ZERO, Duration.ofDays(1)),
        section.integer("chunk-samples", 1, 1024),
        section.duration("idle-after", Duration.ZERO, Duration.ofDays(365)),
        section.duration("keep-flushed", Duration.ZERO, Duration.ofHours(1)),
        section.bytes("keep-flushed-bytes", 0, 1L << 40),
        section.integer("max-waiting", 1, Integer.MAX_VALUE));
  }
}
