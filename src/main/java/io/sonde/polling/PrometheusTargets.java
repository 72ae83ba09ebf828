package io.sonde.polling;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds exporters: those that a source lists, and a node's own. */
final class PrometheusTargets {
  private PrometheusTargets() {}

  /** The exporters under {@code targets}; one node asserts them for all. */
  static TargetFinder configured() {
    return new Fixed(PollingSource.PROMETHEUS, false) {
      @Override
      List<PolledTarget> targets(PollingSource source) {
        return source.targets().stream()
            .map(url -> target(resourceId(url), null, url.toString()))
            .toList();
      }
    };
  }

  /**
   * A node's own metrics. Where they are served on the loopback address only, other hosts would
   * read their own: then they are read on this host and bear its name.
   */
  static TargetFinder own(String host, String metricsUrl) {
    URI url = URI.create(metricsUrl);
    boolean loopback = isLoopback(url);
    String id = loopback ? host + ":" + port(url) : resourceId(url);
    List<PolledTarget> own = List.of(target(id, loopback ? host : null, metricsUrl));
    return new Fixed(PollingSource.LOCAL_METRICS, true) {
      @Override
      List<PolledTarget> targets(PollingSource source) {
        return own;
      }
    };
  }

  /** Whether this is a URL to poll. Credentials are refused: the URL is shown as metadata. */
  static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
      return (scheme.equals("http") || scheme.equals("https"))
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** {@code host:port}, which is how Prometheus names an instance, or the URL of another path. */
  static String resourceId(URI url) {
    boolean usual = "/metrics".equals(url.getPath()) && url.getQuery() == null;
    return usual ? url.getHost() + ":" + port(url) : url.toString();
  }

  private static int port(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return url.getScheme().equalsIgnoreCase("https") ? 443 : 80;
  }

  private static boolean isLoopback(URI url) {
    try {
      return InetAddress.getByName(url.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static PolledTarget target(String resourceId, String host, String url) {
    return new PolledTarget(PrometheusPollster.NAME, resourceId, host, url);
  }

  private abstract static class Fixed implements TargetFinder {
    private final String name;
    private final boolean local;

    Fixed(String name, boolean local) {
      this.name = name;
      this.local = local;
    }

    abstract List<PolledTarget> targets(PollingSource source);

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean local() {
      return local;
    }

    @Override
    public CompletionStage<List<PolledTarget>> find(PollingSource source) {
      return CompletableFuture.completedFuture(targets(source));
    }
  }
}
