package io.sonde.collector;

import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.Block;
import io.sonde.series.Chunk;
import io.sonde.series.ChunkCodec;
import io.sonde.series.Columns;
import io.sonde.series.Generation;
import io.sonde.series.Head;
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

  private final ReadRequest request;
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
    this.head = head;
    this.unseen = unseen;
  }

  private List<byte[]> parts() {
    if (request.wants() == ReadRequest.Wants.SERIES) {
      unseen.forEach(generation -> generation.born().forEach(this::writeSeries));
      head.born().forEach(this::writeSeries);
    } else {
      for (Generation generation : unseen) {
        generation.leaving().forEach((number, chunks) -> writeChunks(head.entry(number), chunks));
      }
      for (Head.Entry entry : head.entries()) {
        writeChunks(entry, entry.sealed());
        Block block = entry.open();
        if (block.size() > 0 && block.first() < request.to() && block.last() >= request.from()) {
          writeSamples(entry, block.freeze());
        }
      }
      unseen.forEach(generation -> writeMetadata(generation.metadata()));
      writeMetadata(head.newMetadata());
    }
    return out.end();
  }

  private void writeSeries(Head.Entry entry) {
    if (request.filter().matches(entry.series())) {
      out.series(entry.number(), entry.series());
    }
  }

  private void writeChunks(Head.Entry entry, List<Chunk> chunks) {
    if (chunks.isEmpty() || !request.filter().matches(entry.series())) {
      return;
    }
    for (Chunk chunk : chunks) {
      if (chunk.from() < request.to() && chunk.to() >= request.from()) {
        writeSamples(entry, ChunkCodec.decode(chunk.payload()));
      }
    }
  }

  private void writeSamples(Head.Entry entry, Columns columns) {
    Series series = entry.series();
    if (!request.filter().matches(series)) {
      return;
    }
    int end = columns.firstFrom(request.to());
    for (int from = columns.firstFrom(request.from()); from < end; from += RECORD_SAMPLES) {
      int to = Math.min(end, from + RECORD_SAMPLES);
      out.samples(entry.number(), series, ChunkCodec.payload(columns, from, to));
      if (request.wants() == ReadRequest.Wants.SAMPLES_AND_METADATA) {
        metadata.addAll(List.of(columns.metadataIds()));
      }
    }
  }

  private void writeMetadata(Map<UUID, Metadata> texts) {
    // Smaller of the two sides first: a narrow question must not walk through all new metadata.
    if (metadata.size() < texts.size()) {
      metadata.stream().filter(texts::containsKey).map(texts::get).forEach(out::metadata);
    } else {
      texts.values().stream().filter(text -> metadata.contains(text.id())).forEach(out::metadata);
    }
  }
}
