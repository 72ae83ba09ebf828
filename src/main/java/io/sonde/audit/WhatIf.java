package io.sonde.audit;

import io.sonde.collector.Collector;
import io.sonde.collector.JournalEvents;
import io.sonde.collector.JournalEvents.Recorded;
import io.sonde.model.Door;
import io.sonde.model.Metadata;
import io.sonde.model.Provenance;
import io.sonde.model.Sample;
import io.sonde.model.SampleId;
import io.sonde.model.Series;
import io.sonde.notification.Routes;
import io.sonde.pipeline.PipelineSettings;
import io.sonde.pipeline.Rehearsal;
import io.sonde.pipeline.SinkDefinition;
import io.sonde.publish.Publishers;
import io.sonde.series.ExactSum;
import io.sonde.store.Database;
import io.sonde.store.JournalStore;
import io.sonde.store.JournalStore.StoredEvent;
import io.sonde.store.OriginStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Takes what came in through the doors, as the journal has it, through two definitions of the
 * pipelines, and compares what is made. Both begin without any memory; nothing is stored. For one
 * thread; blocks.
 */
public final class WhatIf {
  /** Samples that one definition made and the other did not, or not yet, per meter in memory. */
  private static final int MOST_APART = 200_000;

  private static final long MICROS = 1_000_000;

  private final JournalStore journals;
  private final OriginStore store;
  private final int collectors;
  private final Door door;
  private final Side present;
  private final Side candidate;
  private final SortedMap<String, Difference> byMeter = new TreeMap<>();
  private final Map<String, Set<String>> derivingSinks = new HashMap<>();
  private long taken;

  /**
   * Of a database.
   *
   * @param door by which all samples are taken to have come: the journal does not say
   */
  public WhatIf(
      Database database,
      int collectors,
      PipelineSettings present,
      PipelineSettings candidate,
      Door door) {
    this.journals = new JournalStore(database);
    this.store = new OriginStore(database);
    this.collectors = collectors;
    this.door = door;
    this.present = new Side(present);
    this.candidate = new Side(candidate);
  }

  /** What two definitions make of a meter. */
  public static final class Difference {
    private final ExactSum presentSum = new ExactSum();
    private final ExactSum candidateSum = new ExactSum();
    private long presentCount;
    private long candidateCount;

    /** By id: the samples that only one of them made, or each with another volume. */
    private final NavigableMap<Apart, Double[]> apart = new TreeMap<>();

    /** Samples that the present definition makes. */
    public long presentCount() {
      return presentCount;
    }

    /** Samples that the candidate makes. */
    public long candidateCount() {
      return candidateCount;
    }

    /** Their sum, exact and rounded once. */
    public double presentSum() {
      return presentSum.value();
    }

    /** Their sum, exact and rounded once. */
    public double candidateSum() {
      return candidateSum.value();
    }

    /** How many samples differ; of more than some hundred thousand, the first ones only. */
    public int differing() {
      return apart.size();
    }

    /** The first that differ, by time. */
    public List<Differing> first(int most) {
      return apart.entrySet().stream()
          .limit(most)
          .map(
              one ->
                  new Differing(
                      one.getKey().resource(),
                      one.getKey().timestamp(),
                      one.getValue()[0],
                      one.getValue()[1]))
          .toList();
    }
  }

  /**
   * A sample that differs.
   *
   * @param timestamp microseconds since 1970
   * @param present its volume by the present definition; null where that does not make it
   * @param candidate its volume by the candidate; null where that does not make it
   */
  public record Differing(String resource, long timestamp, Double present, Double candidate) {}

  private record Apart(long timestamp, String resource, String id) implements Comparable<Apart> {
    @Override
    public int compareTo(Apart other) {
      int order = Long.compare(timestamp, other.timestamp);
      return order == 0 ? id.compareTo(other.id) : order;
    }
  }

  /** A definition at work. */
  private static final class Side {
    private final PipelineSettings pipelines;
    private final Routes routes;
    private final Map<String, Rehearsal> stages = new HashMap<>();

    Side(PipelineSettings pipelines) {
      this.pipelines = pipelines;
      this.routes = new Routes(pipelines);
    }

    List<Sample> take(Door door, Sample sample, long now) {
      Routes.Route route = routes.of(door, sample.series().meter());
      List<Sample> made = new ArrayList<>();
      if (Provenance.sinks(route.stored()).stream().anyMatch(this::isStored)) {
        made.add(sample);
      }
      for (String sink : route.stages()) {
        if (isStored(sink)) {
          made.addAll(
              stages
                  .computeIfAbsent(sink, name -> new Rehearsal(pipelines.sink(name)))
                  .add(sample, now));
        }
      }
      return made;
    }

    List<Sample> release(long now) {
      List<Sample> made = new ArrayList<>();
      stages.values().forEach(stage -> made.addAll(stage.release(now)));
      return made;
    }

    private boolean isStored(String sink) {
      SinkDefinition definition = pipelines.sink(sink);
      return definition != null && definition.publishers().contains(Publishers.COLLECTOR);
    }
  }

  /**
   * Takes the samples of a time.
   *
   * @param from earliest timestamp, microseconds
   * @param to timestamps are before this one, microseconds
   * @param resources only these; all where there are none
   * @return the meters that either makes
   * @throws io.sonde.series.CorruptDataException when an event cannot be read
   */
  public SortedMap<String, Difference> run(long from, long to, Set<String> resources) {
    for (int collector = 0; collector < collectors; collector++) {
      run(collector, from, to, resources);
    }
    compare(present.release(Long.MAX_VALUE - 1), candidate.release(Long.MAX_VALUE - 1));
    return byMeter;
  }

  /** How many samples were taken. */
  public long taken() {
    return taken;
  }

  private void run(int collector, long from, long to, Set<String> resources) {
    Map<Integer, Series> series = new HashMap<>();
    Map<UUID, Metadata> texts = new HashMap<>();
    String journal = Collector.persistenceId(collector);
    long last = 0;
    long released = 0;
    List<StoredEvent> events;
    do {
      events = journals.eventsAfter(journal, last);
      for (StoredEvent event : events) {
        last = event.sequence();
        JournalEvents said = JournalEvents.of(event.payload());
        series.putAll(said.newSeries());
        said.newMetadata().forEach(text -> texts.put(text.id(), text));
        if (said.recordedAt() > released) {
          released = said.recordedAt();
          compare(present.release(released * MICROS), candidate.release(released * MICROS));
        }
        List<Recorded> samples = said.samples();
        for (int i = 0; i < samples.size(); i++) {
          Recorded one = samples.get(i);
          Series of = series.get(one.series());
          if (one.timestamp() >= from
              && one.timestamp() < to
              && (resources.isEmpty() || resources.contains(of.resourceId()))
              && cameIn(said.way(i))) {
            taken++;
            Sample sample =
                new Sample(
                    of,
                    one.timestamp(),
                    one.volume(),
                    one.key(),
                    texts.getOrDefault(one.metadata(), Metadata.EMPTY));
            long now = one.recordedAt() * MICROS;
            compare(present.take(door, sample, now), candidate.take(door, sample, now));
          }
        }
      }
    } while (!events.isEmpty());
  }

  /** Whether a sample came in by a door: what sinks with transformers made did not. */
  private boolean cameIn(String note) {
    Set<String> deriving =
        derivingSinks.computeIfAbsent(
            Provenance.version(note),
            tag -> {
              PipelineSettings then =
                  store
                      .pipelines(tag)
                      .map(version -> PipelineSettings.ofDefinitions(version.definitions()))
                      .orElse(present.pipelines);
              return Set.copyOf(
                  then.sinks().stream()
                      .filter(sink -> !sink.transformers().isEmpty())
                      .map(SinkDefinition::name)
                      .toList());
            });
    return Provenance.sinks(note).stream().noneMatch(deriving::contains);
  }

  private void compare(List<Sample> ofPresent, List<Sample> ofCandidate) {
    for (Sample sample : ofPresent) {
      Difference difference = difference(sample);
      difference.presentCount++;
      difference.presentSum.add(sample.volume());
      note(difference, sample, 0);
    }
    for (Sample sample : ofCandidate) {
      Difference difference = difference(sample);
      difference.candidateCount++;
      difference.candidateSum.add(sample.volume());
      note(difference, sample, 1);
    }
  }

  private Difference difference(Sample sample) {
    return byMeter.computeIfAbsent(sample.series().meter(), meter -> new Difference());
  }

  /** The same of both is forgotten. */
  private static void note(Difference difference, Sample sample, int side) {
    Apart place =
        new Apart(
            sample.timestamp(),
            sample.series().resourceId(),
            SampleId.of(sample.series(), sample.timestamp(), sample.key()));
    Double[] volumes = difference.apart.get(place);
    if (volumes == null) {
      volumes = new Double[2];
      difference.apart.put(place, volumes);
      if (difference.apart.size() > MOST_APART) {
        difference.apart.pollLastEntry();
      }
    }
    volumes[side] = sample.volume();
    if (volumes[0] != null && volumes[0].equals(volumes[1])) {
      difference.apart.remove(place);
    }
  }
}
