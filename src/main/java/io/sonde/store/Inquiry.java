package io.sonde.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.postgresql.PGConnection;

/**
 * A question while the database works on it: it may be ended from outside, and it may tell how the
 * database finds its answer. For use by several threads.
 */
public final class Inquiry {
  private final Consumer<String> plans;
  private Connection connection;
  private RuntimeException why;

  /** A question whose plan nobody wants to know. */
  public Inquiry() {
    this(null);
  }

  /**
   * A question.
   *
   * @param plans is told PostgreSQL's plan of each statement with what it took, as JSON; null where
   *     nobody wants to know
   */
  public Inquiry(Consumer<String> plans) {
    this.plans = plans;
  }

  /**
   * Ends it, now or when its turn comes: what the database does for it is cancelled.
   *
   * @param failure what whoever asked is told
   */
  public synchronized void end(RuntimeException failure) {
    if (why != null) {
      return;
    }
    why = failure;
    if (connection != null) {
      try {
        connection.unwrap(PGConnection.class).cancelQuery();
      } catch (SQLException ignored) {
        // The statement goes on to its end; then this is looked at again.
      }
    }
  }

  /** Throws what it was ended with. */
  synchronized void check() {
    if (why != null) {
      throw why;
    }
  }

  /**
   * Works on it. A cancellation that comes while the work ends meets the transaction's own end, not
   * the next user of the connection: that it was sent is known before this returns.
   */
  <T> T on(Connection used, Database.Work<T> work) throws SQLException {
    begin(used);
    try {
      return work.run(used);
    } catch (SQLException | DatabaseException e) {
      check();
      throw e;
    } finally {
      end();
    }
  }

  private synchronized void begin(Connection used) {
    check();
    connection = used;
  }

  private synchronized void end() {
    connection = null;
  }

  boolean isExplained() {
    return plans != null;
  }

  void explain(String plan) {
    plans.accept(plan);
  }
}
