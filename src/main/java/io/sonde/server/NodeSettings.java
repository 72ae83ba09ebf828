package io.sonde.server;

import com.typesafe.config.Config;
import io.sonde.audit.ArchiveSettings;
import io.sonde.audit.AuditSettings;
import io.sonde.audit.PeriodSettings;
import io.sonde.collector.CollectorSettings;
import io.sonde.collector.Retention;
import io.sonde.definition.Definitions;
import io.sonde.http.HttpSettings;
import io.sonde.http.RemoteWriteSettings;
import io.sonde.http.StreamSettings;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.notification.NotificationSettings;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.polling.PollingSettings;
import io.sonde.publish.Plugins;
import io.sonde.publish.PublishSettings;
import io.sonde.query.Lifecycle;
import io.sonde.store.DatabaseSettings;
import io.sonde.store.EventRetention;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * All settings of a node, checked. Keys under {@code sonde}.
 *
 * @param dataDir where the node keeps what is its own
 */
record NodeSettings(
    Path dataDir,
    DatabaseSettings database,
    ClusterSettings cluster,
    HttpSettings http,
    RemoteWriteSettings remoteWrite,
    StreamSettings stream,
    CollectorSettings collector,
    Retention retention,
    EventRetention eventRetention,
    List<Lifecycle> lifecycles,
    PeriodSettings periods,
    PipelineSettings pipeline,
    PublishSettings publish,
    NotificationSettings notification,
    Definitions definitions,
    PollingSettings polling,
    AuditSettings audit,
    ArchiveSettings journal) {

  /**
   * Reads the whole configuration.
   *
   * @throws io.sonde.model.ConfigException naming the first key whose value cannot be
   */
  static NodeSettings from(Config root) {
    Config sonde = root.getConfig("sonde");
    openPlugins(root);
    DatabaseSettings database = DatabaseSettings.from(sonde.getConfig("database"));
    ClusterSettings cluster = ClusterSettings.from(sonde.getConfig("cluster"));
    if (database.isEmbedded() && !cluster.seedNodes().isEmpty()) {
      throw new ConfigException(
          "sonde.database.url", "", "a PostgreSQL, as sonde.cluster.seed-nodes are to share it");
    }
    return new NodeSettings(
        Path.of(ConfigSection.of(sonde, "sonde").text("data-dir", "a path")),
        database,
        cluster,
        HttpSettings.from(sonde.getConfig("http")),
        RemoteWriteSettings.from(sonde.getConfig("remote-write")),
        StreamSettings.from(sonde.getConfig("stream")),
        CollectorSettings.from(sonde.getConfig("collector")),
        Retention.from(sonde, Clock.systemUTC()),
        EventRetention.from(sonde, Clock.systemUTC()),
        Lifecycle.from(sonde),
        PeriodSettings.from(sonde.getConfig("periods")),
        pipelines(root),
        PublishSettings.from(sonde.getConfig("publish")),
        NotificationSettings.from(sonde.getConfig("notification")),
        Definitions.from(sonde.getConfig("definitions")),
        PollingSettings.from(sonde.getConfig("polling"), Pollsters.all()),
        AuditSettings.from(sonde.getConfig("audit")),
        ArchiveSettings.from(sonde.getConfig("journal")));
  }

  /**
   * The settings of a node that starts again in its process. Pollsters cannot be started twice, so
   * they are made anew.
   *
   * @param pipelinesInForce which it had before
   */
  NodeSettings again(Config root, PipelineSettings pipelinesInForce) {
    return new NodeSettings(
        dataDir,
        database,
        cluster,
        http,
        remoteWrite,
        stream,
        collector,
        retention,
        eventRetention,
        lifecycles,
        periods,
        pipelinesInForce,
        publish,
        notification,
        definitions,
        PollingSettings.from(root.getConfig("sonde.polling"), Pollsters.all()),
        audit,
        journal);
  }

  /** Before pipelines are read: what they name may be in the plugins. */
  static void openPlugins(Config root) {
    Plugins.open(
        ConfigSection.of(root.getConfig("sonde"), "sonde").texts("plugins", "a list of jars"));
  }

  /** Reads the definitions of the pipelines alone. */
  static PipelineSettings pipelines(Config root) {
    return PipelineSettings.from(root.getConfig("sonde"));
  }
}
