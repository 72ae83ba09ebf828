package io.sonde.publish;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code udp://HOST[:PORT]}: one datagram a sample, the signed metering message in MessagePack.
 * Nobody confirms a datagram: what the network or a busy consumer drops is lost, and nobody hears
 * of it. Only where the consumer's host says that nobody listens the samples are handed over again.
 */
public final class UdpPublisher implements Publisher {
  /** The scheme that names this publisher. */
  public static final String SCHEME = "udp";

  static final int PORT = 4952;

  // What a datagram of 64 KiB holds beside its headers.
  private static final int MAX_BYTES = 65_507;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(1);

  private final PublisherUrl url;
  private final String host;
  private final int port;
  private final MessageSignature signature;
  private DatagramChannel channel;

  UdpPublisher(PublisherUrl url, MessageSignature signature) {
    this.url = url.allow();
    this.host = url.host();
    this.port = url.port(PORT);
    this.signature = signature;
  }

  @Override
  public void publish(List<Outgoing> samples) throws IOException {
    SignedMessages messages = new SignedMessages(signature);
    MessagePacking packing = new MessagePacking();
    DatagramChannel open = open();
    int tooLarge = 0;
    try {
      for (Outgoing outgoing : samples) {
        byte[] message = packing.pack(messages.of(outgoing));
        if (message.length > MAX_BYTES) {
          tooLarge++;
        } else {
          send(message, open);
        }
      }
      // Nothing is expected; but "nobody listens there" is told here.
      open.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      // The next try looks the name up again.
      close(open);
      throw e;
    }
    if (tooLarge > 0) {
      LeftOut.add(url, tooLarge, "too_large", "more than " + MAX_BYTES + " bytes");
    }
  }

  /** Waits while the network is slower than we are, but not for ever. */
  private static void send(byte[] message, DatagramChannel open) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (open.write(ByteBuffer.wrap(message)) != message.length) {
      if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
        throw new SocketTimeoutException("no room for a datagram");
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private synchronized DatagramChannel open() throws IOException {
    if (channel == null || !channel.isOpen()) {
      InetSocketAddress address = new InetSocketAddress(host, port);
      if (address.isUnresolved()) {
        throw new UnknownHostException(host);
      }
      DatagramChannel opened = DatagramChannel.open();
      try {
        opened.configureBlocking(false);
        opened.connect(address);
      } catch (IOException e) {
        opened.close();
        throw e;
      }
      channel = opened;
    }
    return channel;
  }

  private static void close(DatagramChannel open) {
    try {
      open.close();
    } catch (IOException ignored) {
      // There is nothing in it that could get lost.
    }
  }

  @Override
  public synchronized void close() {
    if (channel != null) {
      close(channel);
    }
  }
}
