package io.sonde.publish;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * {@code tcp://HOST[:PORT]}: eight bytes of length, the least first, and the signed metering
 * message in MessagePack. The protocol has no confirmation, so each batch has a connection of its
 * own: when the consumer, having read to the end, closes it, it has all. With {@code confirm=false}
 * one connection stays open, as the original's, and what is under way when a consumer dies is lost.
 */
public final class TcpPublisher implements Publisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "tcp";

  private static final int CHUNK = 64 * 1024;

  private final String host;
  private final int port;
  private final Duration timeout;
  private final boolean isConfirmed;
  private final MessageSignature signature;
  // One connection at a time: samples of several would overtake each other.
  private final ReentrantLock turn = new ReentrantLock(true);
  private TcpConnection kept;

  TcpPublisher(PublisherUrl url, MessageSignature signature) {
    url.allow("timeout", "confirm");
    this.host = url.host();
    this.port = url.port(UdpPublisher.PORT);
    this.timeout = Duration.ofSeconds(url.integer("timeout", 10, 1, 600));
    this.isConfirmed = url.flag("confirm", true);
    this.signature = signature;
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    await();
    try {
      if (isConfirmed) {
        try (TcpConnection connection = TcpConnection.open(host, port, timeout)) {
          write(samples, connection);
          connection.finish();
        }
      } else {
        writeToKept(samples);
      }
    } finally {
      turn.unlock();
    }
  }

  private void await() throws IOException {
    try {
      if (!turn.tryLock(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SocketTimeoutException("others were sending for " + timeout.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private void writeToKept(List<Outgoing> samples) throws IOException {
    try {
      if (kept != null && kept.isClosedByPeer()) {
        closeKept();
      }
      if (kept == null) {
        kept = TcpConnection.open(host, port, timeout);
      }
      write(samples, kept);
    } catch (IOException e) {
      closeKept();
      throw e;
    }
  }

  private void write(List<Outgoing> samples, TcpConnection connection) throws IOException {
    SignedMessages messages = new SignedMessages(signature, HostName.OWN);
    MessagePacking packing = new MessagePacking();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (Outgoing outgoing : samples) {
      byte[] message = packing.pack(messages.of(outgoing));
      if (chunk.remaining() < Long.BYTES + message.length) {
        connection.write(chunk.flip());
        chunk.clear();
      }
      chunk.putLong(message.length);
      if (chunk.remaining() < message.length) {
        connection.write(chunk.flip());
        chunk.clear();
        connection.write(ByteBuffer.wrap(message));
      } else {
        chunk.put(message);
      }
    }
    connection.write(chunk.flip());
  }

  private void closeKept() {
    if (kept != null) {
      kept.close();
      kept = null;
    }
  }

  @Override
  public void close() {
    turn.lock();
    try {
      closeKept();
    } finally {
      turn.unlock();
    }
  }
}
