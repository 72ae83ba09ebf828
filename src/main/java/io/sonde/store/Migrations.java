package io.sonde.store;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * Brings the tables to the form that this version needs; the scripts are in {@code db/migrations}.
 */
public final class Migrations {
  private Migrations() {}

  /**
   * Runs what has not run yet. Several nodes may start at once: Flyway locks.
   *
   * @throws StartupException when a script fails or the tables are of a newer version
   */
  public static void run(DatabaseSettings settings) {
    try {
      Flyway.configure()
          .dataSource(settings.jdbcUrl(), settings.user(), settings.password())
          .locations("classpath:db/migrations")
          // By default tables of a newer version would be taken as they are.
          .ignoreMigrationPatterns(new String[0])
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new StartupException(
          "the database at "
              + settings.shownUrl()
              + " cannot be migrated: "
              + e.getMessage().lines().filter(line -> !line.isBlank()).findFirst().orElse(""));
    }
  }
}
