package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/** All samples that a reading found, in memory: each stands in it once. */
final class Found implements Findings {
  /**
   * Samples of a series; others of the same series may stand in other pieces, at overlapping times.
   */
  record Piece(Series series, Columns columns) {}

  private final Set<Series> series = new HashSet<>();
  private final List<Piece> pieces = new ArrayList<>();
  private final Map<UUID, Metadata> metadata = new HashMap<>();

  @Override
  public void series(Series one) {
    series.add(one);
  }

  @Override
  public boolean chunk(
      Series one,
      byte[] directory,
      byte[] payload,
      Function<Set<UUID>, Map<UUID, Metadata>> texts) {
    series.add(one);
    pieces.add(new Piece(one, ChunkCodec.decode(payload)));
    return true;
  }

  @Override
  public void metadata(Metadata text) {
    metadata.put(text.id(), text);
  }

  Set<Series> series() {
    return series;
  }

  List<Piece> pieces() {
    return pieces;
  }

  /** Metadata that the collectors sent along, as no row may hold it yet. */
  Map<UUID, Metadata> metadata() {
    return metadata;
  }

  /** The ids of all metadata that samples refer to. */
  Set<UUID> metadataIds() {
    Set<UUID> ids = new HashSet<>();
    pieces.forEach(piece -> ids.addAll(List.of(piece.columns().metadataIds())));
    return ids;
  }
}
