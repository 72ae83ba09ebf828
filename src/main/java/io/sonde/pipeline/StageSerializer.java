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
import io.sonde.series.BatchCodec;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;

/**
 * Every {@link StageMessage} as bytes. Manifests and formats of the event and the snapshot are in
 * databases: they are read for ever, a new format gets a new version.
 */
public final class StageSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 50_200;
  private static final int EVENT_VERSION = 1;

  private static final String EVENT = "E";
  private static final String SNAPSHOT = "S";
  private static final String BATCH = "B";
  private static final String STORED = "Y";
  private static final String UNAVAILABLE = "N";

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
    } else if (message instanceof Stored) {
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
        SampleBatch samples = BatchCodec.read(in);
        yield new Batch(samples, refs.resolveActorRef(replyTo));
      }
      case STORED -> Stored.INSTANCE;
      case UNAVAILABLE -> new Unavailable(in.readString());
      default -> throw new CorruptDataException("unknown message of stages: " + manifest);
    };
  }

  private static byte[] encode(Advanced event) {
    ByteWriter out =
        new ByteWriter(64 + event.readings().size() * 160 + event.emitted().size() * 200);
    out.writeByte(EVENT_VERSION).writeVarint(event.number()).writeVarint(event.delivered());
    StageState.writeReadings(event.readings(), out);
    BatchCodec.write(event.emitted(), out);
    return out.toByteArray();
  }

  private static Advanced decode(ByteReader in) {
    int version = in.readByte();
    if (version != EVENT_VERSION) {
      throw new CorruptDataException("event of a stage of unknown version " + version);
    }
    return new Advanced(
        in.readVarint(), in.readVarint(), StageState.readReadings(in), BatchCodec.read(in));
  }
}
