package io.sonde.publish;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** A connection on which every step has a deadline. For one thread at a time. */
final class TcpConnection implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;
  private final Duration timeout;

  private TcpConnection(SocketChannel channel, Selector selector, Duration timeout) {
    this.channel = channel;
    this.selector = selector;
    this.timeout = timeout;
  }

  /**
   * Connects.
   *
   * @param timeout how long this and every later step may take
   */
  static TcpConnection open(String host, int port, Duration timeout) throws IOException {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnknownHostException(host);
    }
    SocketChannel channel = SocketChannel.open();
    TcpConnection connection = null;
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      connection = new TcpConnection(channel, Selector.open(), timeout);
      connection.connect(address);
      return connection;
    } catch (IOException e) {
      if (connection == null) {
        channel.close();
      } else {
        connection.close();
      }
      throw e;
    }
  }

  private void connect(InetSocketAddress address) throws IOException {
    long deadline = deadline();
    if (!channel.connect(address)) {
      do {
        await(SelectionKey.OP_CONNECT, deadline);
      } while (!channel.finishConnect());
    }
    if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
      // Where nobody listens, the system may give this end the very port that it connects to: TCP
      // then joins the connection with itself, and what is sent would seem to have been read.
      throw new ConnectException("nobody listens at " + address);
    }
  }

  /** Hands all bytes to the operating system. */
  void write(ByteBuffer bytes) throws IOException {
    long deadline = deadline();
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE, deadline);
      }
    }
  }

  /** Whether the other end has closed; what it sent before is passed over. */
  boolean isClosedByPeer() throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(1_024);
    int read;
    do {
      answer.clear();
      read = channel.read(answer);
    } while (read > 0);
    return read < 0;
  }

  /**
   * Ends what is sent, and waits until the other end closes: then it has read all. One that ends
   * with bytes unread resets the connection instead.
   */
  void finish() throws IOException {
    if (isClosedByPeer()) {
      throw new EOFException("the consumer closed the connection before it had all");
    }
    channel.shutdownOutput();
    long deadline = deadline();
    while (!isClosedByPeer()) {
      await(SelectionKey.OP_READ, deadline);
    }
  }

  private long deadline() {
    return System.nanoTime() + timeout.toNanos();
  }

  private void await(int operation, long deadline) throws IOException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new SocketTimeoutException("the consumer let " + timeout.toSeconds() + " s pass");
    }
    channel.register(selector, operation);
    selector.select(millis);
    selector.selectedKeys().clear();
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }

  @Override
  public void close() {
    try (channel) {
      selector.close();
    } catch (IOException ignored) {
      // Nothing more is expected of it.
    }
  }
}
