package io.sonde.query;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer would take more memory or time than one question may. The message says what to narrow
 * and is shown to clients.
 */
public final class TooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final ArrayList<String> less;

  /**
   * Too large.
   *
   * @param what is too much, a sentence without its full stop
   * @param less what can be asked for instead, such as {@code a simpler pattern}
   */
  TooLargeException(String what, String... less) {
    this(what, List.of(less), null);
  }

  private TooLargeException(String what, List<String> less, TooLargeException cause) {
    super(less.isEmpty() ? what + "." : what + ": ask for " + either(less) + ".", cause);
    this.what = what;
    this.less = new ArrayList<>(less);
  }

  /** The same that also knows what the question as a whole could ask less of. */
  TooLargeException narrowedBy(List<String> more) {
    List<String> all = new ArrayList<>(less);
    more.stream().filter(one -> !less.contains(one)).forEach(all::add);
    return new TooLargeException(what, all, this);
  }

  private static String either(List<String> ways) {
    int last = ways.size() - 1;
    return last == 0
        ? ways.get(0)
        : String.join(", ", ways.subList(0, last)) + " or " + ways.get(last);
  }
}
