package io.sonde.http;

import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaRange;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Accept;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** The end of a route: a handler, with its failures turned into answers. */
final class Endpoint {
  private Endpoint() {}

  /** Answers a request, now or later; what it throws is answered as well. */
  @FunctionalInterface
  interface Handler {
    CompletionStage<HttpResponse> answer(HttpRequest request);
  }

  /** As {@link Handler}, in one of several forms. */
  @FunctionalInterface
  interface ListingHandler {
    CompletionStage<HttpResponse> answer(HttpRequest request, ListingFormat format);
  }

  /** A handler that answers JSON: a client that cannot take that gets 406. */
  static Route json(Handler handler) {
    return in(List.of(ListingFormat.JSON), (request, format) -> handler.answer(request));
  }

  /** A handler that answers a listing in the form that the client likes best. */
  static Route listing(ListingHandler handler) {
    return in(List.of(ListingFormat.values()), handler);
  }

  /** A handler that answers server-sent events. */
  static Route events(Handler handler) {
    return of(
        request -> {
          if (quality(request, MediaTypes.TEXT_EVENT_STREAM) == 0) {
            throw notAcceptable(List.of(MediaTypes.TEXT_EVENT_STREAM));
          }
          requireNoBody(request);
          return handler.answer(request);
        });
  }

  private static Route in(List<ListingFormat> formats, ListingHandler handler) {
    return of(
        request -> {
          ListingFormat format = best(request, formats);
          if (format == null) {
            throw notAcceptable(formats.stream().map(ListingFormat::mediaType).toList());
          }
          requireNoBody(request);
          return handler.answer(request, format);
        });
  }

  private static ApiException notAcceptable(List<? extends MediaType> types) {
    String all = types.stream().map(MediaType::toString).collect(Collectors.joining(", "));
    return new ApiException(StatusCodes.NOT_ACCEPTABLE, "Only " + all + " can be had here.");
  }

  private static void requireNoBody(HttpRequest request) {
    if (request.method().equals(HttpMethods.GET) && !request.entity().isKnownEmpty()) {
      // The original reads arguments there; a filter that is not read gives wrong figures.
      throw ApiException.badRequest(
          "Arguments are read from the query string only, not from the body of a GET.");
    }
  }

  /** A handler that looks at Accept by itself, or not at all. */
  static Route of(Handler handler) {
    return Directives.extractRequest(
        request -> {
          CompletionStage<HttpResponse> answer;
          try {
            answer = handler.answer(request);
          } catch (RuntimeException e) {
            return Directives.complete(Failures.of(request, e));
          }
          return Directives.completeWithFuture(
              answer.exceptionally(failure -> Failures.of(request, failure)));
        });
  }

  /** The form with the highest quality, the first of several; null where none is taken. */
  private static ListingFormat best(HttpRequest request, List<ListingFormat> formats) {
    ListingFormat best = null;
    float highest = 0;
    for (ListingFormat format : formats) {
      float quality = quality(request, format.mediaType());
      if (quality > highest) {
        best = format;
        highest = quality;
      }
    }
    return best;
  }

  /**
   * How much a type is liked: the range that names it most closely decides, of several such the
   * highest; an empty header, like none, asks for nothing.
   */
  private static float quality(HttpRequest request, MediaType type) {
    int closest = -1;
    float quality = 0;
    boolean asks = false;
    for (var header : request.getHeaders()) {
      if (!(header instanceof Accept accept)) {
        continue;
      }
      for (var range : accept.getMediaRanges()) {
        asks = true;
        int closeness = closeness(range);
        if (range.matches(type) && closeness >= closest) {
          quality = closeness == closest ? Math.max(quality, range.qValue()) : range.qValue();
          closest = closeness;
        }
      }
    }
    return asks ? quality : 1;
  }

  /** 0 for any type, 1 for any of a main type, 2 for one type. */
  private static int closeness(MediaRange range) {
    String type = range.toString();
    return type.startsWith("*/*") ? 0 : type.contains("/*") ? 1 : 2;
  }
}
