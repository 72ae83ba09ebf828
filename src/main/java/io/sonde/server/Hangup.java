package io.sonde.server;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal by which administrators tell a server to read its configuration anew. Java has no
 * supported way to it; the class that every JDK has, {@code sun.misc.Signal}, is found by its name,
 * and where it is missing the signal does what it always did.
 */
final class Hangup {
  private static final Logger LOG = LoggerFactory.getLogger(Hangup.class);

  private Hangup() {}

  /** The thread that hears signals has no class loader, which configurations are read with. */
  private static void inAThread(Runnable action) {
    Thread thread = new Thread(action, "hangup");
    thread.setContextClassLoader(Hangup.class.getClassLoader());
    thread.start();
  }

  /** Runs an action at each SIGHUP, which would end the process otherwise. */
  static void handle(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  inAThread(action);
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), proxy);
    } catch (ReflectiveOperationException e) {
      LOG.info("SIGHUP cannot be handled here: {}", e.toString());
    }
  }
}
