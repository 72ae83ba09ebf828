package io.sonde.pipeline;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.sonde.model.SampleBatch;
import io.sonde.pipeline.PipelineStage.Advanced;
import io.sonde.pipeline.PipelineStage.Batch;
import io.sonde.pipeline.PipelineStage.Stored;
import io.sonde.pipeline.PipelineStage.Unavailable;
import io.sonde.pipeline.PipelineStage.Wake;
import io.sonde.pipeline.StageState.Change;
import io.sonde.series.BatchCaches;
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * Every {@link StageMessage} as bytes. Manifests and formats of the event and the snapshot are in
 * databases: they are read for ever, a new format gets a new version.
 */
public final class StageSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 50_200;
  private static final int EVENT_VERSION = 2;

  private static final String EVENT = "E";
  private static final String SNAPSHOT = "S";
  private static final String BATCH = "B";
  private static final String STORED = "Y";
  private static final String UNAVAILABLE = "N";
  private static final String WAKE = "W";

  // Flags of a change.
  private static final int HAS_KEY = 1;
  private static final int IS_KEPT = 2;

  private final ActorRefResolver refs;

  public StageSerializer(ExtendedActorSystem system) {
    this.refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof Advanced) {
      return EVENT;
    } else if (message instanceof StageSnapshot) {
      return SNAPSHOT;
    } else if (message instanceof Batch) {
      return BATCH;
    } else if (message instanceof Stored) {
      return STORED;
    } else if (message instanceof Unavailable) {
      return UNAVAILABLE;
    } else if (message instanceof Wake) {
      return WAKE;
    }
    throw new IllegalArgumentException("no message of stages: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    if (message instanceof Advanced event) {
      return encode(event);
    } else if (message instanceof StageSnapshot snapshot) {
      return snapshot.bytes();
    } else if (message instanceof Batch batch) {
      ByteWriter out = new ByteWriter(256 + batch.samples().size() * 32);
      out.writeString(refs.toSerializationFormat(batch.replyTo()));
      BatchCodec.write(batch.samples(), out);
      return out.toByteArray();
    } else if (message instanceof Unavailable reply) {
      return new ByteWriter(64).writeString(reply.why()).toByteArray();
    } else if (message instanceof Stored || message instanceof Wake) {
      return new byte[0];
    }
    throw new IllegalArgumentException("no message of stages: " + message.getClass());
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case EVENT -> decode(in);
      case SNAPSHOT -> new StageSnapshot(bytes);
      case BATCH -> {
        String replyTo = in.readString();
        SampleBatch samples = BatchCodec.read(in, BatchCaches.SHARED);
        yield new Batch(samples, refs.resolveActorRef(replyTo));
      }
      case STORED -> Stored.INSTANCE;
      case WAKE -> Wake.INSTANCE;
      case UNAVAILABLE -> new Unavailable(in.readString());
      default -> throw new CorruptDataException("unknown message of stages: " + manifest);
    };
  }

  static byte[] encode(Advanced event) {
    ByteWriter out =
        new ByteWriter(64 + event.changes().size() * 40 + event.emitted().size() * 200);
    out.writeByte(EVENT_VERSION)
        .writeVarint(event.number())
        .writeVarint(event.delivered())
        .writeVarint(event.at())
        .writeString(event.version())
        .writeString(event.definition())
        .writeByte(event.isEviction() ? 1 : 0)
        .writeVarint(event.changes().size());
    for (Change change : event.changes()) {
      out.writeVarint(change.number());
      out.writeByte((change.key() == null ? 0 : HAS_KEY) | (change.memory() == null ? 0 : IS_KEPT));
      if (change.key() != null) {
        StageState.write(change.key(), out);
      }
      if (change.memory() != null) {
        out.writeVarint(change.memory().length).writeRaw(change.memory());
      }
    }
    BatchCodec.write(event.emitted(), out);
    return out.toByteArray();
  }

  private static Advanced decode(ByteReader in) {
    int appended = FormatVersion.read(in, EVENT_VERSION, "event of a stage");
    Advanced event =
        new Advanced(
            in.readVarint(),
            in.readVarint(),
            in.readVarint(),
            in.readText(),
            in.readString(),
            in.readByte() == 1,
            readChanges(in),
            BatchCodec.read(in));
    FormatVersion.end(in, appended, "an event of a stage");
    return event;
  }

  private static List<Change> readChanges(ByteReader in) {
    List<Change> changes = new ArrayList<>();
    int count = in.readCount();
    for (int i = 0; i < count; i++) {
      int number = in.readNumber();
      int flags = in.readByte();
      StageKey key = (flags & HAS_KEY) == 0 ? null : StageState.readKey(in);
      changes.add(new Change(number, key, (flags & IS_KEPT) == 0 ? null : in.readBytes()));
    }
    return changes;
  }
}
