package io.sonde.expression;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a formula may name. Samples give numbers in the end, so all operands become numbers there;
 * values keep their types, and have parts and methods.
 *
 * @param isOfValues whether it is about values, not samples
 * @param isOfMeters whether samples are named by their meters
 * @param values names of values
 */
record Names(boolean isOfValues, boolean isOfMeters, Set<String> values) {
  static final Names OF_A_SAMPLE = new Names(false, false, Set.of());
  static final Names OF_METERS = new Names(false, true, Set.of());

  static Names ofValues(Set<String> names) {
    return new Names(true, false, names);
  }

  /** What can stand where an operand must, for errors. */
  String operands() {
    return isOfValues
        ? "a number, a text, (, [, {, a function or " + String.join(", ", new TreeSet<>(values))
        : "a number, ( or a field of a sample";
  }
}
