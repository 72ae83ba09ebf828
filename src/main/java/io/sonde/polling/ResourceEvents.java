package io.sonde.polling;

import io.sonde.model.Event;
import io.sonde.model.SampleBatch;
import io.sonde.model.Series;
import io.sonde.model.StorableText;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import io.sonde.store.DiscoveredStore.Discovered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The events that discovery tells of: a resource was found, and it is gone. Their ids follow from
 * what they tell, so that an event which is told twice counts once. A node that dies before it has
 * noted what it told may have it told by another with another time: a second beginning, which
 * changes nothing.
 */
final class ResourceEvents {
  static final String FOUND = "polling.resource.found";
  static final String GONE = "polling.resource.gone";

  private ResourceEvents() {}

  /**
   * @param reading what was read of it along the way, if anything; says whose it is
   */
  static Event found(Errand errand, Discovered one, SampleBatch reading) {
    List<Trait> traits = traits(errand, one);
    if (reading != null && !reading.isEmpty()) {
      Series series = reading.series(0);
      add(traits, "project_id", series.projectId());
      add(traits, "user_id", series.userId());
    }
    return event(FOUND, errand, one, one.firstFound(), traits);
  }

  /**
   * @param now when it was given up; it is known to have existed until it was found last
   */
  static Event gone(Errand errand, Discovered one, Instant now) {
    List<Trait> traits = traits(errand, one);
    Instant last = one.lastFound() == null ? now : one.lastFound();
    traits.add(new Trait("last_found_at", TraitType.DATETIME, micros(last)));
    return event(GONE, errand, one, now, traits);
  }

  private static Event event(
      String type, Errand errand, Discovered one, Instant time, List<Trait> traits) {
    String told =
        String.join(
            "\n",
            type,
            errand.searcher().source(),
            errand.searcher().discovery(),
            one.pollster(),
            one.resourceId(),
            one.firstFound().toString());
    String id = UUID.nameUUIDFromBytes(told.getBytes(StandardCharsets.UTF_8)).toString();
    return new Event(id, type, micros(time), traits, Event.NO_RAW);
  }

  private static List<Trait> traits(Errand errand, Discovered one) {
    List<Trait> traits = new ArrayList<>();
    add(traits, "resource_id", one.resourceId());
    add(traits, "source", errand.source().name());
    add(traits, "discovery", errand.searcher().discovery());
    add(traits, "pollster", one.pollster());
    traits.add(new Trait("found_at", TraitType.DATETIME, micros(one.firstFound())));
    return traits;
  }

  private static void add(List<Trait> traits, String name, String text) {
    if (text != null && StorableText.isStorable(text)) {
      traits.add(new Trait(name, TraitType.TEXT, text));
    }
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
