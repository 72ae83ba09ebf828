package io.sonde.openstack;

import java.util.List;
import java.util.Map;

/**
 * What a service lists.
 *
 * @param service type of the service, by which the catalog knows it
 * @param version of its API, where the endpoint's URL has none
 * @param questions ways to ask for it, best first: the next one is tried where the service does not
 *     know the path (404) or the version (406)
 */
record Listing(String service, String version, List<Question> questions) {
  Listing {
    questions = List.copyOf(questions);
  }

  /**
   * One way to ask.
   *
   * @param path after the endpoint, with the query; {@code {limit}} stands for the entries of a
   *     page, where the service has pages
   * @param key the list in the answer
   */
  record Question(String path, String key, Map<String, String> headers) {}
}
