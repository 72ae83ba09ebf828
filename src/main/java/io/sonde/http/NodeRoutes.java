package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import akka.util.ByteString;
import com.fasterxml.jackson.core.JsonGenerator;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** About the node itself: its versions, its health, its metrics, and what can be asked of it. */
final class NodeRoutes {
  private static final ExpositionFormats FORMATS = ExpositionFormats.init();

  private final Supplier<String> unready;

  /** Takes what says why the node is not ready, or null when it is. */
  NodeRoutes(Supplier<String> unready) {
    this.unready = unready;
  }

  Route route() {
    return concat(
        pathEndOrSingleSlash(() -> get(() -> Endpoint.json(NodeRoutes::versions))),
        pathPrefix(
            "health",
            () ->
                concat(
                    pathPrefix("live", () -> end(request -> now(NodeRoutes.text("ok\n")))),
                    pathPrefix("ready", () -> end(this::ready)))),
        pathPrefix("metrics", () -> end(NodeRoutes::metrics)),
        pathPrefix(
            "openapi.json", () -> end(file("/openapi.json", ListingFormat.JSON.contentType()))),
        pathPrefix("docs", () -> end(file("/docs.html", ContentTypes.TEXT_HTML_UTF8))));
  }

  /** A file that is shipped with the program. */
  private static Endpoint.Handler file(String name, ContentType type) {
    byte[] bytes;
    try (InputStream in = NodeRoutes.class.getResourceAsStream(name)) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + name, e);
    }
    HttpResponse response = HttpResponse.create().withEntity(type, bytes);
    return request -> now(response);
  }

  /** Scheme, host and port by which the client came, e.g. {@code http://127.0.0.1:8777}. */
  static String host(HttpRequest request) {
    return request.getUri().scheme()
        + "://"
        + request
            .getHeader("Host")
            .map(HttpHeader::value)
            .orElseGet(() -> request.getUri().asScala().authority().toString());
  }

  private static Route end(Endpoint.Handler handler) {
    return pathEndOrSingleSlash(() -> get(() -> Endpoint.of(handler)));
  }

  private CompletionStage<HttpResponse> ready(HttpRequest request) {
    String reason = unready.get();
    return now(
        reason == null ? text("ok\n") : JsonAnswer.error(StatusCodes.SERVICE_UNAVAILABLE, reason));
  }

  private static CompletionStage<HttpResponse> metrics(HttpRequest request) {
    ExpositionFormatWriter writer =
        FORMATS.findWriter(request.getHeader("Accept").map(HttpHeader::value).orElse(null));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    try {
      writer.write(bytes, PrometheusRegistry.defaultRegistry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return now(
        HttpResponse.create()
            .withEntity(
                HttpEntities.create(
                    ContentTypes.parse(writer.getContentType()),
                    ByteString.fromArrayUnsafe(bytes.toByteArray()))));
  }

  private static CompletionStage<HttpResponse> versions(HttpRequest request) {
    return now(JsonAnswer.of(host(request), NodeRoutes::writeVersions));
  }

  private static void writeVersions(String host, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeObjectFieldStart("versions");
    out.writeArrayFieldStart("values");
    out.writeStartObject();
    out.writeStringField("id", "v2");
    out.writeStringField("status", "stable");
    out.writeStringField("updated", "2013-02-13T00:00:00Z");
    out.writeArrayFieldStart("links");
    out.writeStartObject();
    out.writeStringField("href", host + "/v2");
    out.writeStringField("rel", "self");
    out.writeEndObject();
    out.writeEndArray();
    out.writeArrayFieldStart("media-types");
    out.writeStartObject();
    out.writeStringField("base", "application/json");
    out.writeStringField("type", "application/vnd.openstack.telemetry-v2+json");
    out.writeEndObject();
    out.writeEndArray();
    out.writeEndObject();
    out.writeEndArray();
    out.writeEndObject();
    out.writeEndObject();
  }

  static HttpResponse text(String text) {
    return HttpResponse.create().withEntity(HttpEntities.create(text));
  }

  private static CompletionStage<HttpResponse> now(HttpResponse response) {
    return CompletableFuture.completedFuture(response);
  }
}
