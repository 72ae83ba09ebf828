package io.sonde.server;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.sonde.store.DatabaseSettings;
import java.util.HashMap;
import java.util.Map;

/** What of Sonde's own settings Akka has to know. */
final class AkkaConfig {
  /** The name of the actor system; all nodes of a cluster share it. */
  static final String SYSTEM = "sonde";

  private AkkaConfig() {}

  /**
   * The configuration for the actor system: the given one with addresses and the database put in.
   * Seed nodes are not among it: {@link Membership} decides whom to join.
   */
  static Config of(Config config, ClusterSettings cluster, DatabaseSettings database) {
    Map<String, Object> values = new HashMap<>();
    values.put("akka.remote.artery.canonical.hostname", cluster.host());
    values.put("akka.remote.artery.canonical.port", cluster.port());
    values.put("akka.cluster.roles", cluster.roles());
    String journal = "akka-persistence-jdbc.shared-databases.slick.db.";
    values.put(journal + "url", database.jdbcUrl());
    values.put(journal + "user", database.user());
    values.put(journal + "password", database.password());
    values.put(journal + "connectionInitSql", DatabaseSettings.SESSION);
    Config overlay = ConfigFactory.empty();
    for (Map.Entry<String, Object> value : values.entrySet()) {
      overlay = overlay.withValue(value.getKey(), ConfigValueFactory.fromAnyRef(value.getValue()));
    }
    return overlay.withFallback(config);
  }
}
