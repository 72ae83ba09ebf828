package io.sonde.cluster;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.sonde.cluster.NodeReport.CollectorState;
import io.sonde.cluster.NodeReport.Hosted;
import io.sonde.cluster.NodeReport.PublisherLag;
import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Writes every {@link ClusterMessage}: a version byte, then the fields in order. A reader refuses
 * versions that it does not know.
 */
public final class ClusterSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 50_400;
  private static final int VERSION = 1;
  private static final String TELL = "T";
  private static final String REPORT = "R";

  private final ActorRefResolver refs;

  /** Made by Akka. */
  public ClusterSerializer(ExtendedActorSystem system) {
    refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof NodeAgent.Tell) {
      return TELL;
    } else if (message instanceof NodeReport) {
      return REPORT;
    }
    throw new IllegalArgumentException("no message of the cluster: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    ByteWriter out = new ByteWriter(512).writeByte(VERSION);
    if (message instanceof NodeAgent.Tell tell) {
      out.writeString(refs.toSerializationFormat(tell.replyTo()));
    } else if (message instanceof NodeReport report) {
      write(report, out);
    } else {
      throw new IllegalArgumentException("no message of the cluster: " + message.getClass());
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("cluster message of unknown version " + version);
    }
    return switch (manifest) {
      case TELL -> new NodeAgent.Tell(refs.resolveActorRef(in.readString()));
      case REPORT -> readReport(in);
      default -> throw new CorruptDataException("cluster message of unknown kind " + manifest);
    };
  }

  private static void write(NodeReport report, ByteWriter out) {
    out.writeString(report.address())
        .writeString(report.version())
        .writeVarint(report.startedAt())
        .writeString(report.http())
        .writeString(report.unready())
        .writeVarint(report.inFlight())
        .writeByte(report.isCut() ? 1 : 0)
        .writeVarint(report.hosted().size());
    for (Hosted hosted : report.hosted()) {
      out.writeString(hosted.kind().label())
          .writeSigned(hosted.shards())
          .writeSigned(hosted.entities());
    }
    out.writeVarint(report.collectors().size());
    for (CollectorState collector : report.collectors()) {
      out.writeVarint(collector.collector())
          .writeVarint(collector.generation())
          .writeVarint(collector.sequence())
          .writeVarint(collector.events())
          .writeVarint(collector.bytes())
          .writeVarint(collector.waiting())
          .writeVarint(collector.lastFlush())
          .writeString(collector.outcome());
    }
    out.writeVarint(report.publishers().size());
    for (PublisherLag lag : report.publishers()) {
      out.writeString(lag.publisher())
          .writeVarint(lag.seconds())
          .writeVarint(lag.events())
          .writeVarint(lag.bytes());
    }
    out.writeVarint(report.stages().size());
    for (StageBacklog stage : report.stages()) {
      out.writeString(stage.stage()).writeVarint(stage.waiting()).writeVarint(stage.outbox());
    }
  }

  private static NodeReport readReport(ByteReader in) {
    String address = in.readString();
    String version = in.readString();
    long startedAt = in.readVarint();
    String http = in.readString();
    String unready = in.readString();
    long inFlight = in.readVarint();
    boolean isCut = in.readByte() == 1;
    return new NodeReport(
        address,
        version,
        startedAt,
        http,
        unready,
        inFlight,
        readAll(in, ClusterSerializer::readHosted),
        readAll(in, ClusterSerializer::readCollector),
        readAll(
            in,
            each ->
                new PublisherLag(
                    each.readString(), each.readVarint(), each.readVarint(), each.readVarint())),
        readAll(
            in, each -> new StageBacklog(each.readString(), each.readVarint(), each.readVarint())),
        isCut);
  }

  /** Null for a kind that a newer node has, and this one does not know. */
  private static Hosted readHosted(ByteReader in) {
    String label = in.readString();
    int shards = (int) in.readSigned();
    int entities = (int) in.readSigned();
    return Arrays.stream(EntityKind.values())
        .filter(kind -> kind.label().equals(label))
        .map(kind -> new Hosted(kind, shards, entities))
        .findFirst()
        .orElse(null);
  }

  private static CollectorState readCollector(ByteReader in) {
    return new CollectorState(
        (int) in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        in.readString());
  }

  private static <T> List<T> readAll(ByteReader in, Function<ByteReader, T> one) {
    int count = in.readCount();
    List<T> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(one.apply(in));
    }
    all.removeIf(Objects::isNull);
    return all;
  }
}
