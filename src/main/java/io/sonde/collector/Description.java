package io.sonde.collector;

import akka.actor.typed.ActorRef;
import io.sonde.model.Metadata;
import io.sonde.model.Series;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** {@link Collector.Describe} and its answer: as much as one message holds, and both as bytes. */
final class Description {
  /**
   * Once an answer has so much it is cut; one more may be metadata of 64 KiB, and both together
   * stay below the 128 kB of a message between nodes.
   */
  static final int FULL_BYTES = 48 * 1024;

  private Description() {}

  /**
   * The answer, or as much of it as a message holds, which is something.
   *
   * @param series the series of a number
   * @param metadata the metadata of an id; null where rows hold it
   */
  static Collector.Described of(
      Collector.Describe describe, IntFunction<Series> series, Function<UUID, Metadata> metadata) {
    Map<Integer, Series> toldSeries = new HashMap<>();
    Map<UUID, Metadata> toldMetadata = new HashMap<>();
    long bytes = 0;
    for (int number : describe.numbers()) {
      if (bytes >= FULL_BYTES) {
        return new Collector.Described(toldSeries, toldMetadata, true);
      }
      Series one = series.apply(number);
      toldSeries.put(number, one);
      bytes += one.utf8Length() + 40;
    }
    for (UUID id : describe.metadata()) {
      Metadata one = metadata.apply(id);
      if (one != null) {
        if (bytes >= FULL_BYTES) {
          return new Collector.Described(toldSeries, toldMetadata, true);
        }
        toldMetadata.put(id, one);
        bytes += one.utf8Length() + 24;
      }
    }
    return new Collector.Described(toldSeries, toldMetadata, false);
  }

  static void write(Collector.Describe describe, ByteWriter out) {
    out.writeVarint(describe.numbers().size());
    describe.numbers().forEach(out::writeVarint);
    out.writeVarint(describe.metadata().size());
    describe.metadata().forEach(out::writeUuid);
  }

  static Collector.Describe readQuestion(ActorRef<Collector.Described> replyTo, ByteReader in) {
    Set<Integer> numbers = new HashSet<>();
    for (int left = in.readCount(); left > 0; left--) {
      numbers.add(in.readNumber());
    }
    Set<UUID> metadata = new HashSet<>();
    for (int left = in.readCount(); left > 0; left--) {
      metadata.add(in.readUuid());
    }
    return new Collector.Describe(numbers, metadata, replyTo);
  }

  static void write(Collector.Described described, ByteWriter out) {
    out.writeByte(described.isCut() ? 1 : 0).writeVarint(described.series().size());
    described
        .series()
        .forEach((number, series) -> BatchCodec.writeSeries(series, out.writeVarint(number)));
    out.writeVarint(described.metadata().size());
    described.metadata().forEach((id, text) -> out.writeUuid(id).writeString(text.json()));
  }

  static Collector.Described readAnswer(ByteReader in) {
    boolean isCut = in.readByte() != 0;
    Map<Integer, Series> series = new HashMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      int number = in.readNumber();
      series.put(number, BatchCodec.readSeries(in));
    }
    Map<UUID, Metadata> metadata = new HashMap<>();
    for (int left = in.readCount(); left > 0; left--) {
      UUID id = in.readUuid();
      metadata.put(id, Metadata.ofCanonicalJson(in.readString()));
    }
    return new Collector.Described(series, metadata, isCut);
  }
}
