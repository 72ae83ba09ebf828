package io.sonde.exporter;

import io.sonde.model.Metadata;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Search;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Exporters as targets: those that a source lists, and a node's own. */
final class PrometheusTargets {
  private static final String OWN = "local-metrics";

  /** Stands between the URL and the metadata in an address; no URL holds it. */
  private static final char METADATA = ' ';

  private PrometheusTargets() {}

  /**
   * An exporter that a source lists.
   *
   * @throws IllegalArgumentException for a URL that cannot be polled. Credentials are refused: the
   *     URL is shown as metadata.
   */
  static PolledTarget target(URI url) {
    return target(url, Map.of());
  }

  /**
   * An exporter with metadata of its samples.
   *
   * @param metadata beside the URL
   * @throws IllegalArgumentException as above
   */
  static PolledTarget target(URI url, Map<String, String> metadata) {
    if (url.getHost() == null || url.getUserInfo() != null || url.getFragment() != null) {
      throw new IllegalArgumentException("an http or https URL without user and password");
    }
    Map<String, String> all = new TreeMap<>(metadata);
    all.put("url", url.toString());
    String address =
        metadata.isEmpty() ? url.toString() : url.toString() + METADATA + Metadata.of(all).json();
    return target(resourceId(url), null, address);
  }

  /** The URL in a target's address. */
  static URI url(PolledTarget target) {
    int end = target.address().indexOf(METADATA);
    return URI.create(end < 0 ? target.address() : target.address().substring(0, end));
  }

  /** The metadata of a target's samples. */
  static Metadata metadata(PolledTarget target) {
    int end = target.address().indexOf(METADATA);
    return end < 0
        ? Metadata.of(Map.of("url", target.address()))
        : Metadata.ofCanonicalJson(target.address().substring(end + 1));
  }

  /**
   * Finds a node's own metrics. Where they are served on the loopback address only, other hosts
   * would read their own: then they are read on this host and bear its name.
   */
  static Discovery own(Supplier<PollingContext> context) {
    return new Discovery() {
      @Override
      public String name() {
        return OWN;
      }

      @Override
      public boolean isLocal() {
        return true;
      }

      @Override
      public CompletionStage<Findings> find(Search search) {
        PolledTarget own = own(context.get().host(), context.get().metricsUrl());
        return CompletableFuture.completedFuture(Findings.of(List.of(Found.of(own))));
      }
    };
  }

  static PolledTarget own(String host, String metricsUrl) {
    URI url = URI.create(metricsUrl);
    boolean loopback = isLoopback(url);
    String id = loopback ? host + ":" + port(url) : resourceId(url);
    return target(id, loopback ? host : null, metricsUrl);
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
}
