package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sonde.model.ConfigException;
import io.sonde.pipeline.LivePipelines;
import io.sonde.pipeline.PipelineSettings;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** {@code /v2/pipelines}: what is in force on this node, and the word to read it anew. */
final class PipelineRoutes {
  private final LivePipelines pipelines;
  private final Executor blocking;

  PipelineRoutes(LivePipelines pipelines, Executor blocking) {
    this.pipelines = pipelines;
    this.blocking = blocking;
  }

  Route route() {
    return pathPrefix(
        "pipelines",
        () ->
            concat(
                pathEndOrSingleSlash(() -> get(() -> Endpoint.json(this::show))),
                path("reload", () -> post(() -> Endpoint.json(this::reload)))));
  }

  private CompletionStage<HttpResponse> show(HttpRequest request) {
    check(request);
    return CompletableFuture.completedFuture(JsonAnswer.of(pipelines.get(), PipelineRoutes::write));
  }

  private CompletionStage<HttpResponse> reload(HttpRequest request) {
    check(request);
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return JsonAnswer.of(pipelines.reload(), PipelineRoutes::write);
          } catch (ConfigException e) {
            throw new ApiException(
                StatusCodes.BAD_REQUEST, e.getMessage() + ". The former pipelines stay in force.");
          }
        },
        blocking);
  }

  private static void check(HttpRequest request) {
    Arguments.of(request, Set.of());
    if (Caller.of(request).onlyProject() != null) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED, "Not Authorized: pipelines are the administrators'");
    }
  }

  private static void write(PipelineSettings settings, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("version", settings.version());
    out.writeFieldName("definitions");
    out.writeRawValue(settings.definitions());
    out.writeEndObject();
  }
}
