package io.sonde.polling;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.sonde.series.ByteReader;
import io.sonde.series.ByteWriter;
import io.sonde.series.CorruptDataException;
import io.sonde.series.FormatVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Writes every {@link PollingMessage}: a version byte, then the fields in order. A reader refuses
 * versions that it does not know, so that a mixed cluster fails loudly, and passes over what a
 * newer one appends.
 */
public final class PollingSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 50_300;
  private static final int VERSION = 2;
  private static final String ASSERT = "A";
  private static final String TAKE = "T";
  private static final String END = "E";
  private static final String POLL_NOW = "P";
  private static final String POLLED = "p";
  private static final String READ = "R";
  private static final String READING = "S";
  private static final String NOT_READ = "N";
  private static final String SURVEY = "V";
  private static final String SURVEYED = "v";
  private static final String LIST = "L";
  private static final String LISTED = "l";
  private static final String LOOK_HERE = "H";
  private static final String LOOK = "D";
  private static final String WAKE = "W";

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
    } else if (message instanceof PolledResource.Take) {
      return TAKE;
    } else if (message instanceof PolledResource.End) {
      return END;
    } else if (message instanceof PolledResource.PollNow) {
      return POLL_NOW;
    } else if (message instanceof PolledResource.Polled) {
      return POLLED;
    } else if (message instanceof PollAgent.Read) {
      return READ;
    } else if (message instanceof PollAgent.Reading) {
      return READING;
    } else if (message instanceof PollAgent.NotRead) {
      return NOT_READ;
    } else if (message instanceof PollAgent.Survey) {
      return SURVEY;
    } else if (message instanceof PollAgent.Surveyed) {
      return SURVEYED;
    } else if (message instanceof PollAgent.ListPolled) {
      return LIST;
    } else if (message instanceof PollAgent.Listed) {
      return LISTED;
    } else if (message instanceof PollAgent.LookNow) {
      return LOOK_HERE;
    } else if (message instanceof DiscoveryAgent.LookNow) {
      return LOOK;
    } else if (message instanceof DiscoveryAgent.Wake) {
      return WAKE;
    }
    throw new IllegalArgumentException("no message of polling: " + message.getClass());
  }

  @Override
  public byte[] toBinary(Object message) {
    ByteWriter out = new ByteWriter(256).writeByte(VERSION);
    if (message instanceof PolledResource.Assert command) {
      write(command.spec(), out);
    } else if (message instanceof PolledResource.Take take) {
      write(take.spec(), out);
      out.writeVarint(take.begun()).writeVarint(take.millis()).writeString(take.failure());
      if (take.failure() == null) {
        out.writeBytes(PackedBatch.pack(take.reading()));
      }
    } else if (message instanceof PolledResource.End end) {
      out.writeString(end.discovery()).writeString(end.host());
    } else if (message instanceof PolledResource.PollNow command) {
      out.writeString(refs.toSerializationFormat(command.replyTo()));
    } else if (message instanceof PolledResource.Polled polled) {
      out.writeByte(polled.status() == null ? 0 : 1);
      if (polled.status() != null) {
        write(polled.status(), out);
      }
    } else if (message instanceof PollAgent.Read read) {
      write(read.target(), out);
      out.writeVarint(read.deadline().toMillis())
          .writeString(refs.toSerializationFormat(read.replyTo()));
    } else if (message instanceof PollAgent.Reading reading) {
      out.writeBytes(PackedBatch.pack(reading.batch()));
    } else if (message instanceof PollAgent.NotRead notRead) {
      out.writeString(notRead.reason());
    } else if (message instanceof PollAgent.Survey survey) {
      out.writeString(refs.toSerializationFormat(survey.replyTo()));
    } else if (message instanceof PollAgent.Surveyed surveyed) {
      write(surveyed, out);
    } else if (message instanceof PollAgent.ListPolled list) {
      write(list.question(), out);
      out.writeString(refs.toSerializationFormat(list.replyTo()));
    } else if (message instanceof PollAgent.Listed listed) {
      out.writeByte(listed.page().isMore() ? 1 : 0).writeVarint(listed.page().statuses().size());
      listed.page().statuses().forEach(status -> write(status, out));
    } else if (message instanceof PollAgent.LookNow look) {
      out.writeString(look.source());
    } else if (!isBare(message)) {
      throw new IllegalArgumentException("no message of polling: " + message.getClass());
    }
    return out.toByteArray();
  }

  private static boolean isBare(Object message) {
    return message instanceof DiscoveryAgent.LookNow || message instanceof DiscoveryAgent.Wake;
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    FormatVersion.read(in, VERSION, "polling message");
    return switch (manifest) {
      case ASSERT -> new PolledResource.Assert(readSpec(in));
      case TAKE -> readTake(in);
      case END -> new PolledResource.End(in.readString(), in.readString());
      case POLL_NOW -> new PolledResource.PollNow(refs.resolveActorRef(in.readString()));
      case POLLED -> new PolledResource.Polled(in.readByte() == 0 ? null : readStatus(in));
      case READ ->
          new PollAgent.Read(
              readTarget(in),
              Duration.ofMillis(in.readVarint()),
              refs.resolveActorRef(in.readString()));
      case READING -> new PollAgent.Reading(PackedBatch.unpack(in.readBytes()));
      case NOT_READ -> new PollAgent.NotRead(in.readString());
      case SURVEY -> new PollAgent.Survey(refs.resolveActorRef(in.readString()));
      case SURVEYED -> readSurveyed(in);
      case LIST ->
          new PollAgent.ListPolled(readQuestion(in), refs.resolveActorRef(in.readString()));
      case LISTED -> {
        boolean isMore = in.readByte() == 1;
        yield new PollAgent.Listed(
            new PollPage(readAll(in, PollingSerializer::readStatus), isMore));
      }
      case LOOK_HERE -> new PollAgent.LookNow(in.readString());
      case LOOK -> new DiscoveryAgent.LookNow();
      case WAKE -> new DiscoveryAgent.Wake();
      default -> throw new CorruptDataException("polling message of unknown kind " + manifest);
    };
  }

  private static void write(PollSpec spec, ByteWriter out) {
    out.writeString(spec.source())
        .writeString(spec.discovery())
        .writeVarint(spec.interval().toMillis())
        .writeVarint(spec.timeout().toMillis())
        .writeByte(spec.isPolled() ? 1 : 0)
        .writeVarint(spec.meters().size());
    spec.meters().forEach(out::writeString);
    write(spec.target(), out);
  }

  private static PollSpec readSpec(ByteReader in) {
    String source = in.readString();
    String discovery = in.readString();
    Duration interval = Duration.ofMillis(in.readVarint());
    Duration timeout = Duration.ofMillis(in.readVarint());
    boolean isPolled = in.readByte() == 1;
    List<String> meters = readAll(in, ByteReader::readString);
    return new PollSpec(source, discovery, interval, timeout, meters, isPolled, readTarget(in));
  }

  private static PolledResource.Take readTake(ByteReader in) {
    PollSpec spec = readSpec(in);
    long begun = in.readVarint();
    long millis = in.readVarint();
    String failure = in.readString();
    return new PolledResource.Take(
        spec, begun, millis, failure == null ? PackedBatch.unpack(in.readBytes()) : null, failure);
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

  private static void write(PollStatus status, ByteWriter out) {
    out.writeString(status.source())
        .writeString(status.discovery())
        .writeString(status.pollster())
        .writeString(status.resourceId())
        .writeString(status.host())
        .writeByte(status.isPolled() ? 1 : 0)
        .writeVarint(status.lastPoll())
        .writeVarint(status.lastSuccess())
        .writeVarint(status.durationMillis())
        .writeVarint(status.samples())
        .writeVarint(status.failures())
        .writeString(status.error());
  }

  private static PollStatus readStatus(ByteReader in) {
    return new PollStatus(
        in.readString(),
        in.readString(),
        in.readString(),
        in.readString(),
        in.readString(),
        in.readByte() == 1,
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        (int) in.readVarint(),
        (int) in.readVarint(),
        in.readString());
  }

  private static void write(PollQuestion question, ByteWriter out) {
    out.writeString(question.source())
        .writeString(question.resourceId())
        .writeByte(question.failing() ? 1 : 0)
        .writeString(question.after())
        .writeVarint(question.limit());
  }

  private static PollQuestion readQuestion(ByteReader in) {
    return new PollQuestion(
        in.readString(),
        in.readString(),
        in.readByte() == 1,
        in.readString(),
        (int) in.readVarint());
  }

  private static void write(PollAgent.Surveyed surveyed, ByteWriter out) {
    out.writeVarint(surveyed.counts().size());
    for (PollRegistry.Count count : surveyed.counts()) {
      out.writeString(count.source())
          .writeVarint(count.resources())
          .writeVarint(count.failing())
          .writeVarint(count.lastSuccess());
    }
    out.writeVarint(surveyed.discoveries().size());
    for (DiscoveryStatus status : surveyed.discoveries()) {
      out.writeString(status.source())
          .writeString(status.discovery())
          .writeString(status.host())
          .writeVarint(status.lastLook())
          .writeVarint(status.lastSuccess())
          .writeVarint(status.durationMillis())
          .writeVarint(status.found())
          .writeByte(status.isComplete() ? 1 : 0)
          .writeVarint(status.failures())
          .writeString(status.error())
          .writeVarint(status.remarks().size());
      status.remarks().forEach(out::writeString);
    }
  }

  private static PollAgent.Surveyed readSurveyed(ByteReader in) {
    List<PollRegistry.Count> counts =
        readAll(
            in,
            each ->
                new PollRegistry.Count(
                    each.readString(),
                    (int) each.readVarint(),
                    (int) each.readVarint(),
                    each.readVarint()));
    return new PollAgent.Surveyed(counts, readAll(in, PollingSerializer::readDiscovery));
  }

  private static DiscoveryStatus readDiscovery(ByteReader in) {
    return new DiscoveryStatus(
        in.readString(),
        in.readString(),
        in.readString(),
        in.readVarint(),
        in.readVarint(),
        in.readVarint(),
        (int) in.readVarint(),
        in.readByte() == 1,
        (int) in.readVarint(),
        in.readString(),
        readAll(in, ByteReader::readString));
  }

  private static <T> List<T> readAll(ByteReader in, Function<ByteReader, T> one) {
    int count = in.readCount();
    List<T> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(one.apply(in));
    }
    return all;
  }
}
