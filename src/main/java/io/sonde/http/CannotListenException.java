package io.sonde.http;

/** The server's address cannot be had. The message is one line for whoever started the server. */
public final class CannotListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotListenException(String host, int port, String why, Throwable cause) {
    super("cannot listen on " + host + ":" + port + ": " + why, cause);
  }
}
