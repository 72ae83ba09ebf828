package io.sonde.store;

import com.typesafe.config.Config;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import java.time.Duration;

/**
 * Where the database is. Keys under {@code sonde.database}.
 *
 * @param url JDBC URL; empty for the embedded PostgreSQL
 * @param user its role
 * @param password the role's password
 * @param poolSize connections for queries and flushes
 * @param connectionTimeout how long one waits for a connection
 */
public record DatabaseSettings(
    String url, String user, String password, int poolSize, Duration connectionTimeout) {
  /**
   * What each session begins with. PostgreSQL ends one that stands still in a transaction, because
   * its node does or is cut off: what it has written and not committed would keep the next owner of
   * a collector waiting. And it notices when a node is gone without a word, in 20 seconds instead
   * of two hours, in which the connections of nodes that come and go would use up all there are.
   */
  public static final String SESSION =
      "SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5;"
          + " SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

  private static final String SCHEME = "jdbc:postgresql:";

  /** Reads what stands at {@code sonde.database}. */
  public static DatabaseSettings from(Config config) {
    ConfigSection section = ConfigSection.of(config, "sonde.database");
    String url = section.text("url").orElse("");
    if (!url.isEmpty() && !url.startsWith(SCHEME)) {
      throw new ConfigException(section.path("url"), url, "empty or a URL that begins " + SCHEME);
    }
    return new DatabaseSettings(
        url,
        section.text("user").orElse(""),
        section.text("password").orElse(""),
        section.integer("pool-size", 2, 1000),
        section.duration("connection-timeout", Duration.ofMillis(250), Duration.ofMinutes(5)));
  }

  /** Whether the embedded PostgreSQL is wanted. */
  public boolean isEmbedded() {
    return url.isEmpty();
  }

  /** The same settings for a server at another place. */
  public DatabaseSettings at(String newUrl, String newUser, String newPassword) {
    return new DatabaseSettings(newUrl, newUser, newPassword, poolSize, connectionTimeout);
  }

  /** The URL as messages show it: without parameters, which may hold a password. */
  public String shownUrl() {
    return url.contains("?") ? url.substring(0, url.indexOf('?')) : url;
  }

  /**
   * The URL with the parameters that we rely on: batched inserts become one statement, statements
   * are prepared on the server at their first use, a server that went away without a word is given
   * up after a minute, and of several which one is the primary is asked anew after two seconds.
   */
  public String jdbcUrl() {
    return jdbcUrl(5, 60);
  }

  /** As {@link #jdbcUrl}, for short statements only: a silent server is given up by then. */
  String jdbcUrl(Duration patience) {
    return jdbcUrl(patience.toSeconds(), patience.toSeconds());
  }

  private String jdbcUrl(long connectTimeout, long socketTimeout) {
    return url
        + (url.contains("?") ? "&" : "?")
        + "reWriteBatchedInserts=true&prepareThreshold=1&tcpKeepAlive=true"
        + ("&connectTimeout=" + connectTimeout + "&socketTimeout=" + socketTimeout)
        + "&hostRecheckSeconds=2&ApplicationName=sonde";
  }
}
