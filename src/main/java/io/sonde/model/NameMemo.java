package io.sonde.model;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was found for names, remembered for those seen. Names come from outside, so above a number
 * of them remembering begins anew. For use by many threads.
 */
public final class NameMemo<T> {
  private final int most;
  private final Function<String, T> find;
  private final ConcurrentHashMap<String, T> known = new ConcurrentHashMap<>();

  /**
   * Remembers nothing yet.
   *
   * @param most names that are remembered
   * @param find finds what is not null, always the same for a name
   */
  public NameMemo(int most, Function<String, T> find) {
    this.most = most;
    this.find = find;
  }

  /** What is found for a name. */
  public T of(String name) {
    T value = known.get(name);
    if (value == null) {
      value = find.apply(name);
      if (known.size() >= most) {
        known.clear();
      }
      known.put(name, value);
    }
    return value;
  }
}
