package io.sonde.polling;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import io.sonde.model.SampleBatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Speaks for its node. Reads there what can be read nowhere else, for entities on other nodes, and
 * says how it stands with all that is polled on the node. One runs on each node, registered among
 * all of them and under the name of its host.
 */
public final class PollAgent extends AbstractBehavior<PollAgent.Command> {
  /** The key under which all agents are registered. */
  static final ServiceKey<Command> ALL = ServiceKey.create(Command.class, "poll-agents");

  /** What it is told. */
  public sealed interface Command permits Read, Survey, ListPolled, LookNow, Done, SayChanges {}

  /** Asks for one reading, within a deadline. */
  public record Read(PolledTarget target, Duration deadline, ActorRef<Answer> replyTo)
      implements Command, PollingMessage {}

  /** Asks how it stands with the sources. */
  public record Survey(ActorRef<Surveyed> replyTo) implements Command, PollingMessage {}

  /** Asks for polled resources. */
  public record ListPolled(PollQuestion question, ActorRef<Listed> replyTo)
      implements Command, PollingMessage {}

  /** Asks the discoveries of a source that look for this host to do so now. */
  public record LookNow(String source) implements Command, PollingMessage {}

  private record Done(SampleBatch batch, Throwable failure, ActorRef<Answer> replyTo)
      implements Command, NoSerializationVerificationNeeded {}

  private enum SayChanges implements Command, NoSerializationVerificationNeeded {
    INSTANCE
  }

  /** The answer to a {@link Read}. */
  public sealed interface Answer extends PollingMessage permits Reading, NotRead {}

  /** What was read. */
  public record Reading(SampleBatch batch) implements Answer {}

  /** It could not be read. */
  public record NotRead(String reason) implements Answer {}

  /** The answer to {@link Survey}. */
  public record Surveyed(List<PollRegistry.Count> counts, List<DiscoveryStatus> discoveries)
      implements PollingMessage {}

  /** The answer to {@link ListPolled}. */
  public record Listed(PollPage page) implements PollingMessage {}

  /** Resources are many, and come and go in groups. */
  private static final Duration SAY_EVERY = Duration.ofSeconds(10);

  private final PollingNode node;
  private final Map<Errand, ActorRef<DiscoveryAgent.Command>> discoveries;

  private PollAgent(
      ActorContext<Command> context,
      PollingNode node,
      Map<Errand, ActorRef<DiscoveryAgent.Command>> discoveries) {
    super(context);
    this.node = node;
    this.discoveries = discoveries;
  }

  /** The key under which the agents of a host are registered. */
  static ServiceKey<Command> key(String host) {
    return ServiceKey.create(Command.class, "poll-agent@" + host);
  }

  /**
   * @param discoveries those that look for the node's own host
   */
  static Behavior<Command> create(
      PollingNode node, Map<Errand, ActorRef<DiscoveryAgent.Command>> discoveries) {
    return Behaviors.setup(
        context -> {
          ActorRef<Receptionist.Command> receptionist = context.getSystem().receptionist();
          receptionist.tell(Receptionist.register(ALL, context.getSelf()));
          receptionist.tell(Receptionist.register(key(node.host()), context.getSelf()));
          return Behaviors.withTimers(
              timers -> {
                timers.startTimerWithFixedDelay(SayChanges.INSTANCE, SAY_EVERY);
                return new PollAgent(context, node, discoveries);
              });
        });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Read.class, this::onRead)
        .onMessage(Done.class, this::onDone)
        .onMessage(Survey.class, this::onSurvey)
        .onMessage(ListPolled.class, this::onList)
        .onMessage(LookNow.class, this::onLookNow)
        .onMessage(SayChanges.class, this::onSayChanges)
        .build();
  }

  private Behavior<Command> onRead(Read command) {
    getContext()
        .pipeToSelf(
            node.read(command.target(), command.deadline()),
            (batch, failure) -> new Done(batch, failure, command.replyTo()));
    return this;
  }

  private Behavior<Command> onDone(Done done) {
    if (done.failure() != null) {
      done.replyTo().tell(new NotRead(PollException.reasonOf(done.failure())));
    } else if (isRemote(done.replyTo()) && !PackedBatch.fits(done.batch())) {
      // Artery would drop it with a line in the log, and the asker would only see a time-out.
      done.replyTo()
          .tell(
              new NotRead(
                  "the answer of " + done.batch().size() + " samples is too large to be sent"));
    } else {
      done.replyTo().tell(new Reading(done.batch()));
    }
    return this;
  }

  private Behavior<Command> onSurvey(Survey survey) {
    survey
        .replyTo()
        .tell(new Surveyed(node.registry().counts(), List.copyOf(node.registry().discoveries())));
    return this;
  }

  private Behavior<Command> onList(ListPolled list) {
    list.replyTo().tell(new Listed(node.registry().page(list.question())));
    return this;
  }

  private Behavior<Command> onLookNow(LookNow command) {
    discoveries.forEach(
        (errand, agent) -> {
          if (errand.source().name().equals(command.source())) {
            agent.tell(new DiscoveryAgent.LookNow());
          }
        });
    return this;
  }

  private Behavior<Command> onSayChanges(SayChanges command) {
    String changes = node.registry().changes();
    if (changes != null) {
      getContext().getLog().info("polled resources {}", changes);
    }
    return this;
  }

  private static boolean isRemote(ActorRef<?> asker) {
    return !asker.path().address().hasLocalScope();
  }
}
