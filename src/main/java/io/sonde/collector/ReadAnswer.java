package io.sonde.collector;

import io.sonde.collector.ReadRequest.Wants;
import io.sonde.model.Metadata;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.series.Head;
import io.sonde.series.TimeSplit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Cuts the answer to a {@link ReadRequest} out of a collector: its head and the flushes that the
 * reader does not see yet.
 */
final class ReadAnswer {
  /** So many samples fit into one record, whatever they are. */
  private static final int RECORD_SAMPLES = 1024;

  private static final long DAY_MICROS = 86_400_000_000L;

  private final ReadRequest request;
  private final TimeSplit time;
  private final Head head;
  private final List<Generation> unseen;
  private final ReadPart.Writer out = new ReadPart.Writer();
  private final Set<UUID> metadata = new HashSet<>();

  /** The parts of an answer. */
  static List<byte[]> of(ReadRequest request, Head head, List<Generation> flushed) {
    List<Generation> unseen =
        flushed.stream().filter(generation -> generation.number() > request.generation()).toList();
    return new ReadAnswer(request, head, unseen).parts();
  }

  private ReadAnswer(ReadRequest request, Head head, List<Generation> unseen) {
    this.request = request;
    this.time = request.time();
    this.head = head;
    this.unseen = unseen;
  }

  private List<byte[]> parts() {
    if (request.wants() == Wants.SERIES) {
      unseen.forEach(generation -> generation.born().forEach(this::writeSeries));
      head.born().forEach(this::writeSeries);
    } else {
      head.candidates(request.filter())
          .filter(entry -> request.filter().matches(entry.series()))
          .forEach(this::writeSamples);
      // First, as the reader decides by metadata as samples come.
      ReadPart.Writer texts = new ReadPart.Writer();
      unseen.forEach(generation -> writeMetadata(generation.metadata(), texts));
      writeMetadata(head.newMetadata(), texts);
      return ReadPart.joined(texts.end(), out.end());
    }
    return out.end();
  }

  private void writeSeries(Head.Entry entry) {
    if (request.filter().matches(entry.series())) {
      out.series(entry.number(), entry.series());
    }
  }

  private void writeSamples(Head.Entry entry) {
    for (Generation generation : unseen) {
      write(entry, generation.leaving().getOrDefault(entry.number(), List.of()));
    }
    write(entry, entry.sealed());
    Block block = entry.open();
    if (block.size() > 0 && block.first() < time.to() && block.last() >= time.from()) {
      write(entry, block.freeze());
    }
  }

  /** As they are; the reader leaves out what lies beyond the bounds. */
  private void write(Head.Entry entry, List<Chunk> chunks) {
    for (Chunk chunk : chunks) {
      if (chunk.from() >= time.to() || chunk.to() < time.from()) {
        continue;
      }
      if (request.wants() == Wants.SUMMARIES && time.isServedByHours(chunk.from(), chunk.to())) {
        out.summary(entry.number(), entry.series(), chunk.directory());
      } else {
        out.samples(entry.number(), entry.series(), chunk.payload());
        if (request.wants() == Wants.SAMPLES_AND_METADATA) {
          refer(ChunkCodec.decode(chunk.payload()));
        }
      }
    }
  }

  /** Exactly what lies within the bounds. */
  private void write(Head.Entry entry, Columns columns) {
    int from = columns.firstFrom(time.from());
    int end = columns.firstFrom(time.to());
    if (from >= end) {
      return;
    }
    boolean isSummedUp =
        request.wants() == Wants.SUMMARIES
            && time.isServedByHours(columns.timestamp(from), columns.timestamp(end - 1));
    for (int to; from < end; from = to) {
      to = Math.min(end, from + RECORD_SAMPLES);
      if (isSummedUp) {
        // A day at a time, as in chunk rows: its hours fit into one record, whatever they are.
        to = Math.min(to, endOfDay(columns, from));
        out.summary(
            entry.number(), entry.series(), ChunkCodec.encode(columns, from, to).directory());
      } else {
        out.samples(entry.number(), entry.series(), ChunkCodec.payload(columns, from, to));
      }
    }
    if (request.wants() == Wants.SAMPLES_AND_METADATA) {
      refer(columns);
    }
  }

  private static int endOfDay(Columns columns, int from) {
    long next = (Math.floorDiv(columns.timestamp(from), DAY_MICROS) + 1) * DAY_MICROS;
    return next < columns.timestamp(from) ? columns.size() : columns.firstFrom(next);
  }

  private void refer(Columns columns) {
    metadata.addAll(List.of(columns.metadataIds()));
  }

  private void writeMetadata(Map<UUID, Metadata> texts, ReadPart.Writer into) {
    // Smaller of the two sides first: a narrow question must not walk through all new metadata.
    if (metadata.size() < texts.size()) {
      metadata.stream().filter(texts::containsKey).map(texts::get).forEach(into::metadata);
    } else {
      texts.values().stream().filter(text -> metadata.contains(text.id())).forEach(into::metadata);
    }
  }
}
