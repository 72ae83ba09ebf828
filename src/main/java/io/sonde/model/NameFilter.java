package io.sonde.model;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which names a source takes, of meters or of types of events: shell globs ({@code * ? [seq]
 * [!seq]}, case sensitive), with a leading {@code !} for exclusions. An exclusion that matches
 * decides; then an inclusion that matches; a list of exclusions alone takes all other names.
 *
 * <p>Ceilometer refuses {@code disk.*} together with {@code !disk.read*} because it looks at first
 * characters only. Here inclusions and exclusions may stand together.
 */
public final class NameFilter {
  private final List<String> patterns;
  private final List<Pattern> inclusions = new ArrayList<>();
  private final List<Pattern> exclusions = new ArrayList<>();

  private NameFilter(List<String> patterns) {
    this.patterns = List.copyOf(patterns);
  }

  /**
   * The filter of these patterns.
   *
   * @param configPath where they are configured, for errors
   * @throws ConfigException when they make no filter
   */
  public static NameFilter of(List<String> patterns, String configPath) {
    if (patterns.isEmpty()) {
      throw new ConfigException(configPath, "[]", "a list of at least one pattern");
    }
    NameFilter filter = new NameFilter(patterns);
    for (int i = 0; i < patterns.size(); i++) {
      String text = patterns.get(i);
      boolean exclusion = text.startsWith("!");
      String glob = exclusion ? text.substring(1) : text;
      String path = configPath + "[" + i + "]";
      if (glob.isBlank()) {
        throw new ConfigException(path, text, "a pattern such as disk.* or !disk.read*");
      }
      (exclusion ? filter.exclusions : filter.inclusions).add(compile(glob, text, path));
    }
    int star = patterns.indexOf("*");
    if (star >= 0 && filter.inclusions.size() > 1) {
      throw new ConfigException(
          configPath + "[" + star + "]", "*", "of use beside other inclusions: it takes all");
    }
    return filter;
  }

  public boolean matches(String name) {
    for (Pattern exclusion : exclusions) {
      if (exclusion.matcher(name).matches()) {
        return false;
      }
    }
    for (Pattern inclusion : inclusions) {
      if (inclusion.matcher(name).matches()) {
        return true;
      }
    }
    return inclusions.isEmpty();
  }

  /** The patterns as they were configured. */
  public List<String> patterns() {
    return patterns;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NameFilter that && patterns.equals(that.patterns);
  }

  @Override
  public int hashCode() {
    return patterns.hashCode();
  }

  @Override
  public String toString() {
    return patterns.toString();
  }

  private static Pattern compile(String glob, String text, String path) {
    try {
      return Pattern.compile(regex(glob), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      ConfigException failure = new ConfigException(path, text, "a pattern: " + e.getDescription());
      failure.initCause(e);
      throw failure;
    }
  }

  private static String regex(String glob) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      char c = glob.charAt(i);
      int end = c == '[' ? endOfSet(glob, i) : -1;
      if (end > 0) {
        appendSet(glob.substring(i + 1, end), out);
        i = end + 1;
      } else {
        out.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        i++;
      }
    }
    return out.toString();
  }

  /** Where the set ends that begins at this bracket; -1 makes the bracket an ordinary character. */
  private static int endOfSet(String glob, int start) {
    int i = start + 1;
    if (i < glob.length() && glob.charAt(i) == '!') {
      i++;
    }
    return glob.indexOf(']', i + 1);
  }

  private static void appendSet(String set, StringBuilder out) {
    boolean negated = set.startsWith("!");
    out.append(negated ? "[^" : "[");
    for (int i = negated ? 1 : 0; i < set.length(); i++) {
      char c = set.charAt(i);
      if ("\\[]^&".indexOf(c) >= 0) {
        out.append('\\');
      }
      out.append(c);
    }
    out.append(']');
  }
}
