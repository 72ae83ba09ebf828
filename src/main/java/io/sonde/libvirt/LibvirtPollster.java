package io.sonde.libvirt;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.PollException;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import io.sonde.polling.Search;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the domains (virtual machines) of a hypervisor through libvirt. Its listing tells all that
 * is measured, so nothing is polled one by one.
 */
public final class LibvirtPollster implements Pollster {
  static final String NAME = "libvirt";

  private static final String EXPECTED =
      "a URI of libvirt without a password, such as qemu:///system";

  private final String uri;
  private final boolean stopped;
  private final Map<String, HypervisorReader> readers = new ConcurrentHashMap<>();
  private PollingContext context;

  private LibvirtPollster(String uri, boolean stopped) {
    this.uri = uri;
    this.stopped = stopped;
  }

  /** Makes it; its parameters are {@code uri} and {@code stopped}. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, LibvirtPollster::from);
  }

  private static Pollster from(ConfigSection parameters) {
    parameters.allow("uri", "stopped");
    String uri = parameters.text("uri").orElse("qemu:///system");
    if (!isUri(uri)) {
      throw new ConfigException(parameters.path("uri"), withoutUser(uri), EXPECTED);
    }
    return new LibvirtPollster(uri, parameters.flag("stopped", false));
  }

  @Override
  public void start(PollingContext given) {
    context = given;
  }

  @Override
  public List<Discovery> discoveries() {
    return List.of(new Domains());
  }

  @Override
  public void close() {
    readers.values().forEach(HypervisorReader::close);
  }

  private CompletionStage<Findings> find(Search search) {
    String asked = search.parameter().isEmpty() ? uri : search.parameter();
    if (!isUri(asked)) {
      return CompletableFuture.failedFuture(
          new PollException(
              "the discovery "
                  + NAME
                  + " was given "
                  + withoutUser(asked)
                  + ", expected "
                  + EXPECTED));
    }
    return readers
        .computeIfAbsent(asked, one -> new HypervisorReader(one, stopped, context, Libvirt::load))
        .read(search.deadline());
  }

  private static boolean isUri(String text) {
    try {
      URI uri = new URI(text);
      return uri.getScheme() != null
          && (uri.getRawUserInfo() == null || uri.getRawUserInfo().indexOf(':') < 0);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** It may hold a password. */
  private static String withoutUser(String text) {
    return text.replaceFirst("//.*@", "//…@");
  }

  private final class Domains implements Discovery {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean isLocal() {
      return true;
    }

    @Override
    public CompletionStage<Findings> find(Search search) {
      return LibvirtPollster.this.find(search);
    }
  }
}
