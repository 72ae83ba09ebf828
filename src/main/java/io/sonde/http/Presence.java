package io.sonde.http;

import akka.NotUsed;
import akka.http.javadsl.model.AttributeKey;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.japi.function.Function;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Flow;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Tells whether the client of a request is still there. One that ends its side of the connection
 * counts as gone, although it could still read: hardly any does so and waits for an answer.
 */
final class Presence {
  private static final AttributeKey<AtomicBoolean> GONE =
      AttributeKey.create("gone", AtomicBoolean.class);

  /** Requests of a connection that are read ahead: the end is seen only while one may come. */
  static final int PIPELINED = 2;

  private Presence() {}

  /** Answers the requests of a connection, one after the other. */
  static Flow<HttpRequest, HttpResponse, NotUsed> watched(
      Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
    return Flow.fromMaterializer(
            (materializer, attributes) -> {
              AtomicBoolean isGone = new AtomicBoolean();
              return Flow.of(HttpRequest.class)
                  .watchTermination(
                      (connection, end) -> {
                        end.whenComplete((done, failure) -> isGone.set(true));
                        return connection;
                      })
                  .map(request -> request.addAttribute(GONE, isGone))
                  .buffer(PIPELINED - 1, OverflowStrategy.backpressure())
                  .mapAsync(1, handler);
            })
        .mapMaterializedValue(ignored -> NotUsed.getInstance());
  }

  /** Whether the client of a request is gone by now. */
  static BooleanSupplier isGone(HttpRequest request) {
    return request.getAttribute(GONE).<BooleanSupplier>map(gone -> gone::get).orElse(() -> false);
  }
}
