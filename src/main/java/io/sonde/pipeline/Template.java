package io.sonde.pipeline;

import io.sonde.model.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Search and replace in names and units, as Python's {@code re.sub} does it: every match is
 * replaced, matches need not cover the text, and {@code \1} or {@code \g<1>} stand for groups. The
 * regular expressions are Java's; {@code (?P<name>…)} is read as well.
 */
final class Template {
  private final Pattern pattern;

  /** Literal text and, as integers, groups. */
  private final List<Object> parts;

  private Template(Pattern pattern, List<Object> parts) {
    this.pattern = pattern;
    this.parts = parts;
  }

  static Template of(String from, String fromPath, String to, String toPath) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(from.replace("(?P<", "(?<"));
    } catch (PatternSyntaxException e) {
      ConfigException failure =
          new ConfigException(fromPath, from, "a regular expression: " + e.getDescription());
      failure.initCause(e);
      throw failure;
    }
    return new Template(pattern, parse(to, toPath, pattern.matcher("").groupCount()));
  }

  String apply(String text) {
    Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder();
    int done = 0;
    while (matcher.find()) {
      out.append(text, done, matcher.start());
      for (Object part : parts) {
        String replacement = part instanceof Integer group ? matcher.group(group) : (String) part;
        out.append(replacement == null ? "" : replacement);
      }
      done = matcher.end();
    }
    return out.append(text, done, text.length()).toString();
  }

  private static List<Object> parse(String to, String path, int groups) {
    List<Object> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher reference = Pattern.compile("\\\\(?:g<(\\d{1,2})>|(\\d{1,2})|(.)|$)").matcher(to);
    int done = 0;
    while (reference.find()) {
      literal.append(to, done, reference.start());
      done = reference.end();
      String number = reference.group(1) != null ? reference.group(1) : reference.group(2);
      if ("\\".equals(reference.group(3))) {
        literal.append('\\');
      } else if (number == null || Integer.parseInt(number) > groups) {
        throw new ConfigException(
            path, to, "a replacement: " + reference.group() + " names none of the groups");
      } else {
        parts.add(literal.toString());
        literal.setLength(0);
        parts.add(Integer.valueOf(number));
      }
    }
    parts.add(literal.append(to, done, to.length()).toString());
    return parts;
  }
}
