package io.sonde.store;

import java.sql.SQLException;

/**
 * A statement failed, or no connection could be had in time. Nothing is known about whether it took
 * effect.
 */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseException(SQLException cause) {
    super(cause.getMessage(), cause);
  }
}
