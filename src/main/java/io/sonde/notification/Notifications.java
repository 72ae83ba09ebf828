package io.sonde.notification;

import io.sonde.definition.Converted;
import io.sonde.definition.Definitions;
import io.sonde.definition.Notification;
import io.sonde.definition.NotificationException;
import io.sonde.model.Door;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import io.sonde.model.Sample;
import io.sonde.model.SampleBatch;
import io.sonde.model.UnavailableException;
import io.sonde.store.DatabaseCalls;
import io.sonde.store.DatabaseException;
import io.sonde.store.DeadLetterStore;
import io.sonde.store.DeadLetterStore.Letter;
import io.sonde.store.DeadLetterStore.NewLetter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns notifications into samples and events, and hands these on. What it tells is done when all
 * that a notification caused is durable, or when the notification lies among the dead letters with
 * the reason why nothing could be made of it. For use by many threads.
 */
public final class Notifications {
  private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

  /** A message is given up when it has failed so often, and for long enough. */
  private static final int MAX_ATTEMPTS = 5;

  private static final Duration MIN_PAUSE = Duration.ofMillis(200);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  private static final Duration SAY_INTERVAL = Duration.ofMinutes(1);
  private static final int MAX_REASON = 2_000;

  private final Definitions definitions;
  private final NotificationAgent samples;
  private final EventAgent events;
  private final DeadLetterStore dead;
  private final NotificationSettings settings;
  private final Executor blocking;
  private final Clock clock;
  private int deadUnsaid;
  private long deadSaidAt;

  /**
   * Notifications by these definitions.
   *
   * @param blocking for what waits for the database
   */
  public Notifications(
      NotificationSettings settings,
      Definitions definitions,
      NotificationAgent samples,
      EventAgent events,
      DeadLetterStore dead,
      Executor blocking,
      Clock clock) {
    this.settings = settings;
    this.definitions = definitions;
    this.samples = samples;
    this.events = events;
    this.dead = dead;
    this.blocking = blocking;
    this.clock = clock;
  }

  /**
   * A message as a broker has it.
   *
   * @param origin from where it came, for people
   */
  public record Message(byte[] body, String origin) {}

  /**
   * What notifications come to.
   *
   * @throws NotificationException when nothing can be made of one, or it would make samples that
   *     are too far in the future
   */
  public Converted convert(Notification notification) {
    Converted converted = definitions.convert(notification);
    NotificationMetrics.REMARKS.inc(converted.remarks().size());
    for (Sample sample : converted.samples()) {
      String refusal = samples.refusal(sample.timestamp());
      if (refusal != null) {
        throw new NotificationException(sample.series().meter() + ": " + refusal);
      }
    }
    return converted;
  }

  /**
   * Hands on what notifications came to.
   *
   * @return what became of samples and events together; fails with {@link UnavailableException}
   *     when not all may be durable, and then it does no harm to hand them in again
   */
  public CompletionStage<Receipt> submit(List<Converted> converted) {
    List<Sample> allSamples = new ArrayList<>();
    List<Event> allEvents = new ArrayList<>();
    for (Converted one : converted) {
      allSamples.addAll(one.samples());
      if (one.event() != null) {
        allEvents.add(one.event());
      }
    }
    CompletionStage<Receipt> ofSamples =
        allSamples.isEmpty()
            ? CompletableFuture.completedFuture(Receipt.NOTHING)
            : samples.submit(Door.NOTIFICATION, SampleBatch.of(allSamples));
    CompletionStage<Receipt> ofEvents =
        allEvents.isEmpty()
            ? CompletableFuture.completedFuture(Receipt.NOTHING)
            : events.submit(allEvents);
    return ofSamples
        .thenCombine(ofEvents, Receipt::plus)
        .whenComplete(
            (receipt, failure) -> {
              if (failure == null) {
                converted.forEach(
                    one ->
                        NotificationMetrics.NOTIFICATIONS
                            .labelValues(isNothing(one) ? "nothing" : "stored")
                            .inc());
              }
            });
  }

  private static boolean isNothing(Converted converted) {
    return converted.samples().isEmpty() && converted.event() == null;
  }

  /**
   * Takes messages, and returns when all are dealt with, however long that takes. A message that
   * cannot be read, or that fails again and again while others do not, becomes a dead letter.
   *
   * @throws InterruptedException when the thread is interrupted; then all may be delivered again
   */
  public void take(List<Message> messages) throws InterruptedException {
    List<Understood> understood = new ArrayList<>(messages.size());
    List<NewLetter> unreadable = new ArrayList<>();
    for (Message message : messages) {
      read(message, understood, unreadable);
    }
    if (!unreadable.isEmpty()) {
      park(unreadable);
    }
    Duration pause = MIN_PAUSE;
    for (int attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      if (failure(understood) == null) {
        return;
      }
      Thread.sleep(pause.toMillis());
      pause = longer(pause);
    }
    for (Understood one : understood) {
      takeAlone(one);
    }
  }

  /** A message and what it came to. */
  private record Understood(Message message, Notification notification, Converted converted) {}

  private void read(Message message, List<Understood> understood, List<NewLetter> unreadable) {
    Notification notification = null;
    try {
      notification = Notification.parse(message.body());
      understood.add(new Understood(message, notification, convert(notification)));
    } catch (NotificationException e) {
      unreadable.add(letter(message, notification, e.getMessage(), 1));
    } catch (RuntimeException e) {
      LOG.error("a notification from {} could not be converted", message.origin(), e);
      unreadable.add(letter(message, notification, e.toString(), 1));
    }
  }

  /** Why it is not known that all are durable; null when it is. */
  private Throwable failure(List<Understood> understood) throws InterruptedException {
    if (understood.isEmpty()) {
      return null;
    }
    try {
      submit(understood.stream().map(Understood::converted).toList()).toCompletableFuture().get();
      return null;
    } catch (ExecutionException e) {
      LOG.warn(
          "{} notifications could not be stored, trying again: {}",
          understood.size(),
          e.getCause().toString());
      return e.getCause();
    }
  }

  private void takeAlone(Understood one) throws InterruptedException {
    long begin = System.nanoTime();
    Duration pause = MIN_PAUSE;
    for (int attempt = 1; ; attempt++) {
      Throwable failure = failure(List.of(one));
      if (failure == null) {
        return;
      }
      boolean isHopeless =
          attempt >= MAX_ATTEMPTS && System.nanoTime() - begin >= settings.patience().toNanos();
      // A letter that can be written shows that it is not the database that fails.
      if (isHopeless
          && isParked(
              List.of(letter(one.message(), one.notification(), reason(failure), attempt)))) {
        return;
      }
      Thread.sleep(pause.toMillis());
      pause = longer(pause);
    }
  }

  private void park(List<NewLetter> letters) throws InterruptedException {
    for (Duration pause = MIN_PAUSE; !isParked(letters); pause = longer(pause)) {
      Thread.sleep(pause.toMillis());
    }
  }

  private boolean isParked(List<NewLetter> letters) {
    try {
      dead.add(letters);
    } catch (DatabaseException e) {
      LOG.warn("{} dead letters cannot be written now: {}", letters.size(), e.getMessage());
      return false;
    }
    NotificationMetrics.NOTIFICATIONS.labelValues("dead").inc(letters.size());
    sayDead(letters);
    return true;
  }

  /** Once a minute: whoever sends garbage sends much of it. */
  private synchronized void sayDead(List<NewLetter> letters) {
    NewLetter last = letters.get(letters.size() - 1);
    deadUnsaid += letters.size();
    if (deadSaidAt == 0 || System.nanoTime() - deadSaidAt >= SAY_INTERVAL.toNanos()) {
      LOG.warn(
          "{} notifications became dead letters, the last from {}: {}",
          deadUnsaid,
          last.origin(),
          last.reason());
      deadUnsaid = 0;
      deadSaidAt = System.nanoTime();
    }
  }

  /** Tokens are no use to whoever looks at it, nor to definitions. */
  private NewLetter letter(
      Message message, Notification notification, String reason, int attempts) {
    return new NewLetter(
        message.origin(),
        notification == null ? null : notification.messageId(),
        notification == null ? null : notification.eventType(),
        storable(reason),
        attempts,
        definitions.withoutSecrets(message.body()));
  }

  /** What a row can hold. */
  private static String storable(String reason) {
    String text = reason.replace("\u0000", "\\0");
    return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON) + "…";
  }

  private static String reason(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest == failure ? failure.toString() : failure + ": " + deepest;
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(MAX_PAUSE) < 0 ? doubled : MAX_PAUSE;
  }

  // Dead letters

  /** Dead letters with ids above this one, by id. */
  public CompletionStage<List<Letter>> dead(long after, int limit) {
    return run(() -> dead.after(after, limit));
  }

  /** One dead letter. */
  public CompletionStage<Optional<Letter>> dead(long id) {
    return run(() -> dead.find(id));
  }

  /** Forgets a dead letter; whether it was there. */
  public CompletionStage<Boolean> forget(long id) {
    return run(() -> dead.delete(id));
  }

  /**
   * Tries a dead letter again; it is one no more when it went through.
   *
   * @return what became of it; fails with {@link NotificationException} when nothing can be made of
   *     it still, and stays
   */
  public CompletionStage<Receipt> retry(Letter letter) {
    CompletionStage<Receipt> taken;
    try {
      taken = submit(List.of(convert(Notification.parse(letter.body()))));
    } catch (RuntimeException e) {
      taken = CompletableFuture.failedStage(e);
    }
    return taken
        .handle(
            (receipt, failure) ->
                failure == null
                    ? forget(letter.id()).thenApply(was -> receipt)
                    : failedAgain(letter, failure))
        .thenCompose(settled -> settled);
  }

  private CompletionStage<Receipt> failedAgain(Letter letter, Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    if (cause instanceof UnavailableException) {
      return CompletableFuture.failedStage(cause);
    }
    NewLetter again =
        new NewLetter(
            letter.origin(),
            letter.messageId(),
            letter.eventType(),
            storable(cause.getMessage()),
            1,
            letter.body());
    return run(() -> {
          dead.add(List.of(again));
          return again;
        })
        .thenCompose(added -> CompletableFuture.failedStage(cause));
  }

  /** Drops dead letters that are too old; done again later where it fails. Blocks. */
  public void dropOld() {
    try {
      int dropped = dead.drop(clock.instant().minus(settings.deadKeep()));
      if (dropped > 0) {
        LOG.warn("{} dead letters are older than sonde.notification.dead-keep: dropped", dropped);
      }
    } catch (DatabaseException e) {
      LOG.warn("dead letters that are too old cannot be dropped now: {}", e.getMessage());
    }
  }

  private <T> CompletionStage<T> run(Supplier<T> work) {
    return DatabaseCalls.on(blocking, work);
  }
}
