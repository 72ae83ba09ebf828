package io.sonde.collector;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;
import java.util.List;

/** Keeps the parts of an answer until the reader has pulled them one by one, or has gone away. */
public final class ReadCursor {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  public sealed interface Command {}

  /** Send the next part. */
  public record Next(ActorRef<Collector.ReadReply> replyTo) implements Command {}

  private enum Idle implements Command {
    INSTANCE
  }

  private ReadCursor() {}

  static Behavior<Command> create(List<byte[]> parts) {
    return Behaviors.setup(
        context -> {
          context.setReceiveTimeout(PATIENCE, Idle.INSTANCE);
          return at(parts, 0);
        });
  }

  private static Behavior<Command> at(List<byte[]> parts, int place) {
    return Behaviors.receive(Command.class)
        .onMessage(
            Next.class,
            next -> {
              boolean isLast = place == parts.size() - 1;
              return answer(parts, place, isLast, next.replyTo());
            })
        .onMessage(Idle.class, idle -> Behaviors.stopped())
        .build();
  }

  private static Behavior<Command> answer(
      List<byte[]> parts, int place, boolean isLast, ActorRef<Collector.ReadReply> replyTo) {
    if (isLast) {
      replyTo.tell(new Collector.Part(parts.get(place), null));
      return Behaviors.stopped();
    }
    return Behaviors.setup(
        context -> {
          replyTo.tell(new Collector.Part(parts.get(place), context.getSelf()));
          return at(parts, place + 1);
        });
  }
}
