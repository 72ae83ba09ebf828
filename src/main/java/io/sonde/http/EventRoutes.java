package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import io.sonde.model.Event;
import io.sonde.model.EventFilter;
import io.sonde.query.EventService;
import io.sonde.store.EventStore.Place;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * {@code /v2/events}: what happened, asked for and pushed; {@code /v2/event_types}: of which kinds
 * that is, and what is known of each kind.
 */
final class EventRoutes {
  private static final Set<String> LIST_ARGUMENTS =
      Set.of("q.field", "q.op", "q.value", "q.type", "limit", Marker.ARGUMENT);

  /** Events in memory at once: what they were made of may be some 10 kB. */
  private static final int PAGE = 1_000;

  private static final Set<String> LIMIT = Set.of("limit");

  private final EventService events;
  private final EventIntake intake;
  private final int defaultLimit;

  EventRoutes(EventService events, EventIntake intake, int defaultLimit) {
    this.events = events;
    this.intake = intake;
    this.defaultLimit = defaultLimit;
  }

  Route route() {
    return concat(
        pathPrefix(
            "events",
            () ->
                concat(
                    pathEndOrSingleSlash(
                        () ->
                            concat(
                                get(() -> Endpoint.listing(this::list)),
                                post(() -> Endpoint.json(intake::push)))),
                    pathPrefix(segment(), id -> end(request -> one(request, id))))),
        pathPrefix(
            "event_types", () -> concat(end(this::types), pathPrefix(segment(), this::oneType))));
  }

  /** Of a type itself nothing is known, so there is nothing at its path: as in the original. */
  private Route oneType(String type) {
    return pathPrefix(
        "traits",
        () ->
            concat(
                end(request -> traits(request, type)),
                pathPrefix(segment(), name -> end(request -> values(request, type, name)))));
  }

  private static Route end(Endpoint.Handler handler) {
    return pathEndOrSingleSlash(() -> get(() -> Endpoint.json(handler)));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, LIST_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    Marker marker = Marker.of(arguments);
    EventFilter filter = EventParameters.parse(arguments, Caller.of(request));
    return new Listing<>(format, EventJson::write, PAGE)
        .of(request, (from, most) -> page(filter, from, most), marker, limit);
  }

  private CompletionStage<Listing.Page<Event>> page(EventFilter filter, Marker from, int most) {
    Place after = from == null ? null : new Place(from.time(), from.id());
    // One more tells whether there are more.
    return events
        .find(filter, after, most + 1)
        .thenApply(
            found ->
                Listing.Page.of(
                    found, most, event -> new Marker(event.generated(), event.messageId())));
  }

  private CompletionStage<HttpResponse> one(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    return events
        .find(visible(request).withMessageId(id), null, 1)
        .thenApply(
            found -> {
              if (found.isEmpty()) {
                throw new ApiException(
                    StatusCodes.NOT_FOUND, "Event " + ApiException.shown(id) + " Not Found");
              }
              return JsonAnswer.of(found.get(0), EventJson::write);
            });
  }

  private CompletionStage<HttpResponse> types(HttpRequest request) {
    int limit = limit(request);
    return events
        .types(visible(request), limit)
        .thenApply(
            types -> JsonAnswer.array(StatusCodes.OK, types, (type, out) -> out.writeString(type)));
  }

  private CompletionStage<HttpResponse> traits(HttpRequest request, String type) {
    int limit = limit(request);
    return events
        .traits(visible(request).withEventType(type), limit)
        .thenApply(all -> JsonAnswer.array(StatusCodes.OK, all, EventJson::writeTraitName));
  }

  private CompletionStage<HttpResponse> values(HttpRequest request, String type, String name) {
    int limit = limit(request);
    return events
        .values(visible(request).withEventType(type), name, limit)
        .thenApply(all -> JsonAnswer.array(StatusCodes.OK, all, EventJson::writeTrait));
  }

  private static EventFilter visible(HttpRequest request) {
    return EventParameters.scoped(EventFilter.ALL, Caller.of(request));
  }

  /** These listings are whole unless a limit is given. */
  private static int limit(HttpRequest request) {
    return Arguments.of(request, LIMIT).limit(Integer.MAX_VALUE);
  }
}
