package io.sonde.server;

import akka.cluster.ConfigValidation;
import akka.cluster.Invalid;
import akka.cluster.JoinConfigCompatChecker;
import akka.cluster.Valid;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What nodes of a cluster must have in common. Akka sends the values of a node that wants to join
 * to a member, and the member's back; it makes an object of this class on both sides. The one that
 * wants to join judges, since only there it can be said what differs from what.
 */
public final class Agreement extends JoinConfigCompatChecker {
  /**
   * The version of what nodes say to each other and write for each other. Nodes of two versions
   * that understand each other have the same.
   */
  static final int FORMAT = 1;

  private static final String DATABASE = "sonde.agreement.database";

  /** Is not sent, hence only there in a node's own configuration. */
  private static final String OWN = "sonde.agreement.own";

  private static final List<String> KEYS =
      List.of(
          DATABASE,
          "sonde.agreement.format",
          "sonde.pipeline.stages-per-sink",
          "akka.cluster.sharding.number-of-shards",
          "akka.cluster.split-brain-resolver.stable-after",
          "akka.cluster.failure-detector.heartbeat-interval",
          "akka.cluster.failure-detector.acceptable-heartbeat-pause",
          "akka.cluster.failure-detector.threshold");

  /** One process runs one node. */
  private static final AtomicReference<String> DISAGREEMENT = new AtomicReference<>();

  /** The configuration of a node that uses the database with this id. */
  static Config with(Config config, UUID databaseId) {
    return config
        .withValue(DATABASE, ConfigValueFactory.fromAnyRef(databaseId.toString()))
        .withValue("sonde.agreement.format", ConfigValueFactory.fromAnyRef(FORMAT))
        .withValue(OWN, ConfigValueFactory.fromAnyRef(true));
  }

  /** What this node could not agree on with a member that it asked last; null when it could. */
  static String disagreement() {
    return DISAGREEMENT.get();
  }

  @Override
  public Seq<String> requiredKeys() {
    return CollectionConverters.asScala(KEYS).toSeq();
  }

  @Override
  public ConfigValidation check(Config theirs, Config ours) {
    if (!ours.hasPath(OWN)) {
      return Valid.getInstance();
    }
    List<String> found =
        KEYS.stream().map(key -> difference(key, theirs, ours)).filter(Objects::nonNull).toList();
    DISAGREEMENT.set(found.isEmpty() ? null : String.join("; ", found));
    return found.isEmpty()
        ? Valid.getInstance()
        : new Invalid(CollectionConverters.asScala(found).toSeq());
  }

  /** Null where there is none; a key that only one side knows is of one version only. */
  private static String difference(String key, Config theirs, Config ours) {
    if (!theirs.hasPath(key) || !ours.hasPath(key) || isEqual(key, theirs, ours)) {
      return null;
    }
    if (key.equals(DATABASE)) {
      return "sonde.database.url: leads to the database "
          + ours.getString(key)
          + ", the cluster's is "
          + theirs.getString(key)
          + "; all nodes of a cluster share one";
    }
    return key
        + ": is "
        + ours.getString(key)
        + " here and "
        + theirs.getString(key)
        + " in the cluster; all nodes must agree";
  }

  private static boolean isEqual(String key, Config theirs, Config ours) {
    try {
      return theirs.getDuration(key).equals(ours.getDuration(key));
    } catch (ConfigException.BadValue | ConfigException.WrongType e) {
      return theirs.getString(key).equals(ours.getString(key));
    }
  }
}
