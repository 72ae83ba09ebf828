package io.sonde.pipeline;

import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;

/** How actor systems of stage tests are set up. */
final class StageTestKit {
  /** Messages are serialized as between nodes; events and snapshots as for a database. */
  static final Config CONFIG =
      ConfigFactory.parseString(
              """
              akka.actor.serialize-messages = on
              akka.persistence.typed.stash-overflow-strategy = fail
              akka.coordinated-shutdown.exit-jvm = off
              akka.loglevel = WARNING
              """)
          .withFallback(PersistenceTestKitPlugin.config())
          .withFallback(PersistenceTestKitSnapshotPlugin.config())
          .withFallback(ConfigFactory.parseResources("application.conf"))
          .withFallback(ConfigFactory.load())
          .resolve();

  private StageTestKit() {}
}
