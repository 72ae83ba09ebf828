package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.path;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.audit.AuditService;
import io.sonde.audit.BrokenLogException;
import io.sonde.audit.ConsistencyProof;
import io.sonde.audit.NoCheckpointException;
import io.sonde.audit.SampleProof;
import io.sonde.model.Timestamps;
import io.sonde.store.ArchiveStore.Extent;
import io.sonde.store.CheckpointStore.Row;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * {@code /v2/audit}: checkpoints of what was recorded, and proofs. For administrators, as they are
 * about all projects.
 */
final class AuditRoutes {
  private final AuditService audit;
  private final int defaultLimit;

  AuditRoutes(AuditService audit, int defaultLimit) {
    this.audit = audit;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "audit",
        () ->
            concat(
                pathPrefix(
                    "checkpoints",
                    () ->
                        concat(
                            pathEndOrSingleSlash(
                                () ->
                                    concat(
                                        get(() -> Endpoint.listing(this::list)),
                                        post(() -> Endpoint.json(this::make)))),
                            path("latest", () -> get(() -> Endpoint.of(this::latest))))),
                path("archive", () -> get(() -> Endpoint.json(this::archive))),
                path("consistency", () -> get(() -> Endpoint.json(this::consistency))),
                pathPrefix(
                    "proof",
                    () ->
                        path(
                            segment(),
                            id -> get(() -> Endpoint.json(request -> prove(request, id)))))));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, Set.of("limit", Marker.ARGUMENT));
    checkCaller(request);
    return new Listing<>(format, AuditRoutes::write)
        .of(request, this::page, Marker.of(arguments), arguments.limit(defaultLimit));
  }

  private CompletionStage<Listing.Page<Row>> page(Marker from, int most) {
    return audit
        .newest(from == null ? Long.MAX_VALUE : from.time(), most + 1)
        .thenApply(
            found -> Listing.Page.of(found, most, row -> new Marker(row.size(), "checkpoint")));
  }

  private CompletionStage<HttpResponse> latest(HttpRequest request) {
    Arguments.of(request, Set.of());
    checkCaller(request);
    return audit
        .newest(Long.MAX_VALUE, 1)
        .thenApply(
            found -> {
              if (found.isEmpty()) {
                throw none();
              }
              return HttpResponse.create().withEntity(found.get(0).note());
            });
  }

  private CompletionStage<HttpResponse> make(HttpRequest request) {
    Arguments.of(request, Set.of());
    checkCaller(request);
    return orConflict(
        audit.checkpoint(),
        taken -> {
          if (taken.row() == null) {
            throw none();
          }
          return JsonAnswer.of(
              taken.isNew() ? StatusCodes.CREATED : StatusCodes.OK,
              taken.row(),
              AuditRoutes::write);
        });
  }

  private CompletionStage<HttpResponse> archive(HttpRequest request) {
    Arguments.of(request, Set.of());
    checkCaller(request);
    return audit
        .archived()
        .thenApply(
            extents ->
                JsonAnswer.of(
                    extents,
                    (all, out) -> {
                      out.writeStartArray();
                      for (Extent extent : all) {
                        writeExtent(extent, out);
                      }
                      out.writeEndArray();
                    }));
  }

  private CompletionStage<HttpResponse> consistency(HttpRequest request) {
    Arguments arguments = Arguments.of(request, Set.of("from", "to"));
    checkCaller(request);
    long from = size(arguments, "from");
    long to = size(arguments, "to");
    if (from > to) {
      throw ApiException.invalidInput(
          "from", Long.toString(from), "a size of at most " + to + " is expected, which is to");
    }
    return orConflict(
        audit.consistency(from, to),
        proof ->
            answer(
                proof
                    .map(ConsistencyProof::json)
                    .orElseThrow(
                        () ->
                            new ApiException(
                                StatusCodes.NOT_FOUND,
                                "The log has less than " + to + " events"))));
  }

  private static long size(Arguments arguments, String name) {
    long size = arguments.number(name, -1);
    if (size < 0) {
      throw ApiException.invalidInput(
          name, String.valueOf(arguments.one(name)), "a number of events is expected");
    }
    return size;
  }

  private CompletionStage<HttpResponse> prove(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    checkCaller(request);
    return orConflict(
        audit.prove(id),
        proof ->
            answer(
                proof
                    .map(SampleProof::json)
                    .orElseThrow(
                        () ->
                            new ApiException(
                                StatusCodes.NOT_FOUND,
                                "Sample " + ApiException.shown(id) + " Not Found"))));
  }

  /** The state of the log is in the way: that there is no checkpoint yet, or that it is damaged. */
  private static <T> CompletionStage<HttpResponse> orConflict(
      CompletionStage<T> work, Function<T, HttpResponse> answer) {
    return work.handle(
        (result, failure) -> {
          if (failure == null) {
            return answer.apply(result);
          }
          Throwable cause =
              failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
          if (cause instanceof NoCheckpointException || cause instanceof BrokenLogException) {
            throw new ApiException(StatusCodes.CONFLICT, cause.getMessage());
          }
          throw new CompletionException(cause);
        });
  }

  private static ApiException none() {
    return new ApiException(StatusCodes.NOT_FOUND, "There is no checkpoint yet");
  }

  private static HttpResponse answer(ObjectNode json) {
    return JsonAnswer.of(json, (tree, out) -> out.writeRaw(tree.toString()));
  }

  private static void checkCaller(HttpRequest request) {
    if (Caller.of(request).onlyProject() != null) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED, "Not Authorized: the audit is the administrators'");
    }
  }

  private static void writeExtent(Extent extent, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("journal", extent.persistenceId());
    out.writeNumberField("last_event", extent.last());
    out.writeNumberField("files", extent.files());
    out.writeNumberField("file_bytes", extent.fileBytes());
    out.writeNumberField("event_bytes", extent.eventBytes());
    out.writeStringField("archived_at", Timestamps.format(extent.archived() * 1_000));
    out.writeEndObject();
  }

  private static void write(Row row, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("size", row.size());
    out.writeBinaryField("root", row.root());
    out.writeStringField(
        "made_at", Timestamps.format(ChronoUnit.MICROS.between(Instant.EPOCH, row.made())));
    out.writeStringField("note", row.note());
    out.writeEndObject();
  }
}
