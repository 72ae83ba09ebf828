package io.sonde.query;

import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.query.Condition.And;
import io.sonde.query.Condition.Compare;
import io.sonde.query.Condition.In;
import io.sonde.query.Condition.Leaf;
import io.sonde.query.Condition.Not;
import io.sonde.query.Condition.Or;
import io.sonde.series.Columns;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decides conditions, for chunk rows and for what collectors answer alike, as far as what is known
 * decides them: by a series first, then by a sample's columns, then by its metadata. So most
 * conditions are decided once for all samples of a series.
 */
final class Evaluator {
  /** What a sample has, or has not, cannot be told from what is known here. */
  private static final Object UNKNOWN = new Object();

  private static final long SECOND = 1_000_000;

  /** The value of a field: null where there is none, {@link #UNKNOWN} where it is not known. */
  private interface Known {
    Object of(Field field);
  }

  private Evaluator() {}

  /** What is left of a condition for the samples of a series. */
  static Condition bySeries(Condition condition, Series series) {
    return left(
        condition,
        field -> {
          if (field instanceof Field.OfSeries of) {
            return of.field().of(series);
          }
          if (field instanceof Field.MetadataKey at) {
            String dimension = series.dimensions().get(at.key());
            return dimension == null ? UNKNOWN : dimension;
          }
          return switch ((Field.Column) field) {
            case TYPE -> series.type().wireName();
            case UNIT -> series.unit();
            default -> UNKNOWN;
          };
        });
  }

  /** What is left, for a sample, of what {@link #bySeries} left. */
  static Condition byColumns(Condition condition, Series series, Columns columns, int i) {
    return left(
        condition,
        field ->
            field instanceof Field.Column column
                ? switch (column) {
                  case VOLUME -> (Object) columns.volume(i);
                  case TIMESTAMP -> (Object) columns.timestamp(i);
                  case RECORDED_AT -> (Object) (columns.recorded(i) * SECOND);
                  case MESSAGE_ID -> SampleId.of(series, columns.timestamp(i), columns.key(i));
                  default -> UNKNOWN;
                }
                : UNKNOWN);
  }

  /**
   * Whether what the others left holds.
   *
   * @param flat the metadata by key, see {@link FlatValues}
   */
  static boolean byMetadata(Condition condition, Map<String, Object> flat) {
    return left(condition, field -> flat.get(((Field.MetadataKey) field).key()))
        .equals(Condition.And.TRUE);
  }

  /**
   * The same object where nothing is decided; {@link And#TRUE} or {@link Or#FALSE} where all is.
   */
  private static Condition left(Condition condition, Known known) {
    if (condition instanceof And and) {
      return left(condition, and.all(), Condition.And.TRUE, Condition.Or.FALSE, known);
    }
    if (condition instanceof Or or) {
      return left(condition, or.any(), Condition.Or.FALSE, Condition.And.TRUE, known);
    }
    if (condition instanceof Not not) {
      Condition inner = left(not.condition(), known);
      return inner.equals(Condition.And.TRUE)
          ? Condition.Or.FALSE
          : inner.equals(Condition.Or.FALSE)
              ? Condition.And.TRUE
              : inner == not.condition() ? condition : new Not(inner);
    }
    Object value = known.of(((Leaf) condition).field());
    return value == UNKNOWN
        ? condition
        : value != null && holds((Leaf) condition, value) ? Condition.And.TRUE : Condition.Or.FALSE;
  }

  /**
   * What is left of several.
   *
   * @param neutral is left out, and is the result where nothing else is left
   * @param decisive is the result where one of them is
   */
  private static Condition left(
      Condition whole, List<Condition> parts, Condition neutral, Condition decisive, Known known) {
    List<Condition> kept = null;
    boolean isSame = true;
    for (Condition part : parts) {
      Condition left = left(part, known);
      if (left.equals(decisive)) {
        return decisive;
      }
      isSame &= left == part;
      if (!left.equals(neutral)) {
        kept = kept == null ? new ArrayList<>(parts.size()) : kept;
        kept.add(left);
      }
    }
    if (kept == null) {
      return neutral;
    }
    if (isSame) {
      return whole;
    }
    if (kept.size() == 1) {
      return kept.get(0);
    }
    return neutral.equals(Condition.And.TRUE) ? new And(kept) : new Or(kept);
  }

  private static boolean holds(Leaf leaf, Object value) {
    if (leaf instanceof Compare compare) {
      return holds(value, compare.operator(), compare.value());
    }
    if (leaf instanceof In in) {
      return value instanceof Number
          ? in.values().stream().anyMatch(one -> holds(value, Condition.Operator.EQ, one))
          : in.values().contains(value);
    }
    return value instanceof String text && ((Condition.Matches) leaf).pattern().isFoundIn(text);
  }

  private static boolean holds(Object value, Condition.Operator operator, Object wanted) {
    int order;
    if (value instanceof Number a && wanted instanceof Number b) {
      order = compare(a, b);
    } else if (value instanceof String a && wanted instanceof String b) {
      order = a.compareTo(b);
    } else if (value instanceof Boolean a && wanted instanceof Boolean b) {
      order = a.compareTo(b);
    } else {
      return operator == Condition.Operator.NE;
    }
    return switch (operator) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }

  /** By value, of whatever type they are. */
  static int compare(Number a, Number b) {
    if (isLong(a) && isLong(b)) {
      return Long.compare(a.longValue(), b.longValue());
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    // The nearest doubles are in order; only where they are the same the rest has to be looked at.
    return x != y || Double.isInfinite(x) ? Double.compare(x, y) : exact(a).compareTo(exact(b));
  }

  private static boolean isLong(Number number) {
    return number instanceof Long || number instanceof Integer;
  }

  private static BigDecimal exact(Number number) {
    if (isLong(number)) {
      return BigDecimal.valueOf(number.longValue());
    }
    if (number instanceof BigInteger whole) {
      return new BigDecimal(whole);
    }
    return number instanceof BigDecimal decimal ? decimal : new BigDecimal(number.doubleValue());
  }
}
