package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.model.Metadata;
import io.sonde.model.NameFilter;
import io.sonde.model.SampleBatch;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import io.sonde.polling.PolledTarget;
import io.sonde.polling.Search;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * Swift's accounts, one a project: found by Keystone's projects, and asked one by one. An address
 * is the account's URL after {@code HEAD} where only its totals are wanted, {@code GET} where its
 * containers are too.
 */
final class Swift implements Discovery {
  private static final List<String> TOTALS =
      List.of("storage.objects", "storage.size", "storage.containers");
  private static final List<String> OF_CONTAINERS =
      List.of("storage.containers.objects", "storage.containers.size");

  /** All projects of all domains; those that are domains are not among them. */
  private static final Listing PROJECTS =
      new Listing(
          "identity", "v3", List.of(new Listing.Question("/projects", "projects", Map.of())));

  private final OpenStackPollster pollster;
  private final String prefix;

  /**
   * @param prefix what the name of an account begins with; the project's id follows
   */
  Swift(OpenStackPollster pollster, String prefix) {
    this.pollster = pollster;
    this.prefix = prefix;
  }

  @Override
  public String name() {
    return "swift";
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public CompletionStage<Findings> find(Search search) {
    NameFilter wanted = search.meters();
    if (Stream.concat(TOTALS.stream(), OF_CONTAINERS.stream()).noneMatch(wanted::matches)) {
      return CompletableFuture.completedFuture(Findings.of(List.of()));
    }
    String method = OF_CONTAINERS.stream().anyMatch(wanted::matches) ? "GET" : "HEAD";
    Limit limit = Limit.of(search.deadline());
    return pollster
        .session()
        .endpoints("object-store", limit)
        .thenCompose(
            endpoints -> {
              if (endpoints.isEmpty()) {
                throw new PollException("the catalog has no endpoint of object-store");
              }
              String accounts = accounts(endpoints.get(0));
              return pollster
                  .look(limit, project -> account(project.text("id"), method, accounts))
                  .at(List.of(PROJECTS));
            });
  }

  private Found account(String project, String method, String accounts) {
    String url = accounts + prefix + URLEncoder.encode(project, StandardCharsets.UTF_8);
    return Found.of(new PolledTarget(OpenStackPollster.NAME, project, null, method + " " + url));
  }

  /** Where accounts are: the endpoint is that of the account of our own project. */
  private static String accounts(URI endpoint) {
    URI versioned = URI.create(Endpoints.versioned(endpoint, "v1"));
    String path = versioned.getRawPath().replaceAll("(/v1(\\.0)?)(/.*)?$", "$1/");
    return versioned.resolve(path).toString();
  }

  /** Whether a target is one of ours. */
  static boolean isAccount(PolledTarget target) {
    return target.address().startsWith("HEAD ") || target.address().startsWith("GET ");
  }

  /** Where an account is. */
  static URI url(PolledTarget target) {
    return URI.create(target.address().substring(target.address().indexOf(' ') + 1));
  }

  /** Reads an account; a project that never used Swift has none, which is no failure. */
  CompletionStage<SampleBatch> poll(PolledTarget target, Duration deadline) {
    URI account = url(target);
    if (target.address().startsWith("HEAD ")) {
      return pollster
          .session()
          .head(account, Map.of(), deadline)
          .thenApply(
              answer ->
                  answer.status() == 404
                      ? SampleBatch.EMPTY
                      : totals(target.resourceId(), answer).build());
    }
    Limit limit = Limit.of(deadline);
    return page(account, "", limit)
        .thenCompose(
            answer ->
                answer.status() == 404
                    ? CompletableFuture.completedFuture(SampleBatch.EMPTY)
                    : containers(
                        account,
                        answer,
                        target.resourceId(),
                        totals(target.resourceId(), answer),
                        limit));
  }

  private PolledSamples totals(String project, Answer answer) {
    answer.orFail();
    return new PolledSamples("openstack", pollster.context().micros())
        .of(project, project, null, Metadata.EMPTY)
        .gauge("storage.objects", "object", count(answer, "X-Account-Object-Count"))
        .gauge("storage.size", "B", count(answer, "X-Account-Bytes-Used"))
        .gauge("storage.containers", "container", count(answer, "X-Account-Container-Count"));
  }

  private static Number count(Answer answer, String header) {
    try {
      return Long.parseLong(answer.header(header).orElse(""));
    } catch (NumberFormatException e) {
      throw new PollException(answer + ": no count in the header " + header);
    }
  }

  private CompletionStage<Answer> page(URI account, String marker, Limit limit) {
    String query = "?format=json&limit=" + pollster.pageSize();
    if (!marker.isEmpty()) {
      query += "&marker=" + URLEncoder.encode(marker, StandardCharsets.UTF_8).replace("+", "%20");
    }
    return pollster.session().get(URI.create(account + query), Map.of(), limit);
  }

  private CompletionStage<SampleBatch> containers(
      URI account, Answer answer, String project, PolledSamples samples, Limit limit) {
    answer.orFail();
    // An account without containers has no content in older versions.
    JsonNode containers = answer.body().length == 0 ? Json.NONE : answer.json();
    if (!containers.isArray()) {
      throw new PollException(answer + ": no list of containers");
    }
    String last = "";
    for (JsonNode container : containers) {
      last = container.path("name").asText(last);
      add(container, project, samples);
    }
    if (containers.size() < pollster.pageSize()) {
      return CompletableFuture.completedFuture(samples.build());
    }
    String marker = last;
    return page(account, marker, limit)
        .thenCompose(
            next -> {
              if (next.url().equals(answer.url())) {
                throw new PollException(answer + ": its pages go round in a circle");
              }
              return containers(account, next, project, samples, limit);
            });
  }

  private void add(JsonNode node, String project, PolledSamples samples) {
    try {
      Entry container = Entry.of(node);
      String id = project + "/" + container.text("name");
      Number objects = container.number("count");
      Number size = container.number("bytes");
      samples
          .of(id, project, null, Metadata.of(container.fields("storage_policy")))
          .gauge("storage.containers.objects", "object", objects)
          .gauge("storage.containers.size", "B", size);
    } catch (PollException | IllegalArgumentException e) {
      pollster.context().leftOut().accept(1);
    }
  }
}
