package io.sonde.dynamic;

import io.sonde.dynamic.PollsterDefinition.ExtraMetadata;
import io.sonde.polling.PollException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Asks what more is to be known of samples, and remembers the answers for a while. For use by many
 * threads, of which one asks and the others wait for the same answer.
 */
final class Links {
  /** Answers that are remembered; what is old goes first. */
  private static final int MOST = 10_000;

  /** How long it is remembered that there was no answer. */
  private static final Duration FAILURE = Duration.ofSeconds(10);

  /** What means nothing to a shell. */
  private static final Pattern PLAIN = Pattern.compile("(?!-)(?!.*\\.\\.)[\\w.:@%+=,/-]*");

  /** What an answer says. */
  record Linked(Object value, Map<String, Object> metadata) {}

  private record Key(ExtraMetadata extra, String address) {}

  /**
   * @param end by {@link System#nanoTime}, after which it is not used
   */
  private record Answer(CompletableFuture<Linked> linked, Deadline end) {}

  private final Transport transport;
  private final Map<Key, Answer> known = new ConcurrentHashMap<>();

  Links(Transport transport) {
    this.transport = transport;
  }

  /**
   * All that is to be known of a sample.
   *
   * @param sample what is known of it, by names
   * @param failures told what could not be had: that is left out
   */
  Map<String, Object> of(
      Map<String, Object> sample,
      List<ExtraMetadata> extras,
      Deadline deadline,
      List<String> failures) {
    Map<String, Object> captured = new LinkedHashMap<>();
    Map<String, Object> byName = new LinkedHashMap<>();
    for (ExtraMetadata extra : extras) {
      try {
        Map<String, Object> names =
            Map.of(
                AddressFormula.SAMPLE, sample,
                AddressFormula.CAPTURED, captured,
                AddressFormula.BY_NAME, byName);
        Linked linked = linked(extra, names, deadline);
        Map<String, Object> both = new LinkedHashMap<>();
        both.put("value", linked.value());
        both.put("metadata", linked.metadata());
        byName.put(extra.name(), both);
        captured.putIfAbsent(extra.name(), linked.value());
        linked.metadata().forEach(captured::putIfAbsent);
      } catch (RuntimeException e) {
        failures.add(extra.name() + ": " + Transport.reasonOf(e));
      }
    }
    return captured;
  }

  private Linked linked(ExtraMetadata extra, Map<String, Object> names, Deadline deadline) {
    boolean isCommand = extra.question().isCommand();
    String address = extra.question().address().text(isCommand ? plain(names) : names);
    if (extra.cacheSeconds() == 0) {
      return ask(extra, address, deadline);
    }
    Key key = new Key(extra, address);
    CompletableFuture<Linked> mine = new CompletableFuture<>();
    Duration time = Duration.ofSeconds(extra.cacheSeconds());
    Answer fresh = new Answer(mine, Deadline.in(time));
    Answer answer =
        known.compute(key, (same, old) -> old == null || old.end().isOver() ? fresh : old);
    if (answer.linked() != mine) {
      return Transport.await(answer.linked(), deadline.left(), "no answer in time");
    }
    forgetSome();
    try {
      mine.complete(ask(extra, address, deadline));
    } catch (RuntimeException e) {
      mine.completeExceptionally(e);
      Duration shorter = time.compareTo(FAILURE) < 0 ? time : FAILURE;
      known.replace(key, fresh, new Answer(mine, Deadline.in(shorter)));
      throw e;
    }
    return mine.join();
  }

  private void forgetSome() {
    if (known.size() > MOST) {
      known.values().removeIf(answer -> answer.end().isOver());
    }
    if (known.size() > MOST) {
      known.clear();
    }
  }

  private Linked ask(ExtraMetadata extra, String address, Deadline deadline) {
    Question question = extra.question();
    Object answer =
        question.isCommand()
            ? transport.run(question, address, deadline)
            : transport.get(question, url(question, address, deadline), deadline);
    List<?> entries = Entries.of(answer, question.entries());
    if (entries.isEmpty()) {
      throw new PollException("the answer is empty");
    }
    Object entry = entries.get(0);
    Map<String, Object> metadata = Entries.fields(extra.metadata(), entry);
    Object value = extra.value().value(entry);
    if (!extra.mapping().isEmpty()) {
      value = Entries.mapped(extra.mapping(), value, extra.mapping().get(null));
    }
    return new Linked(value, metadata);
  }

  private URI url(Question question, String address, Deadline deadline) {
    if (question.endpointType() == null) {
      return Transport.whole(address);
    }
    List<URI> endpoints = transport.endpoints(question.endpointType(), deadline);
    if (endpoints.isEmpty()) {
      throw new PollException("the catalog has no " + question.endpointType());
    }
    return Transport.behind(endpoints.get(0), address);
  }

  /** Names for a command: without the texts and keys that mean something to the shell. */
  private static Map<String, Object> plain(Map<?, ?> names) {
    Map<String, Object> plain = new LinkedHashMap<>();
    names.forEach(
        (name, value) -> {
          if (isPlain(name) && isPlain(value)) {
            plain.put(String.valueOf(name), plain(value));
          }
        });
    return plain;
  }

  private static Object plain(Object value) {
    if (value instanceof Map<?, ?> map) {
      return plain(map);
    }
    if (value instanceof List<?> list) {
      List<Object> plain = new ArrayList<>();
      list.forEach(each -> plain.add(isPlain(each) ? plain(each) : null));
      return plain;
    }
    return value;
  }

  private static boolean isPlain(Object value) {
    return !(value instanceof String text) || PLAIN.matcher(text).matches();
  }
}
