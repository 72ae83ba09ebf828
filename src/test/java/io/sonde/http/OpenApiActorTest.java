package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the OpenAPI document says of the routes is true. */
class OpenApiActorTest {
  private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");

  private static final Pattern ENDPOINT = Pattern.compile("`(GET|POST|DELETE) ([^`]+)`");

  private static ApiServer server;
  private static JsonNode document;

  @BeforeAll
  static void start() throws Exception {
    server = new ApiServer();
    try (InputStream in = OpenApiActorTest.class.getResourceAsStream("/openapi.json")) {
      document = new ObjectMapper().readTree(in);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void isServed() throws Exception {
    HttpResponse<String> answer = server.get("/openapi.json");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(new ObjectMapper().readTree(answer.body())).isEqualTo(document);
    assertThat(server.get("/docs").body()).contains("openapi.json");
  }

  @Test
  void itsPathsTakeItsMethodsAndNoOthers() throws Exception {
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (String method : METHODS) {
        JsonNode operation = path.getValue().get(method.toLowerCase(Locale.ROOT));
        int status = send(method, path(path.getKey(), path.getValue())).statusCode();
        if (operation == null) {
          assertThat(status).as("%s %s", method, path.getKey()).isEqualTo(405);
        } else {
          assertThat(status).as("%s %s", method, path.getKey()).isNotEqualTo(405);
          // There is no database for events, notifications, periods and audit here.
          if (path.getKey().matches("/v2/(event|notification|period|audit|.*/intervals).*")
              && status == 500) {
            continue;
          }
          assertThat(operation.get("responses").properties().stream().map(Map.Entry::getKey))
              .as("%s %s", method, path.getKey())
              .contains(Integer.toString(status));
        }
      }
    }
  }

  @Test
  void itsArgumentsAreKnownAndNoOthers() throws Exception {
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      JsonNode get = path.getValue().get("get");
      if (get == null || !path.getKey().startsWith("/v2/")) {
        continue;
      }
      for (JsonNode each : get.path("parameters")) {
        JsonNode parameter = resolve(each);
        if (parameter.get("in").asText().equals("query")) {
          String name = parameter.get("name").asText();
          String answer =
              server.get(path(path.getKey(), path.getValue()) + "?" + name + "=1").body();
          assertThat(answer)
              .as("%s of %s", name, path.getKey())
              .doesNotContain("Unknown argument: \\\"" + name + "\\\"");
        }
      }
      String unknown = server.get(path(path.getKey(), path.getValue()) + "?nonsense=1").body();
      assertThat(unknown).as(path.getKey()).contains("Unknown argument: \\\"nonsense\\\"");
    }
  }

  /** An argument that a route takes but the document does not tell of is one of another route. */
  @Test
  void argumentsOfOtherPathsAreUnknownWhereTheyAreNotTold() throws Exception {
    Set<String> all = new TreeSet<>();
    document.get("paths").forEach(path -> path.forEach(each -> all.addAll(arguments(each))));
    assertThat(all).contains("explain", "limit", "marker", "q.field");
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (String method : List.of("GET", "POST")) {
        JsonNode operation = path.getValue().get(method.toLowerCase(Locale.ROOT));
        if (operation == null || !path.getKey().startsWith("/v2/")) {
          continue;
        }
        Set<String> others = new TreeSet<>(all);
        others.removeAll(arguments(operation));
        String query = others.stream().map(name -> name + "=1").collect(Collectors.joining("&"));
        assertThat(send(method, path(path.getKey(), path.getValue()) + "?" + query).body())
            .as("%s %s", method, path.getKey())
            .contains("Unknown argument: \\\"" + String.join(", ", others).substring(0, 50));
      }
    }
  }

  @Test
  void whatHasALinkTakesAMarker() {
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (JsonNode operation : path.getValue()) {
        assertThat(arguments(operation).contains("marker"))
            .as(path.getKey())
            .isEqualTo(operation.at("/responses/200/headers/Link").isObject());
      }
    }
  }

  @Test
  void theTableOfTheDocsHasTheSameEndpoints() throws Exception {
    Set<String> told = new TreeSet<>();
    String path = "";
    for (String line : Files.readAllLines(Path.of("docs/api.md"))) {
      Matcher endpoint =
          ENDPOINT.matcher(line.startsWith("| `") ? line.substring(0, line.indexOf(" | ")) : "");
      while (endpoint.find()) {
        path = endpoint.group(2).equals("…") ? path : endpoint.group(2);
        told.add(endpoint.group(1) + " " + path.replaceAll("/[A-Z]+", "/*"));
      }
    }
    Set<String> documented = new TreeSet<>();
    for (Map.Entry<String, JsonNode> each : document.get("paths").properties()) {
      each.getValue()
          .fieldNames()
          .forEachRemaining(
              method ->
                  documented.add(
                      method.toUpperCase(Locale.ROOT)
                          + " "
                          + each.getKey().replaceAll("\\{[^}]*}", "*")));
    }
    assertThat(told).isEqualTo(documented);
  }

  @Test
  void itsReferencesExist() {
    List<String> references = new ArrayList<>();
    document.findValuesAsText("$ref", references);
    assertThat(references).isNotEmpty();
    for (String reference : Set.copyOf(references)) {
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  private static HttpResponse<String> send(String method, String path) throws Exception {
    return server.send(
        server
            .request(path)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build());
  }

  /** The names of an operation's arguments. */
  private static Set<String> arguments(JsonNode operation) {
    Set<String> names = new TreeSet<>();
    for (JsonNode each : operation.path("parameters")) {
      JsonNode parameter = resolve(each);
      if (parameter.get("in").asText().equals("query")) {
        names.add(parameter.get("name").asText());
      }
    }
    return names;
  }

  private static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  /** With an example in place of each part that varies. */
  private static String path(String template, JsonNode methods) {
    String path = template;
    for (JsonNode operation : methods) {
      for (JsonNode parameter : operation.path("parameters")) {
        if (parameter.path("in").asText().equals("path")) {
          path =
              path.replace(
                  "{" + parameter.get("name").asText() + "}",
                  URLEncoder.encode(parameter.get("example").asText(), StandardCharsets.UTF_8));
        }
      }
    }
    return path;
  }
}
