package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.Columns;
import java.util.Map;
import java.util.UUID;

/** Says which samples a filter asks for, apart from its bounds on time. */
final class Matcher {
  private final SampleFilter filter;
  private final FlatValues flat = new FlatValues();
  private Series latest;
  private Condition ofSeries;

  Matcher(SampleFilter filter) {
    this.filter = filter;
  }

  /** What has to hold of the samples of a series. */
  Condition of(Series series) {
    if (!series.equals(latest)) {
      latest = series;
      ofSeries = Evaluator.bySeries(filter.rest(), series);
    }
    return ofSeries;
  }

  /** The same of one of them, place i: what is left for its metadata to decide. */
  Condition of(Series series, Columns columns, int i) {
    Condition left = of(series);
    return left.looksAtColumns() ? Evaluator.byColumns(left, series, columns, i) : left;
  }

  /**
   * Whether what is left holds.
   *
   * @param texts of metadata, that of this id among them where it is looked at
   */
  boolean holds(Condition left, UUID metadata, Map<UUID, Metadata> texts) {
    return left.looksAtMetadata()
        ? Evaluator.byMetadata(left, flat.of(metadata, texts))
        : left.equals(Condition.And.TRUE);
  }

  /** Whether place i is asked for. */
  boolean matches(Series series, Columns columns, int i, Map<UUID, Metadata> texts) {
    return holds(of(series, columns, i), columns.metadata(i), texts);
  }
}
