package io.sonde.http;

import io.sonde.model.MeterType;
import io.sonde.model.Series;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes series of the labels of remote write: the metric's name is the meter, some labels are
 * fields, the rest are dimensions. For use by many threads.
 */
final class RemoteWriteMapping {
  /** The label that holds the metric's name. */
  static final String METRIC_NAME = "__name__";

  private static final int NAME = ProtobufCursor.tagOfBytes(1);
  private static final int VALUE = ProtobufCursor.tagOfBytes(2);
  private static final int LAST_FIELD = 2;

  // Names of labels, and most values, are those of many series. Both bounds together: 16 MiB.
  private static final int MAX_SHARED_TEXTS = 65_536;
  private static final int LONGEST_SHARED_TEXT = 128;

  private final RemoteWriteSettings settings;
  private final Map<String, String> sharedTexts = new ConcurrentHashMap<>();

  RemoteWriteMapping(RemoteWriteSettings settings) {
    this.settings = settings;
  }

  /**
   * The series of these labels, in whatever order they stand.
   *
   * @param labels a cursor over label fields alone
   * @throws IllegalArgumentException when they name no series, or none that is stored
   */
  Series series(ProtobufCursor labels) {
    SortedMap<String, String> rest = read(labels);
    String meter = rest.remove(METRIC_NAME);
    if (meter == null) {
      throw new IllegalArgumentException("there is no label " + METRIC_NAME);
    }
    Set<String> used = new HashSet<>();
    String resource = first(settings.resourceLabels(), rest, used);
    String project = first(settings.projectLabels(), rest, used);
    String user = first(settings.userLabels(), rest, used);
    rest.keySet().removeAll(used);
    if (resource == null) {
      resource = settings.defaultResource();
      if (resource.isEmpty()) {
        throw new IllegalArgumentException(
            "no label names the resource: there is none of " + settings.resourceLabels());
      }
    }
    MeterType type = settings.cumulative().matches(meter) ? MeterType.CUMULATIVE : MeterType.GAUGE;
    return new Series(settings.source(), meter, type, "", resource, project, user, rest);
  }

  private SortedMap<String, String> read(ProtobufCursor labels) {
    SortedMap<String, String> all = new TreeMap<>();
    while (labels.hasNext()) {
      labels.tag();
      int outer = labels.enter();
      String name = "";
      String value = "";
      while (labels.hasNext()) {
        int tag = labels.tag();
        if (tag == NAME) {
          name = labels.text();
        } else if (tag == VALUE) {
          value = labels.text();
        } else {
          labels.skip(tag, LAST_FIELD);
        }
      }
      labels.leave(outer);
      if (name.isEmpty()) {
        throw new IllegalArgumentException("a label has no name");
      }
      if (all.put(shared(name), shared(value)) != null) {
        throw new IllegalArgumentException(
            "the label " + ApiException.shown(name) + " stands twice");
      }
    }
    // An empty label is the same as none, by Prometheus' data model.
    all.values().removeIf(String::isEmpty);
    return all;
  }

  private static String first(
      Collection<String> names, Map<String, String> labels, Set<String> used) {
    for (String name : names) {
      String value = labels.get(name);
      if (value != null) {
        used.add(name);
        return value;
      }
    }
    return null;
  }

  /** The same object for equal texts: a million series have few different ones. */
  private String shared(String text) {
    if (text.length() > LONGEST_SHARED_TEXT) {
      return text;
    }
    if (sharedTexts.size() >= MAX_SHARED_TEXTS) {
      sharedTexts.clear();
    }
    String known = sharedTexts.putIfAbsent(text, text);
    return known == null ? text : known;
  }
}
