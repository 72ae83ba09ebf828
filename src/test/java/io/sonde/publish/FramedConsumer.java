package io.sonde.publish;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Reads what {@code tcp://} sends, can be ended as by a kill, and started again at its port. */
final class FramedConsumer implements AutoCloseable {
  private final List<Map<String, Object>> messages =
      Collections.synchronizedList(new ArrayList<>());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isReading = true;
  private ServerSocket server;
  private Thread acceptor;
  private int port;

  FramedConsumer() throws IOException {
    start();
  }

  int port() {
    return port;
  }

  List<Map<String, Object>> messages() {
    synchronized (messages) {
      return List.copyOf(messages);
    }
  }

  /** The volumes of all messages, which are numbers of samples. */
  List<Integer> numbers() {
    return messages().stream().map(m -> ((Long) m.get("counter_volume")).intValue()).toList();
  }

  /** Accepts connections, and reads nothing from now on. */
  void stall() {
    isReading = false;
  }

  void start() throws IOException {
    ServerSocket opened = new ServerSocket();
    opened.setReuseAddress(true);
    opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    port = opened.getLocalPort();
    server = opened;
    acceptor = thread(() -> accept(opened));
  }

  /** Resets all connections with what is in them, as the kernel does for a killed process. */
  void kill() throws IOException {
    server.close();
    // Until it has noticed, the port takes connections, and is not free.
    try {
      acceptor.join();
    } catch (InterruptedException e) {
      throw new InterruptedIOException("interrupted");
    }
    open.forEach(FramedConsumer::reset);
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException ignored) {
      // Its reader was just done with it.
    }
  }

  /** Whether connections are open. */
  boolean isConnected() {
    return !open.isEmpty();
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "consumer");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket socket = from.accept();
        open.add(socket);
        if (isReading) {
          thread(() -> read(socket));
        }
      }
    } catch (IOException ignored) {
      // Closed.
    }
  }

  private void read(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        int first = in.read();
        if (first < 0) {
          return;
        }
        byte[] rest = in.readNBytes(7);
        long length = first;
        for (int i = 0; i < rest.length; i++) {
          length |= (rest[i] & 0xffL) << (8 * (i + 1));
        }
        byte[] message = new byte[(int) length];
        in.readFully(message);
        messages.add(PackedReader.map(message));
      }
    } catch (IOException ignored) {
      // Killed, or the sender was.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    kill();
  }
}
