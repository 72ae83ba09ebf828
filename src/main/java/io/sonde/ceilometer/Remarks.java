package io.sonde.ceilometer;

import io.sonde.ceilometer.Remark.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers what is to be said. */
final class Remarks {
  private final List<Remark> all = new ArrayList<>();

  void note(YamlValue at, String text) {
    all.add(new Remark(at.file(), at.line(), Kind.NOTE, text));
  }

  void lost(YamlValue at, String text) {
    all.add(new Remark(at.file(), at.line(), Kind.LOST, text));
  }

  /** How many there are, for {@link #withoutNotesSince}. */
  int count() {
    return all.size();
  }

  /** Takes notes back, of something that turned out to be lost as a whole. */
  void withoutNotesSince(int count) {
    all.subList(count, all.size()).removeIf(remark -> remark.kind() == Kind.NOTE);
  }

  /** The files in the order in which they were read, each by its lines. */
  List<Remark> sorted() {
    List<String> files = all.stream().map(Remark::file).distinct().toList();
    return all.stream()
        .sorted(
            Comparator.comparingInt((Remark remark) -> files.indexOf(remark.file()))
                .thenComparingInt(Remark::line))
        .toList();
  }
}
