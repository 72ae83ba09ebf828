package io.sonde.http;

import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;

import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** {@code /v2/capabilities}: what this server can do, in the names that Ceilometer gives it. */
final class Capabilities {
  private static final List<String> API =
      List.of(
          "meters:query:simple",
          "meters:query:metadata",
          "resources:query:simple",
          "resources:query:metadata",
          "samples:query:simple",
          "samples:query:metadata",
          "samples:query:complex",
          "statistics:groupby",
          "statistics:query:simple",
          "statistics:query:metadata",
          "statistics:aggregation:standard",
          "statistics:aggregation:selectable:count",
          "statistics:aggregation:selectable:min",
          "statistics:aggregation:selectable:max",
          "statistics:aggregation:selectable:avg",
          "statistics:aggregation:selectable:sum",
          "statistics:aggregation:selectable:stddev",
          "statistics:aggregation:selectable:cardinality",
          "events:query:simple");

  private static final List<String> STORAGE = List.of("storage:production_ready");

  private Capabilities() {}

  static Route route() {
    return pathPrefix(
        "capabilities",
        () ->
            pathEndOrSingleSlash(
                () ->
                    get(
                        () ->
                            Endpoint.json(
                                request -> {
                                  Arguments.of(request, Set.of());
                                  return CompletableFuture.completedFuture(
                                      JsonAnswer.of(API, Capabilities::write));
                                }))));
  }

  private static void write(List<String> api, JsonGenerator out) throws IOException {
    out.writeStartObject();
    write("api", api, out);
    write("storage", STORAGE, out);
    write("event_storage", STORAGE, out);
    out.writeEndObject();
  }

  private static void write(String part, List<String> names, JsonGenerator out) throws IOException {
    out.writeObjectFieldStart(part);
    for (String name : names) {
      out.writeBooleanField(name, true);
    }
    out.writeEndObject();
  }
}
