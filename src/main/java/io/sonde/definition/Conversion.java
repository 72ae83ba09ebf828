package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** One notification on its way into samples. For one thread. */
final class Conversion {
  /** What one notification may become: more would hold up all others. */
  static final int MOST_SAMPLES = 10_000;

  private static final int MOST_REMARKS = 100;

  private final Notification notification;
  private final String source;
  private final Redaction redaction;
  private final List<Sample> samples = new ArrayList<>(4);
  private final List<String> remarks = new ArrayList<>(0);
  private final IdentityHashMap<MetadataDefinition, Metadata> metadata = new IdentityHashMap<>(2);

  Conversion(Notification notification, String source, Redaction redaction) {
    this.notification = notification;
    this.source = source;
    this.redaction = redaction;
  }

  Notification notification() {
    return notification;
  }

  /** Who samples come from, where they do not say so. */
  String source() {
    return source;
  }

  Redaction redaction() {
    return redaction;
  }

  List<Sample> samples() {
    return samples;
  }

  List<String> remarks() {
    return remarks;
  }

  void remark(String text) {
    if (remarks.size() < MOST_REMARKS) {
      remarks.add(text);
    } else if (remarks.size() == MOST_REMARKS) {
      remarks.add("and more");
    }
  }

  /**
   * What is known of the resource, made once for all definitions that ask for the same.
   *
   * @param origin whose remark it is
   */
  Metadata metadata(String origin, MetadataDefinition definition) {
    Metadata known = metadata.get(definition);
    if (known == null) {
      known = definition.of(this, origin);
      metadata.put(definition, known);
    }
    return known;
  }

  /** The user who asked for what happened, or null. */
  String user() {
    return Values.text(notification.context("user_id", "user"));
  }

  /** His project, or null. */
  String project() {
    return Values.text(notification.context("project_id", "tenant_id", "tenant"));
  }

  /**
   * Adds a sample, or remarks why there is none.
   *
   * @param origin what makes it; with the index it tells the samples of a notification apart
   */
  void add(
      String origin,
      int index,
      String meter,
      MeterType type,
      String unit,
      JsonNode volume,
      String resourceId,
      String userId,
      String projectId,
      long timestamp,
      Metadata of) {
    Double number = Values.number(volume);
    if (number == null) {
      remark(origin + ": volume: a finite number is expected, found " + Values.shown(volume));
      return;
    }
    try {
      Series series =
          new Series(
              source, meter, type, unit, resourceId, projectId, userId, Series.NO_DIMENSIONS);
      add(
          origin,
          new Sample(
              series,
              timestamp,
              number,
              SampleKey.ofMessageId(notification.messageId() + ' ' + origin + ' ' + index),
              of));
    } catch (IllegalArgumentException e) {
      remark(origin + ": " + e.getMessage());
    }
  }

  void add(String origin, Sample sample) {
    if (samples.size() == MOST_SAMPLES) {
      throw new NotificationException(
          origin + ": more than " + MOST_SAMPLES + " samples of one notification");
    }
    samples.add(sample);
  }
}
