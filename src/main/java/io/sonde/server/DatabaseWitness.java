package io.sonde.server;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Tells other nodes for how long the database has answered this one without a break: whoever is
 * asked with an address to answer to sends milliseconds there. So a node that the database does not
 * answer finds out whether others are better off.
 */
final class DatabaseWitness {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final ServiceKey<ActorRef<Long>> KEY =
      ServiceKey.create(messageClass(), "database-witness");

  private final ActorSystem<?> system;
  private final ActorRef<ActorRef<Long>> own;

  private DatabaseWitness(ActorSystem<?> system, ActorRef<ActorRef<Long>> own) {
    this.system = system;
    this.own = own;
  }

  /**
   * Starts this node's.
   *
   * @param answering for how long the database has answered without a break; zero when it does not
   */
  static DatabaseWitness start(ActorSystem<?> system, Supplier<Duration> answering) {
    Behavior<ActorRef<Long>> behavior =
        Behaviors.setup(
            context -> {
              context
                  .getSystem()
                  .receptionist()
                  .tell(Receptionist.register(KEY, context.getSelf()));
              return Behaviors.receiveMessage(
                  asker -> {
                    asker.tell(answering.get().toMillis());
                    return Behaviors.same();
                  });
            });
    return new DatabaseWitness(
        system, system.systemActorOf(behavior, "database-witness", Props.empty()));
  }

  /** Whether a node other than this one says that the database has answered it for so long. */
  boolean isAnsweringOthers(Duration forSoLong) {
    try {
      List<CompletableFuture<Boolean>> answers =
          AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                  system.receptionist(),
                  replyTo -> Receptionist.find(KEY, replyTo),
                  PATIENCE,
                  system.scheduler())
              .toCompletableFuture()
              .join()
              .getServiceInstances(KEY)
              .stream()
              .filter(witness -> !witness.equals(own))
              .map(witness -> isAnswering(witness, forSoLong))
              .toList();
      return answers.stream().anyMatch(CompletableFuture::join);
    } catch (CompletionException e) {
      return false;
    }
  }

  private CompletableFuture<Boolean> isAnswering(
      ActorRef<ActorRef<Long>> witness, Duration forSoLong) {
    return AskPattern.<ActorRef<Long>, Long>ask(
            witness, replyTo -> replyTo, PATIENCE, system.scheduler())
        .handle((millis, failure) -> failure == null && millis >= forSoLong.toMillis())
        .toCompletableFuture();
  }

  @SuppressWarnings("unchecked")
  private static Class<ActorRef<Long>> messageClass() {
    return (Class<ActorRef<Long>>) (Class<?>) ActorRef.class;
  }
}
