package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** The series that a reading of series alone found. */
final class FoundSeries implements Findings {
  private final Set<Series> all = new HashSet<>();

  @Override
  public void series(Series one) {
    all.add(one);
  }

  @Override
  public boolean chunk(
      Series series,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> texts) {
    throw new IllegalStateException("a chunk where series alone were asked for");
  }

  @Override
  public void metadata(Metadata text) {
    // None is looked at.
  }

  Set<Series> all() {
    return all;
  }
}
