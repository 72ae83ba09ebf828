package io.sonde.http;

import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaRange;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Accept;
import akka.http.javadsl.server.Directives;
import akka.http.javadsl.server.Route;
import java.util.concurrent.CompletionStage;

/** The end of a route: a handler, with its failures turned into answers. */
final class Endpoint {
  private Endpoint() {}

  /** Answers a request, now or later; what it throws is answered as well. */
  @FunctionalInterface
  interface Handler {
    CompletionStage<HttpResponse> answer(HttpRequest request);
  }

  /** A handler that answers JSON: a client that cannot take that gets 406. */
  static Route json(Handler handler) {
    return of(
        request -> {
          if (!takesJson(request)) {
            throw new ApiException(
                StatusCodes.NOT_ACCEPTABLE, "Only application/json can be had here.");
          }
          if (request.method().equals(HttpMethods.GET) && !request.entity().isKnownEmpty()) {
            // The original reads arguments there; a filter that is not read gives wrong figures.
            throw ApiException.badRequest(
                "Arguments are read from the query string only, not from the body of a GET.");
          }
          return handler.answer(request);
        });
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

  /**
   * The range that names JSON most closely decides; an empty header, like none, asks for nothing.
   */
  private static boolean takesJson(HttpRequest request) {
    int closest = -1;
    boolean isTaken = false;
    boolean asks = false;
    for (var header : request.getHeaders()) {
      if (!(header instanceof Accept accept)) {
        continue;
      }
      for (var range : accept.getMediaRanges()) {
        asks = true;
        int closeness = closeness(range);
        if (range.matches(MediaTypes.APPLICATION_JSON) && closeness >= closest) {
          isTaken = range.qValue() > 0 || (closeness == closest && isTaken);
          closest = closeness;
        }
      }
    }
    return isTaken || !asks;
  }

  /** 0 for any type, 1 for any of a main type, 2 for one type. */
  private static int closeness(MediaRange range) {
    String type = range.toString();
    return type.startsWith("*/*") ? 0 : type.contains("/*") ? 1 : 2;
  }
}
