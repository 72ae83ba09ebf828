package io.sonde.http;

import java.util.Arrays;

/** The parts of a sample's JSON that vary from one to the next: places of its bytes, in order. */
final class SampleSpans {
  private static final int MOST = 12;

  private final SampleField[] fields;
  private final boolean[] areNumbers;
  private final int[] places;
  private int size;
  private boolean isOdd;

  SampleSpans() {
    this(new SampleField[MOST], new boolean[MOST], new int[2 * MOST]);
  }

  private SampleSpans(SampleField[] fields, boolean[] areNumbers, int[] places) {
    this.fields = fields;
    this.areNumbers = areNumbers;
    this.places = places;
    this.size = fields.length;
  }

  int size() {
    return size;
  }

  SampleField field(int i) {
    return fields[i];
  }

  /** Whether it is a number; else it is text, without its quotation marks. */
  boolean isNumber(int i) {
    return areNumbers[i];
  }

  int from(int i) {
    return places[2 * i];
  }

  int to(int i) {
    return places[2 * i + 1];
  }

  void clear() {
    size = 0;
    isOdd = false;
  }

  void add(SampleField field, boolean isNumber, int from, int to) {
    if (size == MOST) {
      isOdd = true;
      return;
    }
    fields[size] = field;
    areNumbers[size] = isNumber;
    places[2 * size] = from;
    places[2 * size + 1] = to;
    size++;
  }

  /** A part varies that cannot be read by its bytes alone. */
  void addOdd() {
    isOdd = true;
  }

  /** Whether they are all that makes one sample of a series differ from the next. */
  boolean sayAll() {
    return !isOdd
        && has(SampleField.TIMESTAMP)
        && (has(SampleField.COUNTER_VOLUME) || has(SampleField.VOLUME));
  }

  /** The same with places that are counted from another one. */
  SampleSpans countedFrom(int origin) {
    int[] counted = Arrays.copyOf(places, 2 * size);
    for (int i = 0; i < counted.length; i++) {
      counted[i] -= origin;
    }
    return new SampleSpans(Arrays.copyOf(fields, size), Arrays.copyOf(areNumbers, size), counted);
  }

  private boolean has(SampleField field) {
    for (int i = 0; i < size; i++) {
      if (fields[i] == field) {
        return true;
      }
    }
    return false;
  }
}
