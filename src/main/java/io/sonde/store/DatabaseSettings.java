package io.sonde.store;

import com.typesafe.config.Config;
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

  /** Reads {@code sonde.database}. */
  public static DatabaseSettings from(Config config) {
    return new DatabaseSettings(
        config.getString("url"),
        config.getString("user"),
        config.getString("password"),
        config.getInt("pool-size"),
        config.getDuration("connection-timeout"));
  }

  /** Whether the embedded PostgreSQL is wanted. */
  public boolean isEmbedded() {
    return url.isEmpty();
  }

  /** The same settings for a server at another place. */
  public DatabaseSettings at(String newUrl, String newUser, String newPassword) {
    return new DatabaseSettings(newUrl, newUser, newPassword, poolSize, connectionTimeout);
  }

  /** The URL with the parameters that we rely on: batched inserts become one statement. */
  public String jdbcUrl() {
    return url
        + (url.contains("?") ? "&" : "?")
        + "reWriteBatchedInserts=true&tcpKeepAlive=true&ApplicationName=sonde";
  }
}
