package io.sonde.dynamic;

import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.openstack.CloudSession;
import io.sonde.openstack.CloudSettings;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.PollException;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.PollsterFactory;
import io.sonde.polling.Search;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Polls what operators define. Whatever a listing says is read while resources are looked for, so
 * there is nothing to be read of them by themselves.
 */
public final class DynamicPollster implements Pollster {
  static final String NAME = "dynamic";

  /** Finds what commands say that are run on each host. */
  private static final String LOCAL = "dynamic-local";

  /** Definitions that are asked at a time, and links that are followed at a time. */
  private static final int THREADS = 16;

  private final Map<String, PollsterDefinition> definitions;
  private final CloudSettings cloud;
  private final boolean hasCloud;
  private PollingContext context;
  private Transport transport;
  private Links links;
  private ThreadPoolExecutor listing;
  private ThreadPoolExecutor linking;

  private DynamicPollster(
      Map<String, PollsterDefinition> definitions, CloudSettings cloud, boolean hasCloud) {
    this.definitions = definitions;
    this.cloud = cloud;
    this.hasCloud = hasCloud;
  }

  /** Makes it of {@code definitions}, {@code allow-commands} and {@code cloud}. */
  public static PollsterFactory factory() {
    return PollsterFactory.of(NAME, DynamicPollster::from);
  }

  private static DynamicPollster from(ConfigSection parameters) {
    parameters.allow("definitions", "shared", "allow-commands", "cloud");
    boolean allowsCommands = parameters.flag("allow-commands", false);
    Map<String, PollsterDefinition> definitions = new LinkedHashMap<>();
    if (parameters.has("definitions")) {
      for (ConfigSection section : parameters.sections("definitions", "a list of definitions")) {
        try {
          PollsterDefinition definition = PollsterDefinition.from(section, allowsCommands);
          // A later one replaces what is shipped.
          definitions.put(definition.title(), definition);
        } catch (ConfigException e) {
          throw e.at(section.place());
        }
      }
    }
    ConfigSection cloud = parameters.section("cloud");
    return new DynamicPollster(
        definitions,
        CloudSettings.from(cloud),
        cloud.text("auth-url").filter(url -> !url.isBlank()).isPresent());
  }

  @Override
  public void start(PollingContext given) {
    context = given;
    transport = new Transport(new CloudSession(cloud, given), given);
    links = new Links(transport);
    listing = threads("dynamic-listing");
    linking = threads("dynamic-linking");
  }

  private static ThreadPoolExecutor threads(String name) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  @Override
  public void close() {
    if (listing != null) {
      listing.shutdownNow();
      linking.shutdownNow();
    }
  }

  @Override
  public List<Discovery> discoveries() {
    return List.of(new Defined(NAME, false), new Defined(LOCAL, true));
  }

  /** All definitions that are asked in one way, or the one that is named behind a colon. */
  private final class Defined implements Discovery {
    private final String name;
    private final boolean isLocal;

    Defined(String name, boolean isLocal) {
      this.name = name;
      this.isLocal = isLocal;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean isLocal() {
      return isLocal;
    }

    @Override
    public CompletionStage<Findings> find(Search search) {
      String wanted = search.parameter();
      if (!wanted.isEmpty() && !definitions.containsKey(wanted)) {
        return CompletableFuture.failedFuture(
            new PollException(name + ":" + wanted + ": there is no definition of that name"));
      }
      FoundResources found = new FoundResources(NAME, isLocal ? context.host() : null);
      // Something is left of the time, so that what was found by then is not lost.
      Deadline deadline = Deadline.in(part(search.deadline(), 85));
      Map<Listing, CompletableFuture<Void>> runs = new LinkedHashMap<>();
      for (List<PollsterDefinition> group : groups(chosen(search), found)) {
        Listing each =
            new Listing(
                group, transport, links, linking, context, search.meters(), deadline, found);
        runs.put(each, CompletableFuture.runAsync(each::run, listing));
      }
      return CompletableFuture.allOf(runs.values().toArray(CompletableFuture[]::new))
          .completeOnTimeout(null, part(search.deadline(), 95).toMillis(), TimeUnit.MILLISECONDS)
          .handle(
              (all, failure) -> {
                runs.forEach(
                    (each, run) -> {
                      if (!run.isDone()) {
                        found.failed(each.title(), "not done in time");
                      } else if (run.isCompletedExceptionally()) {
                        // An error of one, such as of a stack that is too small.
                        found.failed(each.title(), "it cannot be done");
                      }
                    });
                return found.findings();
              });
    }

    private static Duration part(Duration time, int percent) {
      return time.multipliedBy(percent).dividedBy(100);
    }

    private List<PollsterDefinition> chosen(Search search) {
      String wanted = search.parameter();
      return definitions.values().stream()
          .filter(each -> wanted.isEmpty() || each.title().equals(wanted))
          .filter(each -> each.question().isLocal() == isLocal)
          .filter(each -> each.mayPass(search.meters()))
          .toList();
    }

    /** Those with one question together; without those that there is no cloud for. */
    private Collection<List<PollsterDefinition>> groups(
        List<PollsterDefinition> chosen, FoundResources found) {
      List<PollsterDefinition> asked = new ArrayList<>(chosen);
      if (!hasCloud && asked.removeIf(each -> each.question().endpointType() != null)) {
        String why = "no cloud is configured: definitions with an endpoint-type are skipped";
        if (asked.isEmpty()) {
          found.failed(NAME, why);
        } else {
          found.remark(why);
        }
      }
      return asked.stream()
          .collect(
              Collectors.groupingBy(
                  PollsterDefinition::question, LinkedHashMap::new, Collectors.toList()))
          .values();
    }
  }
}
