package io.sonde.http;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import io.sonde.model.Event;
import io.sonde.model.Receipt;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Takes pushed events: validates all of them, answers when they are recorded. */
final class EventIntake {
  private final BodyReader bodies;
  private final Function<List<Event>, CompletionStage<Receipt>> events;

  EventIntake(BodyReader bodies, Function<List<Event>, CompletionStage<Receipt>> events) {
    this.bodies = bodies;
    this.events = events;
  }

  /** The answer's array is empty: an echo would double the traffic. */
  CompletionStage<HttpResponse> push(HttpRequest request) {
    Caller caller = Caller.of(request);
    try {
      Arguments.of(request, Set.of());
      SampleIntake.checkType(request);
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    return bodies.read(
        request,
        body ->
            events
                .apply(EventParser.parse(body, caller))
                .thenApply(receipt -> SampleIntake.withReceipt(answer(receipt), receipt)));
  }

  /** A push of nothing but events that are too old is an error; others are taken without them. */
  private static HttpResponse answer(Receipt receipt) {
    return receipt.accepted() + receipt.duplicate() == 0
        ? JsonAnswer.error(StatusCodes.BAD_REQUEST, receipt.refusal())
        : JsonAnswer.array(StatusCodes.CREATED, List.<Void>of(), (none, out) -> {});
  }
}
