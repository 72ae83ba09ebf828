package io.sonde.publish;

import io.sonde.model.Event;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleId;
import io.sonde.series.BatchCodec;
import io.sonde.store.JournalStore;
import io.sonde.store.QueueStore;
import java.util.AbstractList;
import java.util.List;
import java.util.function.Function;

/**
 * What waits in the queue for a publisher at a collector: entries are rows, numbers are ids, and
 * what is done is deleted.
 */
final class QueueBacklog<T> implements Backlog<T> {
  private final String publisher;
  private final int collector;
  private final QueueStore queue;
  private final Function<QueueStore.Row, List<T>> decode;

  private QueueBacklog(
      String publisher, int collector, QueueStore queue, Function<QueueStore.Row, List<T>> decode) {
    this.publisher = publisher;
    this.collector = collector;
    this.queue = queue;
    this.decode = decode;
  }

  /** Samples that wait. */
  static QueueBacklog<Publisher.Outgoing> ofSamples(
      String publisher, int collector, QueueStore queue) {
    return new QueueBacklog<>(
        publisher,
        collector,
        queue,
        row -> new Samples(BatchCodec.decode(row.payload()), row.recorded()));
  }

  /** Events that wait. */
  static QueueBacklog<Event> ofEvents(String publisher, int collector, QueueStore queue) {
    return new QueueBacklog<>(publisher, collector, queue, row -> EventCodec.decode(row.payload()));
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public List<Entry<T>> next() {
    return queue.first(publisher, collector).stream()
        .map(row -> new Entry<>(row.id(), row.recorded(), row.payload().length, decode.apply(row)))
        .toList();
  }

  @Override
  public void done(List<Entry<T>> entries) {
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
