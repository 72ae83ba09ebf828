package io.sonde.jsonpath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.function.Consumer;

/**
 * {@code `sub(/regex/, replacement)`}: a text with all that the expression matches replaced;
 * nothing where that changes nothing. The expression is matched by RE2, whose time is bounded by
 * the text; the replacement names groups as {@code \1}.
 */
record Substitution(Pattern pattern, String replacement) implements Step {
  private static final int LONGEST_PATTERN = 256;
  private static final int MOST_INSTRUCTIONS = 2_000;

  /** Characters of a text that is looked at, and of a result. */
  private static final int LONGEST_TEXT = 4_096;

  private static final java.util.regex.Pattern SEVERAL_COUNTS =
      java.util.regex.Pattern.compile("(?s).*\\{\\d.*\\{\\d.*");

  /**
   * Compiles it.
   *
   * @throws JsonPathException when the expression is none that can be used
   */
  static Substitution of(String regex, String replacement, int position) {
    if (regex.length() > LONGEST_PATTERN || SEVERAL_COUNTS.matcher(regex).matches()) {
      throw JsonPathException.at(
          position,
          "an expression of at most "
              + LONGEST_PATTERN
              + " characters is expected, with one {count} at most");
    }
    try {
      Pattern pattern = Pattern.compile(regex);
      if (pattern.programSize() > MOST_INSTRUCTIONS) {
        throw JsonPathException.at(position, "/" + regex + "/ repeats too often");
      }
      checkGroups(replacement, pattern.groupCount(), position);
      return new Substitution(pattern, replacement);
    } catch (PatternSyntaxException e) {
      throw JsonPathException.at(
          position, "/" + regex + "/ is no expression that RE2 reads: " + e.getDescription());
    }
  }

  private static void checkGroups(String replacement, int groups, int position) {
    for (int i = 0; i + 1 < replacement.length(); i++) {
      if (replacement.charAt(i) == '\\') {
        i++;
        int group = Character.digit(replacement.charAt(i), 10);
        if (group > groups) {
          throw JsonPathException.at(position, "the expression has no group \\" + group);
        }
      }
    }
  }

  @Override
  public void find(Scope scope, JsonNode from, Consumer<JsonNode> found) {
    if (!from.isTextual() || from.textValue().length() > LONGEST_TEXT) {
      return;
    }
    String text = from.textValue();
    scope.spend(1 + text.length());
    Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder();
    int copied = 0;
    while (matcher.find() && out.length() <= LONGEST_TEXT) {
      out.append(text, copied, matcher.start());
      appendReplacement(matcher, out);
      copied = matcher.end();
    }
    out.append(text, copied, text.length());
    if (out.length() <= LONGEST_TEXT && !out.toString().equals(text)) {
      found.accept(JsonNodeFactory.instance.textNode(out.toString()));
    }
  }

  private void appendReplacement(Matcher matcher, StringBuilder out) {
    for (int i = 0; i < replacement.length(); i++) {
      char c = replacement.charAt(i);
      boolean isEscape = c == '\\' && i + 1 < replacement.length();
      char next = isEscape ? replacement.charAt(++i) : c;
      int group = isEscape ? Character.digit(next, 10) : -1;
      if (group >= 0) {
        String value = matcher.group(group);
        out.append(value == null ? "" : value);
      } else {
        out.append(next);
      }
    }
  }
}
