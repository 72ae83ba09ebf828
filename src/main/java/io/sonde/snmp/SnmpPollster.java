package io.sonde.snmp;

import io.sonde.model.ConfigSection;
import io.sonde.model.SampleBatch;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.snmp4j.smi.UdpAddress;

/**
 * Reads agents with SNMP 2c and 3. No thread waits for an agent: one socket serves all communities,
 * and one each user of version 3. A poll gives the samples of a host, its interfaces and its disks
 * together. An agent that falls silent half-way has still said something: what came counts.
 */
public final class SnmpPollster implements Pollster {
  static final String NAME = "snmp";
  static final String CREDENTIALS_PATH = "sonde.polling.pollsters.snmp.credentials";

  private static final Logger LOG = LoggerFactory.getLogger(SnmpPollster.class);

  /** The credentials for URLs that name none. */
  private static final String USUAL = "default";

  /** As agents come from their makers. */
  private static final SnmpCredentials PUBLIC = new SnmpCredentials.Community("public");

  /** Kept back of a poll's time, so that what came in time is handed over in time. */
  private static final Duration HAND_OVER = Duration.ofMillis(50);

  private static final int HAND_OVER_SHARE = 10;

  private final Map<String, SnmpCredentials> credentials;
  private final Map<SnmpCredentials.User, SnmpSession> users = new HashMap<>();
  private final Map<String, Map<String, String>> incomplete = new ConcurrentHashMap<>();
  private PollingContext context;
  private SnmpSession communities;
  private boolean isClosed;

  private SnmpPollster(Map<String, SnmpCredentials> credentials) {
    this.credentials = credentials;
  }

  /** Makes it with the credentials that stand at {@code credentials}, by their names. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, SnmpPollster::from);
  }

  private static Pollster from(ConfigSection parameters) {
    ConfigSection named = parameters.allow("credentials").section("credentials");
    Map<String, SnmpCredentials> credentials = new TreeMap<>();
    for (String name : named.tree().keySet()) {
      credentials.put(name, SnmpCredentials.from(named.section(name)));
    }
    return new SnmpPollster(credentials);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("snmp");
  }

  @Override
  public PolledTarget target(URI url) {
    SnmpUrl agent = SnmpUrl.of(url);
    String named = agent.credentials();
    if (named != null && !credentials.containsKey(named)) {
      throw new IllegalArgumentException(
          "a URL with credentials that stand at " + CREDENTIALS_PATH + ": " + credentials.keySet());
    }
    return new PolledTarget(NAME, agent.resource(), null, url.toString());
  }

  @Override
  public String host(PolledTarget target) {
    return SnmpUrl.of(URI.create(target.address())).shown();
  }

  @Override
  public void start(PollingContext given) {
    context = given;
  }

  @Override
  public CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    long begun = System.nanoTime();
    SnmpUrl url = SnmpUrl.of(URI.create(target.address()));
    Duration spare = deadline.dividedBy(HAND_OVER_SHARE);
    Duration within = deadline.minus(spare.compareTo(HAND_OVER) < 0 ? spare : HAND_OVER);
    return address(url)
        .thenCompose(
            address -> {
              Duration left = within.minusNanos(System.nanoTime() - begun);
              return read(url, address, left, deadline);
            })
        .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            failure -> {
              throw failure instanceof TimeoutException
                  ? new PollException(SnmpExchange.silence(deadline))
                  : new PollException(PollException.reasonOf(failure));
            });
  }

  /** Names are looked up where waiting is allowed. */
  private CompletableFuture<InetAddress> address(SnmpUrl url) {
    boolean isLiteral = url.host().contains(":") || url.host().matches("[0-9.]+");
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return InetAddress.getByName(url.host());
          } catch (UnknownHostException e) {
            throw new PollException("no address of " + url.host());
          }
        },
        isLiteral ? Runnable::run : context.blocking());
  }

  private CompletionStage<SampleBatch> read(
      SnmpUrl url, InetAddress host, Duration within, Duration deadline) {
    SnmpCredentials shown = credentials(url);
    UdpAddress address = new UdpAddress(host, url.port());
    SnmpExchange exchange = new SnmpExchange(session(shown), shown, address, within, deadline);
    AgentReading reading = new AgentReading(exchange, url);
    return reading
        .read()
        .thenApply(
            done -> {
              Map<String, String> failures = reading.failures();
              SampleBatch samples = reading.samples(context.micros());
              if (samples.isEmpty()) {
                throw new PollException(
                    failures.isEmpty()
                        ? "the agent shows nothing that is read; its views may be too narrow"
                        : failures.values().iterator().next());
              }
              note(url, failures);
              return samples;
            });
  }

  private SnmpCredentials credentials(SnmpUrl url) {
    if (url.community() != null) {
      return new SnmpCredentials.Community(url.community());
    }
    if (url.credentials() == null) {
      return credentials.getOrDefault(USUAL, PUBLIC);
    }
    SnmpCredentials named = credentials.get(url.credentials());
    if (named == null) {
      // It was another node that read the source's configuration.
      throw new PollException("this node has no credentials " + url.credentials());
    }
    return named;
  }

  private synchronized SnmpSession session(SnmpCredentials shown) {
    if (isClosed) {
      throw new PollException("the node stops");
    }
    try {
      if (shown instanceof SnmpCredentials.User user) {
        SnmpSession session = users.get(user);
        if (session == null) {
          session = SnmpSession.of(user);
          users.put(user, session);
        }
        return session;
      }
      if (communities == null) {
        communities = SnmpSession.ofCommunities();
      }
      return communities;
    } catch (IOException e) {
      throw new PollException("no socket: " + PollException.reasonOf(e));
    }
  }

  /** Says once what an agent does not tell, and when it does again. */
  private void note(SnmpUrl url, Map<String, String> failures) {
    if (failures.isEmpty()) {
      if (incomplete.remove(url.resource()) != null) {
        LOG.info("{} is read as a whole again", url.resource());
      }
    } else if (!failures.equals(incomplete.put(url.resource(), failures))) {
      LOG.warn("{} is read in part: {}", url.resource(), failures);
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    users.values().forEach(SnmpSession::close);
    if (communities != null) {
      communities.close();
    }
  }
}
