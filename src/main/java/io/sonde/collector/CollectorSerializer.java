package io.sonde.collector;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.sonde.model.Receipt;
import io.sonde.series.BatchCaches;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;

/**
 * All that a collector sends, receives and stores, as bytes. Manifests carry the version of what
 * they name.
 */
public final class CollectorSerializer extends SerializerWithStringManifest {
  /** Its id in stored rows. */
  public static final int IDENTIFIER = 50_100;

  /** The manifest of events. */
  public static final String EVENT = "event-1";

  /** The manifest of snapshots. */
  public static final String SNAPSHOT = "snapshot-1";

  private static final String ADD = "add-1";
  private static final String ADDED = "added-1";
  private static final String REFUSED = "refused-1";
  private static final String READ = "read-1";
  private static final String PART = "part-1";
  private static final String RETRY = "retry-1";
  private static final String BROKEN = "broken-1";
  private static final String NEXT = "next-1";
  private static final String PING = "ping-1";
  private static final String PONG = "pong-1";
  private static final String DESCRIBE = "describe-1";
  private static final String DESCRIBED = "described-1";
  private static final String STOP = "stop-1";

  private final ActorRefResolver refs;

  public CollectorSerializer(ExtendedActorSystem system) {
    refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof Collector.Appended) {
      return EVENT;
    } else if (message instanceof Collector.Add) {
      return ADD;
    } else if (message instanceof Collector.Added) {
      return ADDED;
    } else if (message instanceof Collector.Refused) {
      return REFUSED;
    } else if (message instanceof Collector.Read) {
      return READ;
    } else if (message instanceof Collector.Part) {
      return PART;
    } else if (message instanceof Collector.Retry) {
      return RETRY;
    } else if (message instanceof Collector.Broken) {
      return BROKEN;
    } else if (message instanceof ReadCursor.Next) {
      return NEXT;
    } else if (message instanceof Collector.Ping) {
      return PING;
    } else if (message instanceof Collector.Pong) {
      return PONG;
    } else if (message instanceof Collector.Describe) {
      return DESCRIBE;
    } else if (message instanceof Collector.Described) {
      return DESCRIBED;
    } else if (message instanceof Collector.Stop) {
      return STOP;
    }
    throw new IllegalArgumentException("no message of a collector: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    if (message instanceof Collector.Appended event) {
      return event.bytes();
    }
    ByteWriter out = new ByteWriter(128);
    if (message instanceof Collector.Add add) {
      writeRef(add.replyTo(), out).writeString(add.sink());
      BatchCodec.write(add.batch(), out);
    } else if (message instanceof Collector.Added added) {
      out.writeVarint(added.receipt().accepted())
          .writeVarint(added.receipt().duplicate())
          .writeVarint(added.receipt().conflicting());
    } else if (message instanceof Collector.Refused refused) {
      out.writeString(refused.reason());
    } else if (message instanceof Collector.Read read) {
      writeRef(read.replyTo(), out);
      read.request().write(out);
    } else if (message instanceof Collector.Part part) {
      writeRef(part.more(), out).writeBytes(part.records());
    } else if (message instanceof Collector.Retry retry) {
      out.writeString(retry.reason());
    } else if (message instanceof Collector.Broken broken) {
      out.writeVarint(broken.at().collector())
          .writeVarint(broken.at().event())
          .writeString(broken.at().expected())
          .writeString(broken.at().found());
    } else if (message instanceof ReadCursor.Next next) {
      writeRef(next.replyTo(), out);
    } else if (message instanceof Collector.Ping ping) {
      writeRef(ping.replyTo(), out);
    } else if (message instanceof Collector.Pong pong) {
      out.writeVarint(pong.collector())
          .writeVarint(pong.generation())
          .writeVarint(pong.sequence())
          .writeVarint(pong.second());
    } else if (message instanceof Collector.Describe describe) {
      Description.write(describe, writeRef(describe.replyTo(), out));
    } else if (message instanceof Collector.Described described) {
      Description.write(described, out);
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case EVENT -> new Collector.Appended(bytes);
      case SNAPSHOT -> Recovery.snapshot(bytes);
      case ADD -> {
        ActorRef<Collector.AddReply> replyTo = readRef(in);
        yield new Collector.Add(in.readString(), BatchCodec.read(in, BatchCaches.SHARED), replyTo);
      }
      case ADDED ->
          new Collector.Added(
              new Receipt((int) in.readVarint(), (int) in.readVarint(), (int) in.readVarint()));
      case REFUSED -> new Collector.Refused(in.readString());
      case READ -> {
        ActorRef<Collector.ReadReply> replyTo = readRef(in);
        yield new Collector.Read(ReadRequest.read(in), replyTo);
      }
      case PART -> {
        ActorRef<ReadCursor.Command> more = readRef(in);
        yield new Collector.Part(in.readBytes(), more);
      }
      case RETRY -> new Collector.Retry(in.readString());
      case BROKEN ->
          new Collector.Broken(
              new BrokenAt((int) in.readVarint(), in.readVarint(), in.readText(), in.readText()));
      case NEXT -> new ReadCursor.Next(readRef(in));
      case PING -> new Collector.Ping(readRef(in));
      case PONG ->
          new Collector.Pong(
              (int) in.readVarint(), in.readVarint(), in.readVarint(), in.readVarint());
      case DESCRIBE -> Description.readQuestion(readRef(in), in);
      case DESCRIBED -> Description.readAnswer(in);
      case STOP -> Collector.Stop.INSTANCE;
      default -> throw new IllegalArgumentException("unknown manifest " + manifest);
    };
  }

  private ByteWriter writeRef(ActorRef<?> ref, ByteWriter out) {
    return out.writeString(ref == null ? null : refs.toSerializationFormat(ref));
  }

  private <T> ActorRef<T> readRef(ByteReader in) {
    String path = in.readString();
    return path == null ? null : refs.resolveActorRef(path);
  }
}
