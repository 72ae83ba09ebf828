package io.sonde.polling;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import io.sonde.model.UnavailableException;
import io.sonde.polling.PollRegistry.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Says how it stands with all that the cluster polls, and has it polled at once. The stages fail
 * with {@link UnavailableException} when a node does not answer.
 */
public final class PollingService {
  /** Most resources that one node is asked for at once. */
  private static final int MAX_PAGE = 250;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Over and above what reading takes: the way, and storing. */
  private static final Duration STORING = Duration.ofSeconds(10);

  private final ActorSystem<?> system;
  private final PollingSettings settings;

  PollingService(ActorSystem<?> system, PollingSettings settings) {
    this.system = system;
    this.settings = settings;
  }

  /**
   * How it stands with a source.
   *
   * @param resources how many are polled
   * @param failing how many of them failed when they were polled last
   * @param lastSuccess the latest of all, milliseconds since 1970; 0 is never
   */
  public record SourceStatus(
      PollingSource source,
      int resources,
      int failing,
      long lastSuccess,
      List<DiscoveryStatus> discoveries) {}

  /** All sources, in the order of their configuration. */
  public CompletionStage<List<SourceStatus>> sources() {
    return all(PollAgent.Survey::new)
        .thenApply(
            answers -> settings.sources().stream().map(source -> status(source, answers)).toList());
  }

  private static SourceStatus status(PollingSource source, List<PollAgent.Surveyed> answers) {
    Count count =
        answers.stream()
            .flatMap(answer -> answer.counts().stream())
            .filter(one -> one.source().equals(source.name()))
            .reduce(new Count(source.name(), 0, 0, 0), Count::plus);
    List<DiscoveryStatus> discoveries =
        answers.stream()
            .flatMap(answer -> answer.discoveries().stream())
            .filter(one -> one.source().equals(source.name()))
            .sorted(
                Comparator.comparing(DiscoveryStatus::discovery)
                    .thenComparing(one -> one.host() == null ? "" : one.host()))
            .toList();
    return new SourceStatus(
        source, count.resources(), count.failing(), count.lastSuccess(), discoveries);
  }

  /** The source of this name. */
  public Optional<PollingSource> source(String name) {
    return settings.sources().stream().filter(source -> source.name().equals(name)).findFirst();
  }

  /** Polled resources of the whole cluster; perhaps fewer than asked for, though there are more. */
  public CompletionStage<PollPage> page(PollQuestion question) {
    PollQuestion bounded = question.limit() <= MAX_PAGE ? question : question.first(MAX_PAGE);
    return all((ActorRef<PollAgent.Listed> replyTo) -> new PollAgent.ListPolled(bounded, replyTo))
        .thenApply(answers -> merged(answers, bounded.limit()));
  }

  /** Behind the end of a page that was cut, only its own node knows what comes. */
  private static PollPage merged(List<PollAgent.Listed> answers, int limit) {
    String horizon = null;
    List<PollStatus> all = new ArrayList<>();
    for (PollAgent.Listed answer : answers) {
      List<PollStatus> page = answer.page().statuses();
      all.addAll(page);
      if (answer.page().isMore()) {
        String last = page.get(page.size() - 1).entityId();
        horizon = horizon == null || last.compareTo(horizon) < 0 ? last : horizon;
      }
    }
    String end = horizon;
    List<PollStatus> merged =
        all.stream()
            .filter(status -> end == null || status.entityId().compareTo(end) <= 0)
            .sorted(Comparator.comparing(PollStatus::entityId))
            .limit(limit)
            .toList();
    return new PollPage(merged, merged.size() < all.size() || end != null);
  }

  /** Has all discoveries of a source look at once; does not wait for what they find. */
  public CompletionStage<Void> lookNow(PollingSource source) {
    for (Errand errand : Errand.of(settings)) {
      if (errand.source().equals(source) && !errand.isLocal()) {
        ClusterSharding.get(system)
            .entityRefFor(DiscoveryAgent.KEY, errand.id())
            .tell(new DiscoveryAgent.LookNow());
      }
    }
    return agents()
        .thenAccept(
            agents -> agents.forEach(agent -> agent.tell(new PollAgent.LookNow(source.name()))));
  }

  /**
   * Polls a resource at once.
   *
   * @return how it went, for each pollster that reads it; empty when there is no such resource
   */
  public CompletionStage<List<PollStatus>> pollNow(PollingSource source, String resourceId) {
    return page(new PollQuestion(source.name(), resourceId, false, null, MAX_PAGE))
        .thenCompose(
            found -> {
              List<CompletableFuture<PollStatus>> polls =
                  found.statuses().stream()
                      .map(one -> pollNow(source, one).toCompletableFuture())
                      .toList();
              if (found.statuses().stream().anyMatch(one -> !one.isPolled())) {
                lookNow(source);
              }
              return together(polls);
            })
        .thenApply(polled -> polled.stream().filter(status -> status != null).toList());
  }

  private CompletionStage<PollStatus> pollNow(PollingSource source, PollStatus status) {
    EntityRef<PolledResource.Command> entity =
        ClusterSharding.get(system).entityRefFor(PolledResource.KEY, status.entityId());
    return entity
        .<PolledResource.Polled>ask(PolledResource.PollNow::new, source.timeout().plus(STORING))
        .handle(
            (polled, failure) -> {
              if (failure != null) {
                throw new UnavailableException("the poll is not over yet", failure);
              }
              return polled.status();
            });
  }

  private <T> CompletionStage<List<T>> all(Function<ActorRef<T>, PollAgent.Command> question) {
    return agents()
        .thenCompose(
            agents ->
                together(
                    agents.stream()
                        .map(
                            agent ->
                                AskPattern.<PollAgent.Command, T>ask(
                                        agent, question::apply, PATIENCE, system.scheduler())
                                    .toCompletableFuture())
                        .toList()))
        .handle(
            (answers, failure) -> {
              if (failure != null) {
                throw new UnavailableException("a node does not say what it polls", failure);
              }
              return answers;
            });
  }

  private CompletionStage<Set<ActorRef<PollAgent.Command>>> agents() {
    return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
            system.receptionist(),
            replyTo -> Receptionist.find(PollAgent.ALL, replyTo),
            PATIENCE,
            system.scheduler())
        .thenApply(listing -> listing.getServiceInstances(PollAgent.ALL));
  }

  private static <T> CompletionStage<List<T>> together(List<CompletableFuture<T>> parts) {
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> parts.stream().map(CompletableFuture::join).toList());
  }
}
