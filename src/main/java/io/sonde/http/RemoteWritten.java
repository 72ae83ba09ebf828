package io.sonde.http;

import io.sonde.model.SampleBatch;

/**
 * What a WriteRequest holds.
 *
 * @param batch the samples that go on
 * @param stale staleness markers, which are passed over
 * @param notNumbers other samples that are not numbers, passed over too
 * @param infinite samples that are infinite, passed over too
 * @param histograms native histograms, passed over too
 * @param refusedLabels samples refused for the labels of their series
 * @param refusedTimes samples refused for their time
 * @param unknownSeries series that were not in the cache
 * @param firstRefusal why the first refused sample is refused, or null
 */
record RemoteWritten(
    SampleBatch batch,
    int stale,
    int notNumbers,
    int infinite,
    int histograms,
    int refusedLabels,
    int refusedTimes,
    int unknownSeries,
    String firstRefusal) {

  int refused() {
    return refusedLabels + refusedTimes;
  }

  int skipped() {
    return stale + notNumbers + infinite + histograms;
  }

  /** Adds all that is not handed on to the counters. */
  void count() {
    RemoteWriteMetrics.SKIPPED.labelValues("stale").inc(stale);
    RemoteWriteMetrics.SKIPPED.labelValues("nan").inc(notNumbers);
    RemoteWriteMetrics.SKIPPED.labelValues("infinite").inc(infinite);
    RemoteWriteMetrics.SKIPPED.labelValues("histogram").inc(histograms);
    RemoteWriteMetrics.REFUSED.labelValues("labels").inc(refusedLabels);
    RemoteWriteMetrics.REFUSED.labelValues("time").inc(refusedTimes);
    RemoteWriteMetrics.UNKNOWN.inc(unknownSeries);
  }
}
