package io.sonde.cluster;

import java.util.List;

/**
 * What a node says of itself.
 *
 * @param address {@code host:port}
 * @param startedAt milliseconds since 1970
 * @param http where its HTTP server is
 * @param unready why samples cannot be taken or asked for here; null when they can
 * @param inFlight samples that were handed in here and are not answered yet
 * @param hosted of each kind of entity that may live here
 * @param isCut whether collectors, publishers or stages are left out, as one message cannot hold
 *     all of them
 */
public record NodeReport(
    String address,
    String version,
    long startedAt,
    String http,
    String unready,
    long inFlight,
    List<Hosted> hosted,
    List<CollectorState> collectors,
    List<PublisherLag> publishers,
    List<StageBacklog> stages,
    boolean isCut)
    implements ClusterMessage {

  /** For one message between nodes, of 128 kB at most; each of the three lists may take so much. */
  private static final int MAX_LIST_BYTES = 30_000;

  private static final int MAX_NUMBERS_BYTES = 70;

  /**
   * What of a kind lives on a node.
   *
   * @param shards -1 where that could not be told in time
   * @param entities likewise
   */
  public record Hosted(EntityKind kind, int shards, int entities) {}

  /**
   * How it stands with a collector.
   *
   * @param generation number of the last flush that was begun
   * @param sequence of the last event in the journal
   * @param events in the journal since the last flush began
   * @param bytes of these
   * @param waiting samples that are not in the journal yet
   * @param lastFlush when a flush ended here last, milliseconds since 1970; 0 is never
   * @param outcome of that; null when there was none
   */
  public record CollectorState(
      int collector,
      long generation,
      long sequence,
      long events,
      long bytes,
      long waiting,
      long lastFlush,
      String outcome) {}

  /**
   * How far a publisher is behind, at the collectors of a node.
   *
   * @param publisher its URL without a password
   * @param seconds age of the oldest that waits; 0 if nothing does
   * @param events of journals and rows of queues that wait
   * @param bytes of what waits at the collector where most does
   */
  public record PublisherLag(String publisher, long seconds, long events, long bytes) {}

  /**
   * The backlog of a stage.
   *
   * @param waiting samples that came and are not computed yet
   * @param outbox samples that were made and are not stored yet
   */
  public record StageBacklog(String stage, long waiting, long outbox) {}

  /** With so much of the lists as one message can hold. */
  NodeReport bounded() {
    int collectorsFit = Math.min(collectors.size(), MAX_LIST_BYTES / MAX_NUMBERS_BYTES);
    int publishersFit = fitting(publishers.stream().map(PublisherLag::publisher).toList());
    int stagesFit = fitting(stages.stream().map(StageBacklog::stage).toList());
    return new NodeReport(
        address,
        version,
        startedAt,
        http,
        unready,
        inFlight,
        hosted,
        collectors.subList(0, collectorsFit),
        publishers.subList(0, publishersFit),
        stages.subList(0, stagesFit),
        collectorsFit + publishersFit + stagesFit
            < collectors.size() + publishers.size() + stages.size());
  }

  /** How many of the first ones fit; a character takes up to three bytes. */
  private static int fitting(List<String> names) {
    int bytes = 0;
    for (int i = 0; i < names.size(); i++) {
      bytes += 3 * names.get(i).length() + MAX_NUMBERS_BYTES;
      if (bytes > MAX_LIST_BYTES) {
        return i;
      }
    }
    return names.size();
  }
}
