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

/**
 * Reads on its node what can be read nowhere else, for entities on other nodes. One runs on each
 * node, registered under the name of its host.
 */
public final class PollAgent extends AbstractBehavior<PollAgent.Command> {

  /** What it is told. */
  public sealed interface Command permits Read, Done {}

  /** Asks for one reading, within a deadline. */
  public record Read(PolledTarget target, Duration deadline, ActorRef<Answer> replyTo)
      implements Command, PollingMessage {}

  private record Done(SampleBatch batch, Throwable failure, ActorRef<Answer> replyTo)
      implements Command, NoSerializationVerificationNeeded {}

  /** The answer to a {@link Read}. */
  public sealed interface Answer extends PollingMessage permits Reading, NotRead {}

  /** What was read. */
  public record Reading(SampleBatch batch) implements Answer {}

  /** It could not be read. */
  public record NotRead(String reason) implements Answer {}

  private final PollingNode node;

  private PollAgent(ActorContext<Command> context, PollingNode node) {
    super(context);
    this.node = node;
  }

  /** The key under which the agents of a host are registered. */
  static ServiceKey<Command> key(String host) {
    return ServiceKey.create(Command.class, "poll-agent@" + host);
  }

  static Behavior<Command> create(PollingNode node) {
    return Behaviors.setup(
        context -> {
          context
              .getSystem()
              .receptionist()
              .tell(Receptionist.register(key(node.host()), context.getSelf()));
          return new PollAgent(context, node);
        });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Read.class, this::onRead)
        .onMessage(Done.class, this::onDone)
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

  private static boolean isRemote(ActorRef<?> asker) {
    return !asker.path().address().hasLocalScope();
  }
}
