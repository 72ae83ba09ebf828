package io.sonde.publish;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.sonde.model.Event;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * {@code notifier://} and {@code amqp://[USER:PASSWORD@]HOST[:PORT][/VHOST]}: notifications of
 * oslo.messaging that carry lists of signed messages, to the queue {@code TOPIC.sample} of a
 * RabbitMQ, where the topic is {@code metering} for samples and {@code event} for events. A batch
 * is done when the broker has confirmed all of it and returned none.
 */
public final class AmqpPublisher implements EventPublisher {
  /** The schemes that name this publisher; the last one is over TLS. */
  static final List<String> SCHEMES = List.of("notifier", "amqp", "amqps");

  private static final int ITEMS_A_MESSAGE = 100;
  private static final int MESSAGES_A_CONFIRMATION = 50;

  private final AmqpUrl url;
  private final ConnectionFactory factory;
  private final Duration timeout;
  private final AMQP.BasicProperties properties;
  private final MessageSignature signature;
  private AmqpConnection connection;
  // Each is used by one thread at a time; samples of one resource wait for their confirmation.
  private final Deque<Channel> idle = new ArrayDeque<>();
  private final Set<String> declared = ConcurrentHashMap.newKeySet();

  AmqpPublisher(PublisherUrl publisherUrl, MessageSignature signature) {
    this.url = new AmqpUrl(publisherUrl);
    this.factory = url.factory();
    this.timeout = url.timeout();
    this.signature = signature;
    this.properties =
        new AMQP.BasicProperties.Builder()
            .contentType("application/json")
            .contentEncoding("utf-8")
            .deliveryMode(url.isDurable() ? 2 : 1)
            .build();
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    SignedMessages messages = new SignedMessages(signature);
    send(url.topic(), samples, messages::of);
  }

  @Override
  public void publishEvents(List<Event> events) throws IOException {
    send(url.eventTopic(), events, event -> EventMessage.signed(event, signature));
  }

  private <T> void send(String topic, List<T> items, Function<T, Map<String, Object>> message)
      throws IOException {
    AmqpConnection open = connection();
    Channel channel = null;
    CompletableFuture<Void> watch = null;
    try {
      watch = cutLater(open);
      channel = channel(open, topic);
      watch.cancel(false);
      AtomicReference<String> returned = new AtomicReference<>();
      channel.clearReturnListeners();
      channel.addReturnListener(back -> returned.set(back.getReplyText()));
      int step = ITEMS_A_MESSAGE * MESSAGES_A_CONFIRMATION;
      for (int from = 0; from < items.size(); from += step) {
        watch = cutLater(open);
        send(topic, items.subList(from, Math.min(from + step, items.size())), message, channel);
        confirm(channel, returned);
        watch.cancel(false);
      }
      giveBack(channel);
    } catch (ShutdownSignalException e) {
      throw failed(channel, new IOException(e));
    } catch (IOException e) {
      throw failed(channel, e);
    } finally {
      if (watch != null) {
        watch.cancel(false);
      }
    }
  }

  /** Whoever waits in a write hears of no other deadline. */
  private CompletableFuture<Void> cutLater(AmqpConnection open) {
    return CompletableFuture.runAsync(
        open::cut,
        CompletableFuture.delayedExecutor(timeout.toMillis() + 1_000, TimeUnit.MILLISECONDS));
  }

  private <T> void send(
      String topic, List<T> items, Function<T, Map<String, Object>> message, Channel channel)
      throws IOException {
    for (int from = 0; from < items.size(); from += ITEMS_A_MESSAGE) {
      List<Map<String, Object>> payload =
          items.subList(from, Math.min(from + ITEMS_A_MESSAGE, items.size())).stream()
              .map(message)
              .toList();
      channel.basicPublish(
          url.exchange(),
          AmqpUrl.queue(topic),
          true,
          properties,
          OsloNotification.json(topic, payload, Instant.now()));
    }
  }

  private void confirm(Channel channel, AtomicReference<String> returned) throws IOException {
    try {
      if (!channel.waitForConfirms(timeout.toMillis())) {
        throw new IOException("the broker did not take all messages");
      }
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("no confirmation within " + timeout.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    // The broker returns a message before it confirms it.
    if (returned.get() != null) {
      throw new IOException("the broker has no queue for the messages: " + returned.get());
    }
  }

  private synchronized AmqpConnection connection() throws IOException {
    if (connection == null || !connection.isOpen()) {
      idle.clear();
      declared.clear();
      connection = AmqpConnection.open(factory, "sonde publisher");
    }
    return connection;
  }

  /** An idle channel, or a new one, for which exchange and queue are made sure of. */
  private Channel channel(AmqpConnection open, String topic) throws IOException {
    Channel kept;
    synchronized (this) {
      do {
        kept = idle.poll();
      } while (kept != null && !kept.isOpen());
    }
    if (kept != null && declared.contains(topic)) {
      return kept;
    }
    String queue = AmqpUrl.queue(topic);
    open.declare(c -> c.exchangeDeclare(url.exchange(), "topic", url.isDurable()));
    open.declare(c -> c.queueDeclare(queue, url.isDurable(), false, false, null));
    open.declare(c -> c.queueBind(queue, url.exchange(), queue));
    declared.add(topic);
    if (kept != null) {
      return kept;
    }
    Channel channel = open.channel();
    channel.confirmSelect();
    return channel;
  }

  private synchronized void giveBack(Channel channel) {
    idle.push(channel);
  }

  /** A channel of which nobody knows what is under way is not used again. */
  private static IOException failed(Channel channel, IOException failure) {
    if (channel != null) {
      try {
        channel.abort();
      } catch (IOException | ShutdownSignalException e) {
        failure.addSuppressed(e);
      }
    }
    return failure;
  }

  @Override
  public synchronized void close() {
    if (connection != null) {
      connection.close(timeout);
    }
  }
}
