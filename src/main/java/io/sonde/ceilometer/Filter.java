package io.sonde.ceilometer;

import io.sonde.model.ConfigException;
import io.sonde.model.NameFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * A source's list of patterns of meters or types of events. Ceilometer and Sonde decide alike which
 * names a list takes; they differ in which lists they refuse.
 *
 * @param patterns as Sonde takes them; empty when the list takes nothing
 */
record Filter(List<String> patterns) {
  /**
   * Reads a list.
   *
   * @param list what stands under the key
   * @param noun what is filtered, as Ceilometer's errors name it: meters or events
   * @throws FormException when both refuse it
   */
  static Filter of(YamlValue list, String noun, Remarks remarks) {
    List<YamlValue> entries =
        list.isNull() ? List.of() : list.list("a list of patterns of " + noun);
    if (entries.isEmpty()) {
      throw list.refusal("No " + noun + " specified");
    }
    checkCombination(list, entries, noun, remarks);
    boolean takesAll = entries.stream().anyMatch(entry -> entry.text("a pattern").equals("*"));
    boolean hasInclusions = false;
    List<String> patterns = new ArrayList<>();
    for (YamlValue entry : entries) {
      String pattern = entry.text("a pattern");
      boolean isInclusion = !pattern.startsWith("!");
      hasInclusions |= isInclusion;
      if (patterns.contains(pattern)) {
        continue;
      }
      if (isInclusion && takesAll && !pattern.equals("*")) {
        remarks.note(entry, "\"" + pattern + "\" is left out: \"*\" takes all");
      } else if (isOfUse(entry, pattern, remarks)) {
        patterns.add(pattern);
      }
    }
    boolean keptInclusions = patterns.stream().anyMatch(pattern -> !pattern.startsWith("!"));
    if (hasInclusions && !keptInclusions) {
      remarks.lost(list, "none of these patterns matches anything");
      return new Filter(List.of());
    }
    return new Filter(patterns.isEmpty() ? List.of("*") : List.copyOf(patterns));
  }

  /** Ceilometer looks at first characters alone: *.rate is none of its inclusions. */
  private static void checkCombination(
      YamlValue list, List<YamlValue> entries, String noun, Remarks remarks) {
    YamlValue inclusion = null;
    boolean hasExclusion = false;
    boolean takesAll = false;
    for (YamlValue entry : entries) {
      String pattern = entry.text("a pattern");
      takesAll |= pattern.equals("*");
      hasExclusion |= pattern.startsWith("!");
      if (!pattern.startsWith("*") && !pattern.startsWith("!")) {
        inclusion = entry;
      }
    }
    if (inclusion != null && takesAll) {
      throw inclusion.refusal("Included " + noun + " specified with wildcard");
    }
    if (inclusion != null && hasExclusion) {
      remarks.note(
          list,
          "Ceilometer refuses this list (Both included and excluded "
              + noun
              + " specified); here what the exclusions leave of the inclusions is taken");
    }
  }

  private static boolean isOfUse(YamlValue entry, String pattern, Remarks remarks) {
    try {
      NameFilter.of(List.of(pattern), "");
      return true;
    } catch (ConfigException e) {
      remarks.note(entry, "\"" + pattern + "\" is left out: no name matches it");
      return false;
    }
  }

  boolean takesAll() {
    return patterns.equals(List.of("*"));
  }

  /** Whether a name may be taken by both; where both have wildcards, it may. */
  boolean mayOverlap(Filter other) {
    NameFilter mine = NameFilter.of(patterns, "");
    NameFilter theirs = NameFilter.of(other.patterns, "");
    return (hasWildcards() && other.hasWildcards())
        || patterns.stream().anyMatch(name -> mine.matches(name) && theirs.matches(name))
        || other.patterns.stream().anyMatch(name -> mine.matches(name) && theirs.matches(name));
  }

  private boolean hasWildcards() {
    return patterns.stream().allMatch(pattern -> pattern.startsWith("!"))
        || patterns.stream()
            .anyMatch(pattern -> !pattern.startsWith("!") && pattern.matches(".*[*?\\[].*"));
  }
}
