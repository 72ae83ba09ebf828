package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.Provenance;
import io.sonde.model.Sample;
import io.sonde.model.Series;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.Rehearsal;
import io.sonde.pipeline.SinkDefinition;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.OriginStore;
import io.sonde.store.OriginStore.Numbered;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Finds the samples that a derived one was made of. A resource's samples are in one journal, so
 * what was recorded before the derived sample is taken through its sink again: the newest few of
 * which the sink makes that sample are its inputs. Blocks.
 */
final class Inputs {
  /** What was recorded earlier is not looked at. */
  private static final long MOST_BYTES = 64L << 20;

  /** Samples of a resource that are tried. */
  private static final int MOST_SAMPLES = 400;

  /** Events that are read at a time, backwards. */
  private static final int STRIDE = 64;

  /** A stage and the door hand on at the same time: the input may stand behind its result. */
  private static final int EVENTS_BEHIND = 64;

  /** By how much a rate by a poller's own clock may differ from one by timestamps. */
  private static final double NEARLY = 0.02;

  private static final long MICROS = 1_000_000;

  private final Origins origins;
  private final JournalStore journals;
  private final OriginStore store;

  Inputs(Origins origins, Database database) {
    this.origins = origins;
    this.journals = new JournalStore(database);
    this.store = new OriginStore(database);
  }

  /**
   * What was found.
   *
   * @param isExact whether the sink makes exactly the volume of these
   * @param why what is not certain; null where nothing is
   */
  record Found(List<Origin> inputs, boolean isExact, String why) {}

  Found of(Origin derived, PipelineSettings pipelines, SinkDefinition sink) {
    Set<String> rawSinks = new LinkedHashSet<>();
    pipelines.sinks().stream()
        .filter(one -> one.transformers().isEmpty())
        .forEach(one -> rawSinks.add(one.name()));
    Map<Integer, Series> series = candidates(derived, pipelines, sink);
    Attempt attempt = new Attempt(derived, sink);
    String journal = Collector.persistenceId(derived.collector());
    List<Origin> known = new ArrayList<>();
    long next = derived.sequence() + 1;
    long bytes = read(journal, next, next + EVENTS_BEHIND, series, rawSinks, known);
    long beginning = journals.beginning(journal);
    while (next > beginning && bytes < MOST_BYTES && known.size() < MOST_SAMPLES) {
      long from = Math.max(beginning, next - STRIDE);
      List<Origin> earlier = new ArrayList<>();
      bytes += read(journal, from, next - 1, series, rawSinks, earlier);
      boolean isSame = earlier.isEmpty() && next <= derived.sequence();
      earlier.addAll(known);
      known = earlier;
      next = from;
      Found found = isSame ? null : attempt.with(known);
      if (found != null) {
        return found;
      }
    }
    return new Found(
        List.of(),
        false,
        "the sink does not make this sample of what was recorded shortly before it: its window"
            + " ended by the clock, or they came long before, or were not stored");
  }

  /** The series of the resource that the sink takes, by their numbers. */
  private Map<Integer, Series> candidates(
      Origin derived, PipelineSettings pipelines, SinkDefinition sink) {
    Map<Integer, Series> found = new HashMap<>();
    String resource = derived.series().resourceId();
    for (Numbered one : store.ofResource(derived.collector(), resource)) {
      found.put(one.number(), one.series());
    }
    found.putAll(origins.unflushed(derived.collector(), one -> one.resourceId().equals(resource)));
    found.values().removeIf(one -> !isTaken(one.meter(), pipelines, sink));
    return found;
  }

  private static boolean isTaken(String meter, PipelineSettings pipelines, SinkDefinition sink) {
    return pipelines.sources().stream()
        .filter(source -> source.sinks().contains(sink.name()))
        .anyMatch(
            source -> Arrays.stream(Door.values()).anyMatch(door -> source.takes(door, meter)));
  }

  /** Adds the samples of these series, and gives the bytes read. */
  private long read(
      String journal,
      long from,
      long to,
      Map<Integer, Series> series,
      Set<String> rawSinks,
      List<Origin> found) {
    long bytes = 0;
    long last = from - 1;
    while (last < to) {
      List<StoredEvent> events = journals.eventsAfter(journal, last);
      if (events.isEmpty()) {
        return bytes;
      }
      for (StoredEvent event : events) {
        last = event.sequence();
        if (last > to) {
          return bytes;
        }
        bytes += event.payload().length;
        add(event, series, rawSinks, found);
      }
    }
    return bytes;
  }

  private static void add(
      StoredEvent event, Map<Integer, Series> series, Set<String> rawSinks, List<Origin> found) {
    JournalEvents said = JournalEvents.of(event.payload());
    List<Recorded> samples = said.samples();
    for (int i = 0; i < samples.size(); i++) {
      Recorded one = samples.get(i);
      if (series.containsKey(one.series())
          && Provenance.sinks(said.way(i)).stream().anyMatch(rawSinks::contains)) {
        found.add(Origin.of(event, said, i, series.get(one.series())));
      }
    }
  }

  /** Takes samples through the sink of one derived sample. */
  private final class Attempt {
    private final Origin derived;
    private final SinkDefinition sink;
    private final Map<UUID, Metadata> texts = new HashMap<>();

    Attempt(Origin derived, SinkDefinition sink) {
      this.derived = derived;
      this.sink = sink;
    }

    /** The fewest of the newest of which the sink makes the derived one; null where it does not. */
    Found with(List<Origin> known) {
      int last = last(known);
      int first = last;
      while (first >= 0 && made(known.subList(first, last + 1)) == null) {
        first--;
      }
      if (first < 0) {
        return null;
      }
      List<Origin> needed = new ArrayList<>(known.subList(first, last + 1));
      for (Series other : needed.stream().map(Origin::series).distinct().toList()) {
        List<Origin> without = needed.stream().filter(one -> !one.series().equals(other)).toList();
        if (made(without) != null) {
          needed = new ArrayList<>(without);
        }
      }
      double volume = made(needed);
      boolean isExact = volume == derived.sample().volume();
      return new Found(
          List.copyOf(needed),
          isExact,
          isExact
              ? null
              : "by their timestamps they make " + volume + ": the poller's own clock is not kept");
    }

    /** With which one the derived sample comes out, when all are taken; -1 where it does not. */
    private int last(List<Origin> known) {
      Rehearsal rehearsal = new Rehearsal(sink);
      int last = -1;
      for (int i = 0; i < known.size(); i++) {
        if (match(take(rehearsal, known.get(i))) != null) {
          last = i;
        }
      }
      return last;
    }

    /** The volume of the derived sample as it comes out of these; null where it does not. */
    private Double made(List<Origin> inputs) {
      Rehearsal rehearsal = new Rehearsal(sink);
      Double made = null;
      for (Origin input : inputs) {
        Double one = match(take(rehearsal, input));
        made = one == null ? made : one;
      }
      return made;
    }

    private List<Sample> take(Rehearsal rehearsal, Origin input) {
      Recorded one = input.sample();
      Metadata text = texts.computeIfAbsent(one.metadata(), id -> origins.metadata(input));
      return rehearsal.add(
          new Sample(input.series(), one.timestamp(), one.volume(), one.key(), text),
          one.recordedAt() * MICROS);
    }

    private Double match(List<Sample> emitted) {
      double wanted = derived.sample().volume();
      for (Sample sample : emitted) {
        if (sample.series().equals(derived.series())
            && sample.timestamp() == derived.sample().timestamp()
            && Math.abs(sample.volume() - wanted) <= NEARLY * Math.abs(wanted)) {
          return sample.volume();
        }
      }
      return null;
    }
  }
}
