package io.sonde.query;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What must hold of a sample. A condition on something that the sample has not (a key of metadata,
 * a project) does not hold, so {@code not} of it does. Values are a String, Long, BigInteger,
 * Double or Boolean; numbers are compared by value, texts by their characters (UTF-16), and values
 * of different kinds are never equal and have no order. Decided by {@link Evaluator} alone.
 */
public sealed interface Condition {
  /** All of them hold. */
  record And(List<Condition> all) implements Condition {
    /** Holds of every sample. */
    public static final Condition TRUE = new And(List.of());
  }

  /** One of them holds at least. */
  record Or(List<Condition> any) implements Condition {
    /** Holds of no sample. */
    public static final Condition FALSE = new Or(List.of());
  }

  /** It does not hold. */
  record Not(Condition condition) implements Condition {}

  /** A condition on one field. */
  sealed interface Leaf extends Condition {
    Field field();
  }

  /** How a field is compared with a value. */
  enum Operator {
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE
  }

  /** The field compares so with the value. */
  record Compare(Field field, Operator operator, Object value) implements Leaf {}

  /** The field has one of the values. */
  record In(Field field, Set<Object> values) implements Leaf {}

  /** The field is text in which the pattern is found. */
  record Matches(Field field, TextPattern pattern) implements Leaf {}

  /** The field has this value. */
  static Condition equal(Field field, Object value) {
    return new Compare(field, Operator.EQ, value);
  }

  /** All of these hold; the nearest to flat. */
  static Condition all(Collection<Condition> conditions) {
    return conditions.size() == 1 ? conditions.iterator().next() : new And(List.copyOf(conditions));
  }

  /** The parts that all must hold for this to hold, as far as they lie open. */
  default List<Condition> conjuncts() {
    if (this instanceof And and) {
      return and.all().stream().flatMap(one -> one.conjuncts().stream()).toList();
    }
    return List.of(this);
  }

  /** Whether it looks at metadata. */
  default boolean looksAtMetadata() {
    return looksAt(field -> field instanceof Field.MetadataKey);
  }

  /** Whether it looks at what differs between the samples of a series, other than metadata. */
  default boolean looksAtColumns() {
    return looksAt(field -> field instanceof Field.Column column && !column.isOfSeries());
  }

  private boolean looksAt(Predicate<Field> what) {
    if (this instanceof And and) {
      return and.all().stream().anyMatch(one -> one.looksAt(what));
    }
    if (this instanceof Or or) {
      return or.any().stream().anyMatch(one -> one.looksAt(what));
    }
    if (this instanceof Not not) {
      return not.condition().looksAt(what);
    }
    return what.test(((Leaf) this).field());
  }
}
