package io.sonde.publish;

import io.sonde.model.Event;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * {@code kafka://HOST[:PORT][,HOST[:PORT]…]}: a signed message in JSON a record, whose key is the
 * resource, so that those of one resource stay in order; that of an event is its type. A batch is
 * done when all replicas in sync have it. A producer that gave anything up is thrown away at once,
 * before what follows goes out.
 */
public final class KafkaPublisher implements EventPublisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "kafka";

  private static final int MARGIN_MILLIS = 5_000;

  private final PublisherUrl publisherUrl;
  private final KafkaUrl url;
  private final MessageSignature signature;
  private Producer<byte[], byte[]> producer;

  KafkaPublisher(PublisherUrl publisherUrl, MessageSignature signature) {
    this.publisherUrl = publisherUrl;
    this.url = new KafkaUrl(publisherUrl);
    this.signature = signature;
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    SignedMessages messages = new SignedMessages(signature);
    send(samples, outgoing -> record(outgoing, messages));
  }

  @Override
  public void publishEvents(List<Event> events) throws IOException {
    send(events, event -> record(event.eventType(), EventMessage.signed(event, signature)));
  }

  private <T> void send(List<T> items, Function<T, ProducerRecord<byte[], byte[]>> record)
      throws IOException {
    Producer<byte[], byte[]> open = producer();
    AtomicReference<Exception> failure = new AtomicReference<>();
    AtomicInteger tooLarge = new AtomicInteger();
    CountDownLatch left = new CountDownLatch(items.size());
    try {
      for (T item : items) {
        if (failure.get() != null) {
          break;
        }
        // All that the future would tell the callback is told.
        Future<RecordMetadata> unused =
            open.send(
                record.apply(item),
                (metadata, exception) -> {
                  if (exception instanceof RecordTooLargeException) {
                    tooLarge.incrementAndGet();
                  } else if (exception != null) {
                    failure.compareAndSet(null, exception);
                    drop(open);
                  }
                  left.countDown();
                });
      }
      await(left, failure);
    } catch (KafkaException | IllegalStateException e) {
      // Another thread may have thrown the producer away.
      failure.compareAndSet(null, e);
    }
    if (failure.get() != null) {
      drop(open);
      throw ioException(failure.get());
    }
    if (tooLarge.get() > 0) {
      LeftOut.add(publisherUrl, tooLarge.get(), "too_large", "larger than the broker takes");
    }
  }

  private ProducerRecord<byte[], byte[]> record(Outgoing outgoing, SignedMessages messages) {
    return record(outgoing.sample().series().resourceId(), messages.of(outgoing));
  }

  private ProducerRecord<byte[], byte[]> record(String key, Map<String, Object> message) {
    return new ProducerRecord<>(
        url.topic(), key.getBytes(StandardCharsets.UTF_8), MeteringMessage.json(message));
  }

  /** Every record ends within its time; the producer itself could be stuck. */
  private void await(CountDownLatch left, AtomicReference<Exception> failure) throws IOException {
    long deadline =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(url.timeoutMillis() + (long) MARGIN_MILLIS);
    try {
      while (failure.get() == null && !left.await(10, TimeUnit.MILLISECONDS)) {
        if (System.nanoTime() > deadline) {
          failure.compareAndSet(null, new SocketTimeoutException("no confirmation in time"));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure.compareAndSet(null, new InterruptedIOException("interrupted"));
    }
  }

  private static IOException ioException(Exception failure) {
    if (failure instanceof InterruptException) {
      Thread.currentThread().interrupt();
    }
    return failure instanceof IOException io ? io : new IOException(failure);
  }

  private synchronized Producer<byte[], byte[]> producer() throws IOException {
    if (producer == null) {
      try {
        producer =
            new KafkaProducer<>(
                url.producer(), new ByteArraySerializer(), new ByteArraySerializer());
      } catch (KafkaException e) {
        throw new IOException(e);
      }
    }
    return producer;
  }

  /** What it has not sent is not sent any more. */
  private void drop(Producer<byte[], byte[]> open) {
    synchronized (this) {
      if (producer == open) {
        producer = null;
      }
    }
    open.close(Duration.ZERO);
  }

  @Override
  public void close() {
    Producer<byte[], byte[]> open;
    synchronized (this) {
      open = producer;
      producer = null;
    }
    if (open != null) {
      open.close(Duration.ofMillis(url.timeoutMillis()));
    }
  }
}
