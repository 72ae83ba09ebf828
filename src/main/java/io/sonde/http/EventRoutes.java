package io.sonde.http;

import static akka.http.javadsl.server.Directives.concat;
import static akka.http.javadsl.server.Directives.get;
import static akka.http.javadsl.server.Directives.pathEndOrSingleSlash;
import static akka.http.javadsl.server.Directives.pathPrefix;
import static akka.http.javadsl.server.Directives.post;
import static akka.http.javadsl.server.PathMatchers.segment;
import static io.sonde.http.Presence.isGone;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.Route;
import io.sonde.model.EventFilter;
import io.sonde.model.Trait;
import io.sonde.model.TraitType;
import io.sonde.query.EventService;
import io.sonde.store.EventStore.Place;
import io.sonde.store.EventStore.TraitName;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * {@code /v2/events}: what happened, asked for and pushed; {@code /v2/event_types}: of which kinds
 * that is, and what is known of each kind.
 */
final class EventRoutes {
  private static final Set<String> LIST_ARGUMENTS =
      Set.of(
          "q.field", "q.op", "q.value", "q.type", "limit", Marker.ARGUMENT, Explanation.ARGUMENT);

  /** Events in memory at once: what they were made of may be some 10 kB. */
  private static final int PAGE = 1_000;

  private static final Set<String> TYPE_ARGUMENTS =
      Set.of("limit", Marker.ARGUMENT, Explanation.ARGUMENT);

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
                    pathPrefix(
                        segment(),
                        id ->
                            pathEndOrSingleSlash(
                                () -> get(() -> Endpoint.json(request -> one(request, id))))))),
        pathPrefix(
            "event_types", () -> concat(end(this::types), pathPrefix(segment(), this::oneType))));
  }

  /** Of a type itself nothing is known, so there is nothing at its path: as in the original. */
  private Route oneType(String type) {
    return pathPrefix(
        "traits",
        () ->
            concat(
                end((request, format) -> traits(request, format, type)),
                pathPrefix(
                    segment(),
                    name -> end((request, format) -> values(request, format, type, name)))));
  }

  private static Route end(Endpoint.ListingHandler handler) {
    return pathEndOrSingleSlash(() -> get(() -> Endpoint.listing(handler)));
  }

  private CompletionStage<HttpResponse> list(HttpRequest request, ListingFormat format) {
    Arguments arguments = Arguments.of(request, LIST_ARGUMENTS);
    int limit = arguments.limit(defaultLimit);
    Marker marker = Marker.of(arguments);
    Caller caller = Caller.of(request);
    EventFilter filter = EventParameters.parse(arguments, caller);
    EventService asked = events.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return Explanation.of(
          asked,
          filter,
          caller,
          explained -> explained.find(filter, place(marker), Math.min(limit, PAGE)));
    }
    return new Listing<>(format, EventJson::write, PAGE)
        .of(
            request,
            (from, most) ->
                // One more tells whether there are more.
                asked
                    .find(filter, place(from), most + 1)
                    .thenApply(
                        found ->
                            Listing.Page.of(
                                found,
                                most,
                                event -> new Marker(event.generated(), event.messageId()))),
            marker,
            limit);
  }

  private static Place place(Marker marker) {
    return marker == null ? null : new Place(marker.time(), marker.id());
  }

  private CompletionStage<HttpResponse> one(HttpRequest request, String id) {
    Arguments.of(request, Set.of());
    return events
        .until(isGone(request))
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

  private CompletionStage<HttpResponse> types(HttpRequest request, ListingFormat format) {
    EventFilter filter = visible(request);
    return names(
        request,
        filter,
        (asked, from, most) -> asked.types(filter, from == null ? null : from.id(), most),
        new Listing<>(format, (type, out) -> out.writeString(type)),
        type -> new Marker(0, type));
  }

  private CompletionStage<HttpResponse> traits(
      HttpRequest request, ListingFormat format, String type) {
    EventFilter filter = visible(request).withEventType(type);
    return names(
        request,
        filter,
        (asked, from, most) ->
            asked.traits(
                filter, from == null ? null : new TraitName(from.id(), traitType(from)), most),
        new Listing<>(format, EventJson::writeTraitName),
        trait -> new Marker(trait.type().code(), trait.name()));
  }

  private CompletionStage<HttpResponse> values(
      HttpRequest request, ListingFormat format, String type, String name) {
    EventFilter filter = visible(request).withEventType(type);
    return names(
        request,
        filter,
        (asked, from, most) -> asked.values(filter, name, trait(name, from), most),
        new Listing<>(format, EventJson::writeTrait),
        // A text may be empty, an id may not.
        trait -> new Marker(trait.type().code(), "=" + TraitText.of(trait.type(), trait.value())));
  }

  private static TraitType traitType(Marker marker) {
    TraitType type = TraitType.ofCode(marker.time());
    if (type == null) {
      throw Marker.unknown(marker.text());
    }
    return type;
  }

  private static Trait trait(String name, Marker marker) {
    if (marker == null) {
      return null;
    }
    TraitType type = traitType(marker);
    Object value =
        marker.id().startsWith("=") ? TraitText.value(type, marker.id().substring(1)) : null;
    if (value == null) {
      throw Marker.unknown(marker.text());
    }
    return new Trait(name, type, value);
  }

  /** Asks for what stands behind a marker, which may be null. */
  @FunctionalInterface
  private interface Names<T> {
    CompletionStage<List<T>> ask(EventService asked, Marker from, int most);
  }

  /** These listings are whole unless a limit is given. */
  private <T> CompletionStage<HttpResponse> names(
      HttpRequest request,
      EventFilter filter,
      Names<T> names,
      Listing<T> listing,
      Function<T, Marker> marker) {
    Arguments arguments = Arguments.of(request, TYPE_ARGUMENTS);
    int limit = arguments.limit(Integer.MAX_VALUE);
    Marker first = Marker.of(arguments);
    EventService asked = events.until(isGone(request));
    if (arguments.truth(Explanation.ARGUMENT, false)) {
      return Explanation.of(
          asked,
          filter,
          Caller.of(request),
          explained -> names.ask(explained, first, Listing.first(limit)));
    }
    return listing.of(
        request,
        (from, most) ->
            names
                .ask(asked, from, most + 1)
                .thenApply(found -> Listing.Page.of(found, most, marker)),
        first,
        limit);
  }

  private static EventFilter visible(HttpRequest request) {
    return EventParameters.scoped(EventFilter.ALL, Caller.of(request));
  }
}
