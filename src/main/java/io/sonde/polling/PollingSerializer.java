package io.sonde.polling;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes every {@link PollingMessage}: a version byte, then the fields in order. A reader refuses
 * versions that it does not know, so that a mixed cluster fails loudly.
 */
public final class PollingSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 50_300;
  private static final int VERSION = 1;
  private static final String ASSERT = "A";
  private static final String READ = "R";
  private static final String READING = "S";
  private static final String NOT_READ = "N";

  private final ActorRefResolver refs;

  /** Made by Akka. */
  public PollingSerializer(ExtendedActorSystem system) {
    refs = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof PolledResource.Assert) {
      return ASSERT;
    } else if (message instanceof PollAgent.Read) {
      return READ;
    } else if (message instanceof PollAgent.Reading) {
      return READING;
    } else if (message instanceof PollAgent.NotRead) {
      return NOT_READ;
    }
    throw new IllegalArgumentException("no message of polling: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    ByteWriter out = new ByteWriter(256).writeByte(VERSION);
    if (message instanceof PolledResource.Assert command) {
      write(command.spec(), out);
    } else if (message instanceof PollAgent.Read read) {
      write(read.target(), out);
      out.writeVarint(read.deadline().toMillis())
          .writeString(refs.toSerializationFormat(read.replyTo()));
    } else if (message instanceof PollAgent.Reading reading) {
      out.writeBytes(PackedBatch.pack(reading.batch()));
    } else if (message instanceof PollAgent.NotRead notRead) {
      out.writeString(notRead.reason());
    } else {
      throw new IllegalArgumentException("no message of polling: " + message.getClass());
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    int version = in.readByte();
    if (version != VERSION) {
      throw new CorruptDataException("polling message of unknown version " + version);
    }
    return switch (manifest) {
      case ASSERT -> new PolledResource.Assert(readSpec(in));
      case READ ->
          new PollAgent.Read(
              readTarget(in),
              Duration.ofMillis(in.readVarint()),
              refs.resolveActorRef(in.readString()));
      case READING -> new PollAgent.Reading(PackedBatch.unpack(in.readBytes()));
      case NOT_READ -> new PollAgent.NotRead(in.readString());
      default -> throw new CorruptDataException("polling message of unknown kind " + manifest);
    };
  }

  private static void write(PollSpec spec, ByteWriter out) {
    out.writeString(spec.source())
        .writeVarint(spec.interval().toMillis())
        .writeVarint(spec.timeout().toMillis())
        .writeVarint(spec.meters().size());
    spec.meters().forEach(out::writeString);
    write(spec.target(), out);
  }

  private static PollSpec readSpec(ByteReader in) {
    String source = in.readString();
    Duration interval = Duration.ofMillis(in.readVarint());
    Duration timeout = Duration.ofMillis(in.readVarint());
    int count = in.readCount();
    List<String> meters = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      meters.add(in.readString());
    }
    return new PollSpec(source, interval, timeout, meters, readTarget(in));
  }

  private static void write(PolledTarget target, ByteWriter out) {
    out.writeString(target.pollster())
        .writeString(target.resourceId())
        .writeString(target.host())
        .writeString(target.address());
  }

  private static PolledTarget readTarget(ByteReader in) {
    return new PolledTarget(in.readString(), in.readString(), in.readString(), in.readString());
  }
}
