package io.sonde.publish;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The publishers that sinks can name: the built-in ones and those of {@link Plugins}. */
public final class Publishers {
  /** Names the collectors: not a publisher to the outside. */
  public static final String COLLECTOR = "collector://";

  private final Map<String, Function<PublisherUrl, Publisher>> byScheme = new TreeMap<>();

  /**
   * All publishers.
   *
   * @param telemetrySecret what those sign with whose messages are signed; empty signs nothing
   */
  public Publishers(String telemetrySecret) {
    for (PublisherFactory factory : Plugins.of(PublisherFactory.class)) {
      factory.schemes().forEach(scheme -> byScheme.put(scheme, factory::create));
    }
    // Entered last: a library cannot change what the built-in schemes mean.
    MessageSignature signature = new MessageSignature(telemetrySecret);
    enter(Set.of(FilePublisher.SCHEME), FilePublisher::new);
    enter(HttpPublisher.SCHEMES, HttpPublisher::new);
    enter(Set.of(KafkaPublisher.SCHEME), url -> new KafkaPublisher(url, signature));
    enter(AmqpPublisher.SCHEMES, url -> new AmqpPublisher(url, signature));
    enter(OtlpPublisher.SCHEMES, OtlpPublisher::new);
    enter(
        Set.of(PrometheusPublisher.SCHEME, PrometheusPublisher.SCHEME_TLS),
        PrometheusPublisher::new);
    enter(Set.of(TcpPublisher.SCHEME), url -> new TcpPublisher(url, signature));
    enter(Set.of(UdpPublisher.SCHEME), url -> new UdpPublisher(url, signature));
  }

  private void enter(Collection<String> schemes, Function<PublisherUrl, Publisher> create) {
    schemes.forEach(scheme -> byScheme.put(scheme, create));
  }

  /**
   * The publisher of a URL.
   *
   * @throws io.sonde.model.ConfigException when there is none for it, or the URL is not right
   */
  public Publisher create(PublisherUrl url) {
    Function<PublisherUrl, Publisher> factory = byScheme.get(url.scheme());
    if (factory == null) {
      throw url.error("one of " + COLLECTOR + ", " + String.join(", ", patterns()));
    }
    return factory.apply(url);
  }

  private List<String> patterns() {
    return byScheme.keySet().stream().map(scheme -> scheme + "://…").toList();
  }
}
