package io.sonde.collector;

import akka.actor.ExtendedActorSystem;
import akka.serialization.SerializerWithStringManifest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** As a later version's that appends fields to all that it sends. */
public final class NextCollectorSerializer extends SerializerWithStringManifest {
  /** Manifests of what went to other nodes, and came from them, of all nodes of this version. */
  static final Set<String> WRITTEN = ConcurrentHashMap.newKeySet();

  static final Set<String> READ = ConcurrentHashMap.newKeySet();

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
    WRITTEN.add(manifest(message));
    return message instanceof Collector.Appended ? bytes : NextVersion.appended(bytes);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    READ.add(manifest);
    return known.fromBinary(bytes, manifest);
  }
}
