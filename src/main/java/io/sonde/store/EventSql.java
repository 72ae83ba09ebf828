package io.sonde.store;

import io.sonde.model.EventFilter;
import io.sonde.model.TraitCondition;
import io.sonde.model.TraitType;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The condition that chooses events {@code e}, and its parameters. */
final class EventSql {
  private EventSql() {}

  static String where(EventFilter filter) {
    StringBuilder sql = new StringBuilder("e.generated >= ? AND e.generated <= ?");
    if (filter.messageId() != null) {
      sql.append(" AND e.message_id = ?");
    }
    if (filter.eventType() != null) {
      sql.append(" AND e.event_type = ?");
    }
    for (TraitCondition trait : filter.traits()) {
      // The type stands in the text: that makes the partial index of the type usable.
      sql.append(" AND EXISTS (SELECT FROM event_trait t WHERE t.event = e.sequence AND t.type = ")
          .append(trait.type().code())
          .append(" AND t.name = ? AND t.")
          .append(column(trait.type()))
          .append(relation(trait.operator()))
          .append("?)");
    }
    return sql.toString();
  }

  /**
   * Sets the parameters of {@link #where}, from this one on.
   *
   * @return the number of the next parameter
   */
  static int bind(PreparedStatement statement, int first, EventFilter filter) throws SQLException {
    int next = first;
    statement.setLong(next++, filter.from());
    statement.setLong(next++, filter.to());
    if (filter.messageId() != null) {
      statement.setString(next++, filter.messageId());
    }
    if (filter.eventType() != null) {
      statement.setString(next++, filter.eventType());
    }
    for (TraitCondition trait : filter.traits()) {
      statement.setString(next++, trait.name());
      statement.setObject(next++, trait.value());
    }
    return next;
  }

  /** The column that holds values of a type. */
  static String column(TraitType type) {
    return switch (type) {
      case TEXT -> "text_value";
      case INTEGER -> "integer_value";
      case FLOAT -> "float_value";
      case DATETIME -> "time_value";
    };
  }

  private static String relation(TraitCondition.Operator operator) {
    return switch (operator) {
      case LT -> " < ";
      case LE -> " <= ";
      case EQ -> " = ";
      case NE -> " <> ";
      case GE -> " >= ";
      case GT -> " > ";
    };
  }
}
