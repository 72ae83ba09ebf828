package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.Metadata;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import java.util.List;

/**
 * Makes one sample of several of the same meter and resource: gauges become their mean, deltas
 * their sum, of cumulative meters the newest counts. A window ends with its {@code size}th sample,
 * or {@code retention_time} seconds after its first one arrived, by the clock.
 *
 * <pre>
 * source, target: as for unit_conversion
 * size: 1, or without end where a retention_time is given
 * retention_time: none
 * timestamp: first or last                    of the window's samples; first
 * user_id, project_id: first or last          merges the samples of several; not given: kept apart
 * resource_metadata: last, first or drop
 * </pre>
 *
 * It differs from Ceilometer's where that is wrong or depends on how many workers there are:
 * samples are counted by meter and resource (there, all of a worker together), time is that of the
 * clock and passes when nothing comes (there, the next message of any kind looked), a renamed gauge
 * is averaged, a retention time alone does not end a window at once, and the source is kept.
 */
public final class Aggregator implements Transformer {
  /** The name in configurations. */
  public static final String NAME = "aggregator";

  private static final double MICROS = 1e6;
  private static final String FIRST = "first";
  private static final String LAST = "last";

  private final Conversion conversion;
  private final double size;
  private final long retentionMicros;
  private final boolean isTimedByLast;
  private final String userPolicy;
  private final String projectPolicy;
  private final String metadataPolicy;

  public Aggregator(ConfigSection parameters) {
    conversion =
        new Conversion(
            parameters,
            "size",
            "retention_time",
            "timestamp",
            "user_id",
            "project_id",
            "resource_metadata");
    double retention = notNegative(parameters, "retention_time");
    retentionMicros = retention == 0 ? NEVER : (long) (retention * MICROS);
    double wanted = notNegative(parameters, "size");
    size = wanted > 0 ? wanted : retention > 0 ? Double.POSITIVE_INFINITY : 1;
    isTimedByLast = LAST.equals(policy(parameters, "timestamp", FIRST, FIRST, LAST));
    userPolicy = policy(parameters, "user_id", null, FIRST, LAST);
    projectPolicy = policy(parameters, "project_id", null, FIRST, LAST);
    metadataPolicy = policy(parameters, "resource_metadata", LAST, LAST, FIRST, "drop");
  }

  private static double notNegative(ConfigSection parameters, String key) {
    double value = parameters.decimal(key).orElse(0.0);
    if (value < 0) {
      throw new ConfigException(
          parameters.path(key), parameters.shown(key), "a number that is not negative");
    }
    return value;
  }

  private static String policy(
      ConfigSection parameters, String key, String absent, String... known) {
    String policy = parameters.text(key).orElse(absent);
    if (policy != null && !List.of(known).contains(policy)) {
      throw new ConfigException(parameters.path(key), policy, "one of " + String.join(", ", known));
    }
    return policy;
  }

  @Override
  public Series keyOf(Series input) {
    if (userPolicy == null && projectPolicy == null) {
      return input;
    }
    return input.ownedBy(
        projectPolicy == null ? input.projectId() : null,
        userPolicy == null ? input.userId() : null);
  }

  @Override
  public Outcome apply(Sample input, byte[] memory, long now) {
    if (!conversion.takes(input.series().unit())) {
      return Outcome.of(input);
    }
    AggregatorWindow window = AggregatorWindow.of(memory);
    Skip refusal = window.admit(input);
    if (refusal != null) {
      return Outcome.skipped(refusal);
    }
    double volume = conversion.scaled(input);
    if (!Double.isFinite(volume)) {
      return Outcome.skipped(Skip.NO_NUMBER);
    }
    if (window.count() == 0) {
      window.begin(
          conversion.target(input.series()),
          input,
          conversion.clamp(volume),
          "drop".equals(metadataPolicy) ? Metadata.EMPTY : input.metadata(),
          retentionMicros == NEVER ? NEVER : now + retentionMicros);
    } else {
      window.add(
          input,
          volume,
          LAST.equals(userPolicy),
          LAST.equals(projectPolicy),
          LAST.equals(metadataPolicy));
    }
    return window.count() < size ? Outcome.held(window.bytes()) : end(window);
  }

  @Override
  public long due(byte[] memory) {
    return AggregatorWindow.due(memory);
  }

  @Override
  public Outcome release(Series key, byte[] memory) {
    AggregatorWindow window = AggregatorWindow.of(memory);
    return window.count() == 0 ? Outcome.NOTHING : end(window);
  }

  private Outcome end(AggregatorWindow window) {
    Sample output = window.end(isTimedByLast);
    byte[] next = window.bytes();
    return output == null ? Outcome.skipped(next, Skip.NO_NUMBER) : Outcome.of(next, output);
  }
}
