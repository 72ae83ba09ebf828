package io.sonde.audit;

import io.sonde.store.PeriodStore.Figure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** What a statement says of an earlier one, where usage is not what is stated any more. */
final class Corrections {
  private Corrections() {}

  /**
   * A figure that has changed.
   *
   * @param stated what was stated before, with the corrections that were stated; 0 where nothing
   *     was
   * @param now as it is now, with a quantity of 0 where nothing is left of it
   */
  record Change(double stated, Figure now) {}

  /** What a figure is of. */
  private record Key(String meter, String type, String unit, String group)
      implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::meter)
            .thenComparing(Key::group)
            .thenComparing(Key::unit)
            .thenComparing(Key::type);

    static Key of(Figure figure) {
      return new Key(figure.meter(), figure.type(), figure.unit(), figure.group());
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  /**
   * The figures whose quantity has changed, in order.
   *
   * @return empty where samples are missing that were there: then it was not usage that changed
   */
  static Optional<List<Change>> between(Collection<Figure> stated, Collection<Figure> now) {
    TreeMap<Key, Figure> before = new TreeMap<>();
    stated.forEach(figure -> before.put(Key.of(figure), figure));
    TreeMap<Key, Figure> after = new TreeMap<>();
    stated.forEach(
        old ->
            after.put(
                Key.of(old), new Figure(old.meter(), old.type(), old.unit(), old.group(), 0, 0)));
    now.forEach(figure -> after.put(Key.of(figure), figure));
    List<Change> changes = new ArrayList<>();
    for (var entry : after.entrySet()) {
      Figure old = before.get(entry.getKey());
      Figure figure = entry.getValue();
      if (old != null && figure.samples() < old.samples()) {
        return Optional.empty();
      }
      double quantity = old == null ? 0 : old.quantity();
      if (figure.quantity() != quantity) {
        changes.add(new Change(quantity, figure));
      }
    }
    return Optional.of(changes);
  }
}
