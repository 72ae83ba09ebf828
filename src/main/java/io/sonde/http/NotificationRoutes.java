package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.delete;
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
import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.definition.Converted;
import io.sonde.definition.Notification;
import io.sonde.definition.NotificationException;
import io.sonde.model.Receipt;
import io.sonde.model.Timestamps;
import io.sonde.model.UnavailableException;
import io.sonde.notification.Notifications;
import io.sonde.store.DeadLetterStore.Letter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * {@code /v2/notifications}: what services tell, handed in over HTTP; and the dead letters, of
 * which nothing could be made. For administrators, as both are about all projects.
 */
final class NotificationRoutes {
  /** More could not be stored within the time that a request may take. */
  static final int MAX_NOTIFICATIONS = 5_000;

  private final BodyReader bodies;
  private final Notifications notifications;
  private final int defaultLimit;

  NotificationRoutes(BodyReader bodies, Notifications notifications, int defaultLimit) {
    this.bodies = bodies;
    this.notifications = notifications;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return pathPrefix(
        "notifications",
        () ->
            concat(
                pathEndOrSingleSlash(() -> post(() -> Endpoint.json(this::push))),
                pathPrefix(
                    "dead",
                    () ->
                        concat(
                            pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(this::list))),
                            pathPrefix(segment(), this::letter)))));
  }

  private Route letter(String id) {
    return concat(
        pathEndOrSingleSlash(
            () ->
                concat(
                    get(() -> Endpoint.json(request -> show(request, id))),
                    delete(() -> Endpoint.json(request -> forget(request, id))))),
        path("retry", () -> post(() -> Endpoint.json(request -> retry(request, id)))));
  }

  private CompletionStage<HttpResponse> push(HttpRequest request) {
    try {
      Arguments.of(request, Set.of());
      checkCaller(request);
      SampleIntake.checkType(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    return bodies.read(
        request,
        body -> {
          List<Converted> converted = parse(body);
          return notifications.submit(converted).thenApply(NotificationRoutes::answer);
        });
  }

  /** One notification or an array of them, validated as a whole. */
  private List<Converted> parse(byte[] body) {
    JsonNode tree;
    try {
      tree = Notification.read(SampleParser.withoutMark(body));
    } catch (NotificationException e) {
      throw ApiException.badRequest(e.getMessage());
    }
    List<Converted> converted = new ArrayList<>();
    if (!tree.isArray()) {
      converted.add(convert(tree, ""));
      return converted;
    }
    if (tree.size() > MAX_NOTIFICATIONS) {
      throw new ApiException(
          StatusCodes.CONTENT_TOO_LARGE,
          "A push holds at most " + MAX_NOTIFICATIONS + " notifications: send several.");
    }
    for (int i = 0; i < tree.size(); i++) {
      converted.add(convert(tree.get(i), "notifications[" + i + "]: "));
    }
    return converted;
  }

  private Converted convert(JsonNode tree, String place) {
    try {
      return notifications.convert(Notification.of(tree));
    } catch (NotificationException e) {
      throw ApiException.badRequest(place + e.getMessage());
    }
  }

  /** A push of nothing but what is too old is an error; the rest is taken without it. */
  private static HttpResponse answer(Receipt receipt) {
    return SampleIntake.withReceipt(
        receipt.refused() > 0 && receipt.accepted() + receipt.duplicate() == 0
            ? JsonAnswer.error(StatusCodes.BAD_REQUEST, receipt.refusal())
            : JsonAnswer.array(StatusCodes.CREATED, List.<Void>of(), (none, out) -> {}),
        receipt);
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, Set.of("limit", Marker.ARGUMENT));
    checkCaller(request);
    return new Listing<>(format, NotificationRoutes::writeHead)
        .of(request, this::page, Marker.of(arguments), arguments.limit(defaultLimit));
  }

  private CompletionStage<Listing.Page<Letter>> page(Marker from, int most) {
    return notifications
        .dead(from == null ? 0 : number(from.id()), most + 1)
        .thenApply(
            found ->
                Listing.Page.of(found, most, letter -> new Marker(0, Long.toString(letter.id()))));
  }

  private CompletionStage<HttpResponse> show(HttpRequest request, String id) {
    return find(request, id).thenApply(found -> JsonAnswer.of(found, NotificationRoutes::write));
  }

  private CompletionStage<HttpResponse> forget(HttpRequest request, String id) {
    return find(request, id)
        .thenCompose(found -> notifications.forget(found.id()))
        .thenApply(done -> HttpResponse.create().withStatus(StatusCodes.NO_CONTENT));
  }

  private CompletionStage<HttpResponse> retry(HttpRequest request, String id) {
    return find(request, id)
        .thenCompose(notifications::retry)
        .handle(
            (receipt, failure) -> {
              if (failure == null) {
                return answer(receipt);
              }
              Throwable cause =
                  failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
              if (cause instanceof ApiException || cause instanceof UnavailableException) {
                throw new CompletionException(cause);
              }
              throw ApiException.badRequest("It is a dead letter still: " + cause.getMessage());
            });
  }

  private CompletionStage<Letter> find(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    checkCaller(request);
    return notifications
        .dead(number(id))
        .thenApply(
            found ->
                found.orElseThrow(
                    () ->
                        new ApiException(
                            StatusCodes.NOT_FOUND,
                            "Dead letter " + ApiException.shown(id) + " Not Found")));
  }

  /** What is no number is no id of anything. */
  private static long number(String id) {
    return id.matches("\\d{1,18}") ? Long.parseLong(id) : Long.MAX_VALUE;
  }

  private static void checkCaller(HttpRequest request) {
    if (Caller.of(request).onlyProject() != null) {
      throw new ApiException(
          StatusCodes.UNAUTHORIZED, "Not Authorized: notifications are the administrators'");
    }
  }

  private static void writeHead(Letter letter, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeFields(letter, out);
    out.writeEndObject();
  }

  private static void write(Letter letter, JsonGenerator out) throws IOException {
    out.writeStartObject();
    writeFields(letter, out);
    out.writeStringField("body", new String(letter.body(), StandardCharsets.UTF_8));
    out.writeEndObject();
  }

  private static void writeFields(Letter letter, JsonGenerator out) throws IOException {
    out.writeNumberField("id", letter.id());
    out.writeStringField("origin", letter.origin());
    out.writeStringField("message_id", letter.messageId());
    out.writeStringField("event_type", letter.eventType());
    out.writeStringField("reason", letter.reason());
    out.writeNumberField("attempts", letter.attempts());
    out.writeStringField("first_seen", time(letter.firstSeen()));
    out.writeStringField("last_tried", time(letter.parked()));
  }

  private static String time(Instant time) {
    return Timestamps.format(ChronoUnit.MICROS.between(Instant.EPOCH, time));
  }
}
