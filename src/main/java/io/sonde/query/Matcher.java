package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import java.util.Map;
import java.util.UUID;

/** Says which of the samples in memory a filter asks for. */
final class Matcher {
  private final SampleFilter filter;
  private final Map<UUID, Metadata> texts;
  private final FlatValues flat = new FlatValues();
  private Series latest;
  private Condition ofSeries;

  /**
   * Of a filter.
   *
   * @param texts of all metadata that samples refer to, where the filter looks at metadata
   */
  Matcher(SampleFilter filter, Map<UUID, Metadata> texts) {
    this.filter = filter;
    this.texts = texts;
  }

  /** Whether place i of a piece is asked for. */
  boolean matches(Found.Piece piece, int i) {
    long timestamp = piece.columns().timestamp(i);
    if (timestamp < filter.from() || timestamp >= filter.to()) {
      return false;
    }
    if (!piece.series().equals(latest)) {
      latest = piece.series();
      ofSeries = Evaluator.bySeries(filter.rest(), latest);
    }
    Condition rest =
        ofSeries.looksAtColumns()
            ? Evaluator.byColumns(ofSeries, latest, piece.columns(), i)
            : ofSeries;
    return rest.looksAtMetadata()
        ? Evaluator.byMetadata(rest, flat.of(piece.columns().metadata(i), texts))
        : rest.equals(Condition.And.TRUE);
  }
}
