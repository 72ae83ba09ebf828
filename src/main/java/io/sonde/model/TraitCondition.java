package io.sonde.model;

import static java.util.Objects.requireNonNull;

/**
 * What a trait of an event must be: one of this name and of just this type is there, and its value
 * stands in this relation to the one given. Texts compare by their characters' numbers.
 *
 * @param value as a trait of this type has it
 */
public record TraitCondition(String name, TraitType type, Operator operator, Object value) {
  /** Relations, with the names that questions use. */
  public enum Operator {
    LT("lt"),
    LE("le"),
    EQ("eq"),
    NE("ne"),
    GE("ge"),
    GT("gt");

    private final String wireName;

    Operator(String wireName) {
      this.wireName = wireName;
    }

    public String wireName() {
      return wireName;
    }

    /** The operator of this wire name, or null when there is none. */
    public static Operator ofWireName(String name) {
      for (Operator operator : values()) {
        if (operator.wireName.equals(name)) {
          return operator;
        }
      }
      return null;
    }
  }

  public TraitCondition {
    requireNonNull(name, "name");
    requireNonNull(type, "type");
    requireNonNull(operator, "operator");
    requireNonNull(value, "value");
  }
}
