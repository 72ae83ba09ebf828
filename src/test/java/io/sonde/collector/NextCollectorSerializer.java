package io.sonde.collector;

import akka.actor.ExtendedActorSystem;
import akka.serialization.SerializerWithStringManifest;

/** As a later version's that appends fields to all that it sends. */
public final class NextCollectorSerializer extends SerializerWithStringManifest {
  private final CollectorSerializer known;

  public NextCollectorSerializer(ExtendedActorSystem system) {
    known = new CollectorSerializer(system);
  }

  @Override
  public int identifier() {
    return known.identifier();
  }

  @Override
  public String manifest(Object message) {
    return known.manifest(message);
  }

  @Override
  public byte[] toBinary(Object message) {
    byte[] bytes = known.toBinary(message);
    return message instanceof Collector.Appended ? bytes : NextVersion.appended(bytes);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    return known.fromBinary(bytes, manifest);
  }
}
