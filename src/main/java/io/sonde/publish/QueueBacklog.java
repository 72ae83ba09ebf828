package io.sonde.publish;

import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.series.BatchCodec;
import io.sonde.store.JournalStore;
import io.sonde.store.QueueStore;
import java.util.AbstractList;
import java.util.List;

/**
 * What waits in the queue for a publisher at a collector: entries are rows, numbers are ids, and
 * what is done is deleted.
 */
final class QueueBacklog implements Backlog {
  private final String publisher;
  private final int collector;
  private final QueueStore queue;

  QueueBacklog(String publisher, int collector, QueueStore queue) {
    this.publisher = publisher;
    this.collector = collector;
    this.queue = queue;
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public List<Entry> next() {
    return queue.first(publisher, collector).stream()
        .map(
            row ->
                new Entry(
                    row.id(),
                    row.recorded(),
                    row.payload().length,
                    new Samples(BatchCodec.decode(row.payload()), row.recorded())))
        .toList();
  }

  @Override
  public void done(List<Entry> entries) {
    queue.delete(publisher, collector, entries.stream().map(Entry::number).toList());
  }

  @Override
  public Waiting waitingAfter(long number) {
    JournalStore.Waiting rows = queue.waiting(publisher, collector, number);
    return new Waiting(rows.rows(), rows.bytes(), rows.last());
  }

  @Override
  public boolean isOver() {
    return false;
  }

  private static final class Samples extends AbstractList<Publisher.Outgoing> {
    private final SampleBatch batch;
    private final long recordedAt;

    private Samples(SampleBatch batch, long recordedAt) {
      this.batch = batch;
      this.recordedAt = recordedAt;
    }

    @Override
    public Publisher.Outgoing get(int index) {
      Sample sample = batch.sample(index);
      return new Publisher.Outgoing(
          SampleId.of(sample.series(), sample.timestamp(), sample.key()), sample, recordedAt);
    }

    @Override
    public int size() {
      return batch.size();
    }
  }
}
