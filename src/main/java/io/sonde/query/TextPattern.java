package io.sonde.query;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.regex.Matcher;

/**
 * A regular expression that comes from a client. It is matched by RE2, whose time grows with the
 * text and never explodes; what a pattern unfolds to is bounded, and so is the time that it takes
 * over all texts of a question. Serves one question.
 */
public final class TextPattern {
  /** Characters that a pattern may have. */
  public static final int LONGEST = 256;

  /** Steps that a pattern may unfold to. */
  private static final int MOST_STEPS = 5_000;

  /** What repeated counts multiply to, by the length: what compiling may take. */
  private static final long MOST_UNFOLDED = 500_000;

  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private static final java.util.regex.Pattern COUNT =
      java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

  private final Pattern pattern;
  private final long patience;
  private long spent;

  private TextPattern(Pattern pattern, long patience) {
    this.pattern = pattern;
    this.patience = patience;
  }

  /**
   * The pattern of this text.
   *
   * @throws IllegalArgumentException when it is none that can be used; the message says why
   */
  public static TextPattern of(String text) {
    return of(text, PATIENCE_NANOS);
  }

  static TextPattern of(String text, long patienceNanos) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "a pattern of " + text.length() + " characters, at most " + LONGEST + " are taken");
    }
    if (unfolded(text) > MOST_UNFOLDED) {
      throw new IllegalArgumentException("the pattern '" + text + "' repeats too often");
    }
    Pattern pattern;
    try {
      pattern = Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the pattern '" + text + "' cannot be read: " + e.getDescription(), e);
    }
    if (pattern.programSize() > MOST_STEPS) {
      throw new IllegalArgumentException("the pattern '" + text + "' repeats too often");
    }
    return new TextPattern(pattern, patienceNanos);
  }

  /** At least what the counted repetitions make of the pattern, as if each stood in the others. */
  private static long unfolded(String text) {
    long unfolded = Math.max(1, text.length());
    Matcher counts = COUNT.matcher(text);
    while (counts.find() && unfolded <= MOST_UNFOLDED) {
      String most =
          counts.group(2) == null || counts.group(2).isEmpty() ? counts.group(1) : counts.group(2);
      // Larger counts are refused by the compiler.
      unfolded *= most.length() > 4 ? 1 : Math.max(1, Integer.parseInt(most));
    }
    return unfolded;
  }

  /**
   * Whether it is found anywhere in a text.
   *
   * @throws TooLargeException when it has taken too long altogether
   */
  boolean isFoundIn(String text) {
    long start = System.nanoTime();
    try {
      return pattern.matcher(new Watched(text, start)).find();
    } finally {
      spent += System.nanoTime() - start;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TextPattern that && pattern.pattern().equals(that.pattern.pattern());
  }

  @Override
  public int hashCode() {
    return pattern.pattern().hashCode();
  }

  @Override
  public String toString() {
    return pattern.pattern();
  }

  /** A text that looks at the clock while it is read. */
  private final class Watched implements CharSequence {
    private static final int READS = 64;

    private final String text;
    private final long start;
    private int reads;

    Watched(String text, long start) {
      this.text = text;
      this.start = start;
    }

    @Override
    public char charAt(int i) {
      if (++reads % READS == 0 && spent + System.nanoTime() - start > patience) {
        throw new TooLargeException(
            "The pattern '" + pattern.pattern() + "' takes too long", "a simpler pattern");
      }
      return text.charAt(i);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return text.subSequence(from, to);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
