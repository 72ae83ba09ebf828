package io.sonde.publish;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** This host's name, by which messages say where they come from. */
final class HostName {
  static final String OWN = own();

  private HostName() {}

  private static String own() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
