package io.sonde.query;

import io.sonde.model.Metadata;
import io.sonde.store.QueryStore;

/**
 * Takes what one reading finds, in chunk rows and in collectors: each sample once. Used by one
 * thread at a time.
 */
interface Findings extends QueryStore.Visitor {
  /** Takes metadata that no row may hold yet. */
  void metadata(Metadata text);
}
