package io.sonde.notification;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.sonde.notification.Notifications.Message;
import io.sonde.publish.AmqpConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to one broker, as one of many consumers of its queues: a node more takes its share. A
 * message is acknowledged when all that it caused is durable; {@code prefetch} bounds how many are
 * under way. On a thread of its own.
 *
 * <p>Whatever ends, a connection, a channel or a consumer whose queue was deleted, it begins anew
 * with all of it, and makes sure of exchanges and queues first. The client's own recovery mends
 * connections only, so it is off: two ways to do one thing would get in each other's way.
 */
public final class NotificationListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NotificationListener.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(15);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  /** Messages that are dealt with together: what they cause is then written together. */
  private static final int MAX_BATCH = 500;

  private final ListenerSettings settings;
  private final Notifications notifications;
  private final ConnectionFactory factory;
  private final Thread thread;
  private Duration backoff = MIN_BACKOFF;
  private volatile boolean isClosed;

  private NotificationListener(ListenerSettings settings, Notifications notifications) {
    this.settings = settings;
    this.notifications = notifications;
    this.factory =
        AmqpConnection.factory(settings.url(), settings.url().scheme().equals("amqps"), TIMEOUT);
    this.thread = new Thread(this::run, "notifications-" + settings.url().host());
    thread.setDaemon(true);
  }

  /** Begins to listen; a broker that is away is tried again and again. */
  public static NotificationListener start(ListenerSettings settings, Notifications notifications) {
    NotificationListener listener = new NotificationListener(settings, notifications);
    NotificationMetrics.CONNECTED.labelValues(settings.shown()).set(0);
    listener.thread.start();
    return listener;
  }

  private void run() {
    while (!isClosed) {
      try {
        listen();
      } catch (InterruptedException e) {
        // closed
      } catch (IOException | RuntimeException e) {
        LOG.warn("listener={} trying again in {}: {}", settings.shown(), backoff, described(e));
      } finally {
        NotificationMetrics.CONNECTED.labelValues(settings.shown()).set(0);
      }
      pause();
    }
  }

  private void pause() {
    try {
      if (!isClosed) {
        Thread.sleep(backoff.toMillis());
      }
    } catch (InterruptedException e) {
      // closed
    }
    Duration doubled = backoff.multipliedBy(2);
    backoff = doubled.compareTo(MAX_BACKOFF) < 0 ? doubled : MAX_BACKOFF;
  }

  private static String described(Exception failure) {
    return failure.getCause() == null ? failure.toString() : failure + ": " + failure.getCause();
  }

  /** From a connection to its end. */
  private void listen() throws IOException, InterruptedException {
    AmqpConnection connection = AmqpConnection.open(factory, "sonde notifications");
    try {
      List<String> queues = declare(connection);
      Channel channel = connection.channel();
      channel.basicQos(settings.prefetch());
      // As many at most as may be under way, and the ends of consumers.
      BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
      channel.addShutdownListener(signal -> arrivals.add(new Ended(signal.getMessage())));
      for (String queue : queues) {
        channel.basicConsume(queue, false, new Consumer(channel, queue, arrivals));
      }
      LOG.info("listener={} listens to {}", settings.shown(), queues);
      NotificationMetrics.CONNECTED.labelValues(settings.shown()).set(1);
      while (!isClosed) {
        takeSome(channel, arrivals);
      }
    } catch (ShutdownSignalException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      connection.close(TIMEOUT);
    }
  }

  /** Makes sure of exchanges and queues; what is there with other properties is taken as it is. */
  private List<String> declare(AmqpConnection connection) throws IOException {
    for (String exchange : settings.exchanges()) {
      connection.declare(
          channel ->
              channel.exchangeDeclare(
                  exchange, "topic", settings.isDurable(), settings.isAutoDelete(), null));
    }
    List<String> queues = new ArrayList<>();
    for (String topic : settings.topics()) {
      for (String priority : settings.priorities()) {
        String key = topic + "." + priority;
        String queue = settings.pool().isEmpty() ? key : settings.pool();
        if (!queues.contains(queue)) {
          queues.add(queue);
          connection.declare(
              channel ->
                  channel.queueDeclare(
                      queue,
                      settings.isDurable(),
                      false,
                      settings.isAutoDelete(),
                      settings.queueArguments()));
        }
        for (String exchange : settings.exchanges()) {
          connection.declare(channel -> channel.queueBind(queue, exchange, key));
        }
      }
    }
    return queues;
  }

  private sealed interface Arrival {}

  /** A message, with what it is acknowledged by. */
  private record Delivery(long tag, Message message) implements Arrival {}

  /** Nothing comes any more. */
  private record Ended(String why) implements Arrival {}

  private static final class Consumer extends DefaultConsumer {
    private final String queue;
    private final BlockingQueue<Arrival> arrivals;

    private Consumer(Channel channel, String queue, BlockingQueue<Arrival> arrivals) {
      super(channel);
      this.queue = queue;
      this.arrivals = arrivals;
    }

    @Override
    public void handleDelivery(
        String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      if (envelope.isRedeliver()) {
        NotificationMetrics.REDELIVERED.inc();
      }
      arrivals.add(
          new Delivery(
              envelope.getDeliveryTag(), new Message(body, envelope.getExchange() + "/" + queue)));
    }

    @Override
    public void handleCancel(String consumer) {
      arrivals.add(new Ended("the queue " + queue + " was deleted"));
    }
  }

  private void takeSome(Channel channel, BlockingQueue<Arrival> arrivals)
      throws IOException, InterruptedException {
    Arrival first = arrivals.poll(LOOK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    if (first == null) {
      return;
    }
    List<Arrival> all = new ArrayList<>();
    all.add(first);
    arrivals.drainTo(all, MAX_BATCH - 1);
    List<Message> messages = new ArrayList<>(all.size());
    long last = 0;
    Ended ended = null;
    for (Arrival arrival : all) {
      if (arrival instanceof Delivery delivery) {
        messages.add(delivery.message());
        last = delivery.tag();
      } else if (ended == null) {
        ended = (Ended) arrival;
      }
    }
    // Also what cannot be acknowledged any more: the queue may be gone from which it would come
    // again.
    notifications.take(messages);
    if (ended != null) {
      throw new IOException(ended.why());
    }
    // All of a channel come in the order of their tags.
    channel.basicAck(last, true);
    backoff = MIN_BACKOFF;
  }

  /** Ends listening; what is under way is dealt with first, if that does not take long. */
  @Override
  public void close() {
    isClosed = true;
    try {
      thread.join(TIMEOUT.toMillis());
      thread.interrupt();
      thread.join(TIMEOUT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
