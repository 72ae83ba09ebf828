package io.sonde.http;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
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

  private static boolean takesJson(HttpRequest request) {
    boolean asks = false;
    for (var header : request.getHeaders()) {
      if (!(header instanceof Accept accept)) {
        continue;
      }
      asks = true;
      for (var range : accept.getMediaRanges()) {
        if (range.qValue() > 0 && range.matches(MediaTypes.APPLICATION_JSON)) {
          return true;
        }
      }
    }
    return !asks;
  }
}
