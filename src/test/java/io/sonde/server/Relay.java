package io.sonde.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A port that stays the same while the server behind it comes and goes, at other ports. While
 * nothing is behind it, nobody listens.
 */
final class Relay implements AutoCloseable {
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final int port = SondeProcesses.freePorts(1).get(0);
  private ServerSocket door;

  /** Where it listens. */
  int port() {
    return port;
  }

  /** Takes connections from now on, and passes them to this port. */
  void open(int target) {
    try {
      door = new ServerSocket();
      door.setReuseAddress(true);
      door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ServerSocket current = door;
    begin(() -> accept(current, target));
  }

  /** Cuts all connections and takes no more. */
  @Override
  public void close() {
    closeQuietly(door);
    sockets.forEach(Relay::closeQuietly);
    sockets.clear();
  }

  private void accept(ServerSocket from, int target) {
    try {
      while (true) {
        Socket client = from.accept();
        sockets.add(client);
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(server);
        begin(() -> pass(client, server));
        begin(() -> pass(server, client));
        if (from.isClosed()) {
          close();
        }
      }
    } catch (IOException e) {
      // Closed, or nobody is behind it: the next one who comes is refused.
      closeQuietly(from);
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      to.setTcpNoDelay(true);
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
    } catch (IOException e) {
      // One end is gone, and so is the other now.
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void begin(Runnable work) {
    Thread thread = new Thread(work, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(AutoCloseable open) {
    try {
      if (open != null) {
        open.close();
      }
    } catch (Exception e) {
      // It is of no use any more, one way or the other.
    }
  }
}
