package io.sonde.snmp;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Where an agent is: {@code snmp://[COMMUNITY@]HOST[:PORT][?credentials=NAME&resource=ID]}.
 *
 * @param host name or address; an IPv6 one without brackets
 * @param port 161 where the URL gives none
 * @param community a secret; null where the URL gives none
 * @param credentials name of configured credentials, or null
 * @param resource id of the agent's samples: what the URL says, or else the host
 */
record SnmpUrl(String host, int port, String community, String credentials, String resource) {
  private static final int USUAL_PORT = 161;
  private static final String CREDENTIALS = "credentials";
  private static final String RESOURCE = "resource";
  private static final Set<String> PARAMETERS = Set.of(CREDENTIALS, RESOURCE);
  private static final String FORM =
      "snmp://HOST:PORT?credentials=NAME or snmp://COMMUNITY@HOST:PORT";

  /**
   * Takes a URL apart.
   *
   * @throws IllegalArgumentException whose message says what was expected, and no secret
   */
  static SnmpUrl of(URI url) {
    String path = url.getPath() == null ? "" : url.getPath();
    if (url.getHost() == null || url.getFragment() != null || !(path + "/").matches("//?")) {
      throw new IllegalArgumentException("a URL such as " + FORM);
    }
    Map<String, String> parameters = parameters(url.getRawQuery());
    String community = url.getUserInfo();
    String credentials = parameters.get(CREDENTIALS);
    if (url.getRawUserInfo() != null && url.getRawUserInfo().contains(":")) {
      throw new IllegalArgumentException(
          "a URL without a password: users stand at " + SnmpPollster.CREDENTIALS_PATH);
    }
    if (community != null && (community.isEmpty() || credentials != null)) {
      throw new IllegalArgumentException("a URL with either a community or credentials: " + FORM);
    }
    String host = url.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = url.getPort() < 0 ? USUAL_PORT : url.getPort();
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a URL with a port from 1 to 65535");
    }
    return new SnmpUrl(host, port, community, credentials, parameters.getOrDefault(RESOURCE, host));
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new HashMap<>();
    if (query != null) {
      for (String parameter : query.split("&", -1)) {
        int equals = parameter.indexOf('=');
        String name = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8);
        boolean isUsable = PARAMETERS.contains(name) && equals > 0 && !value.isBlank();
        if (!isUsable || parameters.put(name, value) != null) {
          throw new IllegalArgumentException(
              "a URL with no other parameters than credentials=NAME and resource=ID");
        }
      }
    }
    return parameters;
  }

  /** The URL without anything secret. */
  String shown() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "snmp://" + name + ":" + port;
  }

  @Override
  public String toString() {
    return shown();
  }
}
