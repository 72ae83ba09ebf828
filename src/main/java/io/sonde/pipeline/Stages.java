package io.sonde.pipeline;

import io.sonde.cluster.NodeReport.StageBacklog;
import io.sonde.model.SampleBatch;
import io.sonde.model.SampleKey;
import io.sonde.model.UnavailableException;
import io.sonde.pipeline.PipelineStage.Delivery;
import io.sonde.pipeline.PipelineStage.Reply;
import io.sonde.pipeline.PipelineStage.Stored;
import io.sonde.pipeline.PipelineStage.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to the stages of all sinks, wherever in the cluster they are. */
public final class Stages {
  private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

  /** Artery drops frames above 128 kB; the rest is for the envelope. */
  private static final int PART_BYTES = 100_000;

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final Supplier<PipelineSettings> definitions;
  private final Asker asker;
  private final Delivery delivery;
  private final Map<String, StageBacklog> states;

  /** Asks one stage. */
  @FunctionalInterface
  interface Asker {
    CompletionStage<Reply> ask(String entityId, SampleBatch samples, Duration timeout);
  }

  /**
   * The way to stages.
   *
   * @param delivery takes what needs no stage
   * @param states of the stages that run on this node, by their ids
   */
  Stages(
      Supplier<PipelineSettings> definitions,
      Asker asker,
      Delivery delivery,
      Map<String, StageBacklog> states) {
    this.states = states;
    this.definitions = definitions;
    this.asker = asker;
    this.delivery = delivery;
  }

  /** The backlogs of the stages that run on this node, the largest first. */
  public List<StageBacklog> states() {
    return states.values().stream()
        .sorted(
            Comparator.comparingLong((StageBacklog state) -> -state.waiting() - state.outbox())
                .thenComparing(StageBacklog::stage))
        .toList();
  }

  /** The stage of a part, as its entity's id. */
  static String entityId(String sink, int part) {
    return sink + "~" + part;
  }

  /** The sink that an entity's id names. */
  static String sink(String entityId) {
    return entityId.substring(0, entityId.lastIndexOf('~'));
  }

  /**
   * The part that a resource belongs to. It is where the memory of its series is: a change here, or
   * of the number of stages, makes every series begin anew.
   */
  static int part(String resourceId, int stagesPerSink) {
    return (int) Long.remainderUnsigned(SampleKey.ofMessageId(resourceId), stagesPerSink);
  }

  /**
   * Hands samples to a sink's transformers. Completes when all that was made of them is stored;
   * fails with {@link UnavailableException} when that is not known, and then handing them in again
   * does no harm.
   */
  public CompletionStage<Void> submit(String sink, SampleBatch batch) {
    PipelineSettings settings = definitions.get();
    SinkDefinition definition = settings.sink(sink);
    if (definition == null) {
      return CompletableFuture.failedFuture(
          new UnavailableException("the pipelines have changed: there is no sink " + sink));
    }
    if (definition.isStateless()) {
      // Made of each sample alone, with the keys of their inputs: again and again the same.
      SampleBatch made = StatelessChain.apply(definition, batch);
      return made.isEmpty()
          ? CompletableFuture.completedFuture(null)
          : delivery.deliver(sink, settings.tag(), made).thenAccept(stored -> {});
    }
    int stagesPerSink = settings.stagesPerSink();
    int[] parts = new int[batch.seriesCount()];
    for (int ref = 0; ref < parts.length; ref++) {
      parts[ref] = part(batch.seriesAt(ref).resourceId(), stagesPerSink);
    }
    int[][] indexes = byPart(batch, parts, stagesPerSink);
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int part = 0; part < stagesPerSink; part++) {
      if (indexes[part].length > 0) {
        List<SampleBatch> messages = cut(sink, batch, inOrderOfTime(batch, indexes[part]));
        all.add(send(entityId(sink, part), messages, 0).toCompletableFuture());
      }
    }
    return CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0]));
  }

  /** One after the other: a later sample must not overtake an earlier one of its series. */
  private CompletionStage<Void> send(String entityId, List<SampleBatch> messages, int next) {
    if (next == messages.size()) {
      return CompletableFuture.completedFuture(null);
    }
    return asker
        .ask(entityId, messages.get(next), TIMEOUT)
        .handle((reply, failure) -> check(entityId, reply, failure))
        .thenCompose(stored -> send(entityId, messages, next + 1));
  }

  private static Stored check(String entityId, Reply reply, Throwable failure) {
    if (reply instanceof Stored stored) {
      return stored;
    }
    if (reply instanceof Unavailable unavailable) {
      throw new UnavailableException(unavailable.why());
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof UnavailableException known) {
      throw known;
    }
    throw new UnavailableException("no answer from the pipeline stage " + entityId, cause);
  }

  private static int[][] byPart(SampleBatch batch, int[] parts, int stagesPerSink) {
    int[] counts = new int[stagesPerSink];
    for (int i = 0; i < batch.size(); i++) {
      counts[parts[batch.seriesRef(i)]]++;
    }
    int[][] indexes = new int[stagesPerSink][];
    for (int part = 0; part < stagesPerSink; part++) {
      indexes[part] = new int[counts[part]];
    }
    for (int i = batch.size() - 1; i >= 0; i--) {
      int part = parts[batch.seriesRef(i)];
      indexes[part][--counts[part]] = i;
    }
    return indexes;
  }

  /** A sender may list samples in any order; to a rate, what comes late is lost. */
  private static int[] inOrderOfTime(SampleBatch batch, int[] indexes) {
    for (int k = 1; k < indexes.length; k++) {
      if (batch.timestamp(indexes[k]) < batch.timestamp(indexes[k - 1])) {
        return IntStream.of(indexes)
            .boxed()
            .sorted(Comparator.comparingLong(batch::timestamp))
            .mapToInt(Integer::intValue)
            .toArray();
      }
    }
    return indexes;
  }

  private static List<SampleBatch> cut(String sink, SampleBatch batch, int[] indexes) {
    List<SampleBatch> messages = new ArrayList<>();
    int[] kept = new int[indexes.length];
    int start = 0;
    int end = 0;
    int bytes = 0;
    // By message: a message's dictionaries hold what its samples use.
    int[] seriesSeen = new int[batch.seriesCount()];
    int[] metadataSeen = new int[batch.metadataCount()];
    for (int i : indexes) {
      int message = messages.size() + 1;
      int series = batch.seriesRef(i);
      int metadata = batch.metadataRef(i);
      int seriesBytes = EncodedSize.of(batch.seriesAt(series));
      int metadataBytes = EncodedSize.of(batch.metadataAt(metadata));
      int alone = EncodedSize.SAMPLE + seriesBytes + metadataBytes;
      if (alone > PART_BYTES) {
        // It is stored as it is by others; only what would be derived from it is missing.
        PipelineMetrics.SKIPPED.labelValues(sink, Skip.TOO_LARGE.label()).inc();
        LOG.warn("sink={} resource={} skipped: too large", sink, batch.series(i).resourceId());
        continue;
      }
      int more =
          EncodedSize.SAMPLE
              + (seriesSeen[series] == message ? 0 : seriesBytes)
              + (metadataSeen[metadata] == message ? 0 : metadataBytes);
      if (bytes + more > PART_BYTES) {
        messages.add(BatchSelection.ofSamples(batch, kept, start, end));
        start = end;
        message++;
        bytes = 0;
        more = alone;
      }
      seriesSeen[series] = message;
      metadataSeen[metadata] = message;
      bytes += more;
      kept[end++] = i;
    }
    if (end > start) {
      messages.add(BatchSelection.ofSamples(batch, kept, start, end));
    }
    return messages;
  }
}
