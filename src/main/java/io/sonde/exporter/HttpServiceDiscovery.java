package io.sonde.exporter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.polling.Discovery;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.Search;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/**
 * Asks a URL, the discovery's parameter, for exporters, in the JSON of Prometheus' HTTP service
 * discovery: {@code [{"targets": ["host:port", …], "labels": {…}}, …]}. The labels {@code
 * __scheme__} and {@code __metrics_path__} say where an exporter is read; those that begin with two
 * underscores else are left out; all others become metadata of its samples.
 *
 * @see <a href="https://prometheus.io/docs/prometheus/latest/http_sd/">its description</a>
 */
final class HttpServiceDiscovery implements Discovery {
  private static final String NAME = "http-sd";
  private static final String HIDDEN = "__";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Its HTTP client and its bound of an answer are there when the node has started. */
  interface Asking {
    HttpClient client();

    int maxBody();
  }

  private final Asking asking;

  HttpServiceDiscovery(Asking asking) {
    this.asking = asking;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public CompletionStage<Findings> find(Search search) {
    URI url = url(search.parameter());
    return new HttpGet(url, "application/json", asking.maxBody(), search.deadline())
        .send(asking.client(), answer -> findings(answer.body()));
  }

  private static URI url(String parameter) {
    try {
      URI url = new URI(parameter);
      if (url.getHost() != null && url.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    // What holds an @ may hold a password.
    String found = parameter.contains("@") ? "" : ", not " + NAME + ":" + parameter;
    throw new PollException(
        "expected " + NAME + ":http://HOST/PATH without user and password" + found);
  }

  private static Findings findings(byte[] body) {
    JsonNode groups;
    try {
      groups = JSON.readTree(new String(body, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new PollException("answered with what is no JSON");
    }
    if (!groups.isArray()) {
      throw new PollException("answered with what is no list of groups");
    }
    List<Found> found = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (JsonNode group : groups) {
      Map<String, String> labels = new TreeMap<>();
      group.path("labels").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
      for (JsonNode target : group.path("targets")) {
        add(target.asText(), labels, found, remarks);
      }
    }
    // What is not understood may be one of those that are missed.
    return new Findings(found, remarks.isEmpty(), remarks);
  }

  private static void add(
      String target, Map<String, String> labels, List<Found> found, List<String> remarks) {
    String scheme = labels.getOrDefault("__scheme__", "http");
    String path = labels.getOrDefault("__metrics_path__", "/metrics");
    Map<String, String> shown = new TreeMap<>(labels);
    shown.keySet().removeIf(label -> label.startsWith(HIDDEN));
    try {
      URI url = new URI(scheme + "://" + target + path);
      found.add(Found.of(PrometheusTargets.target(url, shown)));
    } catch (URISyntaxException | IllegalArgumentException e) {
      int user = target.lastIndexOf('@');
      String plain = user < 0 ? target : "…" + target.substring(user);
      remarks.add("the target " + plain + " is not host:port");
    }
  }
}
