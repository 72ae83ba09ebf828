package io.sonde.publish;

import io.sonde.model.Event;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import java.util.List;

/** Events for tests of publishers. */
final class TestEvents {
  /** 2026-01-01T00:00:00Z. */
  private static final long START = 1_767_225_600_000_000L;

  /** Has traits of all types. */
  static final Event FULL =
      new Event(
          "m-1",
          "compute.instance.create.end",
          START + 1,
          List.of(
              new Trait("at", TraitType.DATETIME, START),
              new Trait("load", TraitType.FLOAT, 1.5),
              new Trait("name", TraitType.TEXT, "é"),
              new Trait("size", TraitType.INTEGER, -5L)),
          "{\"payload\":{\"a\":[1,null]}}");

  private TestEvents() {}

  static Event numbered(int number) {
    return new Event(
        "m-" + number, "t", START + number, List.of(), number % 2 == 0 ? "{}" : FULL.raw());
  }
}
