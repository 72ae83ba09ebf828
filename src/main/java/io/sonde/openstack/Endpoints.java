package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The endpoints that a catalog has for one region and interface.
 *
 * @param all in the catalog's order
 */
record Endpoints(List<Endpoint> all) {
  record Endpoint(String serviceType, URI url) {}

  /** The names that one type of service goes by: what is best spoken to comes first. */
  private static final List<List<String>> SAME =
      List.of(
          List.of("block-storage", "volumev3", "block-store", "volume", "volumev2"),
          List.of("shared-file-system", "sharev2", "share"),
          List.of("baremetal", "bare-metal"),
          List.of("container-infrastructure-management", "container-infra"),
          List.of("workflow", "workflowv2"),
          List.of("message", "messaging"),
          List.of("alarm", "alarming"),
          List.of("metric", "metrics"));

  private static final Pattern VERSION = Pattern.compile(".*/v[0-9][0-9.]*(/.*)?");

  /**
   * Reads the catalog of a version 3 token. What is no endpoint is passed over.
   *
   * @param region or null for all of them
   */
  static Endpoints of(JsonNode catalog, String region, String endpointInterface) {
    List<Endpoint> all = new ArrayList<>();
    for (JsonNode service : catalog) {
      for (JsonNode endpoint : service.path("endpoints")) {
        // Keystone before Newton gave "region" alone.
        String at = endpoint.path("region_id").asText(endpoint.path("region").asText());
        boolean isOurs =
            endpoint.path("interface").asText().equals(endpointInterface)
                && (region == null || region.equals(at));
        URI url = isOurs ? http(endpoint.path("url").asText()) : null;
        if (url != null) {
          all.add(new Endpoint(service.path("type").asText(), url));
        }
      }
    }
    return new Endpoints(all);
  }

  /** Those of a type of service, or else of the best other name of it that the catalog has. */
  List<URI> of(String serviceType) {
    List<String> names = new ArrayList<>(List.of(serviceType));
    SAME.stream().filter(group -> group.contains(serviceType)).forEach(names::addAll);
    for (String name : names) {
      List<URI> urls =
          all.stream()
              .filter(endpoint -> endpoint.serviceType().equals(name))
              .map(Endpoint::url)
              .toList();
      if (!urls.isEmpty()) {
        return urls;
      }
    }
    return List.of();
  }

  /** An endpoint's URL without a slash at its end, and with a version where it has none. */
  static String versioned(URI endpoint, String version) {
    String url = endpoint.toString().replaceAll("/+$", "");
    return VERSION.matcher(endpoint.getRawPath()).matches() ? url : url + "/" + version;
  }

  private static URI http(String text) {
    try {
      URI url = new URI(text);
      return url.getHost() != null && text.startsWith("http") ? url : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
