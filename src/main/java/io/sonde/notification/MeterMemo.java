package io.sonde.notification;

import java.util.function.Function;

/**
 * What was found of the meters of one batch. A batch has few meters and very many series, so this
 * spares most of the ways to what all batches share. For one thread.
 */
final class MeterMemo<T> {
  private static final int PLACES = 64;

  private final String[] meters = new String[PLACES];
  private final Object[] values = new Object[PLACES];
  private final Function<String, T> find;

  MeterMemo(Function<String, T> find) {
    this.find = find;
  }

  @SuppressWarnings("unchecked") // only what find returned is put in
  T of(String meter) {
    int place = meter.hashCode() & (PLACES - 1);
    if (!meter.equals(meters[place])) {
      meters[place] = meter;
      values[place] = find.apply(meter);
    }
    return (T) values[place];
  }
}
