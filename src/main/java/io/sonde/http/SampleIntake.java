package io.sonde.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaType;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import io.sonde.model.Receipt;
import io.sonde.model.SampleBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Takes pushed samples: reads and validates all of them, hands them on, answers when they are in.
 */
final class SampleIntake {
  private static final int LONGEST_IDEMPOTENCY_KEY = 256;

  private final BodyReader bodies;
  private final SampleParser parser;
  private final Function<SampleBatch, CompletionStage<Receipt>> intake;

  SampleIntake(
      BodyReader bodies,
      SampleParser parser,
      Function<SampleBatch, CompletionStage<Receipt>> intake) {
    this.bodies = bodies;
    this.parser = parser;
    this.intake = intake;
  }

  /** Samples of any meters. The answer's array is empty: an echo would double the traffic. */
  CompletionStage<HttpResponse> push(HttpRequest request) {
    return take(
        request,
        null,
        () -> Arguments.of(request, Set.of()),
        pushed -> JsonAnswer.array(StatusCodes.CREATED, List.<Void>of(), (none, out) -> {}));
  }

  /** Samples of one meter, which are echoed with the ids that they got. */
  CompletionStage<HttpResponse> push(HttpRequest request, String meter) {
    return take(
        request,
        meter,
        // `direct` chose between storage and pipeline; here an answer always means stored.
        () -> Arguments.of(request, Set.of("direct")).truth("direct", false),
        pushed -> JsonAnswer.of(StatusCodes.CREATED, pushed, SampleJson::writeEcho));
  }

  private CompletionStage<HttpResponse> take(
      HttpRequest request,
      String meter,
      Runnable checkArguments,
      Function<PushedSamples, HttpResponse> answer) {
    PushContext context;
    try {
      checkArguments.run();
      checkType(request);
      context = new PushContext(meter, Caller.of(request), idempotencyKey(request));
    } catch (ApiException e) {
      return bodies.refuse(request, e);
    }
    return bodies.read(
        request,
        body -> {
          PushedSamples pushed = parser.parse(body, context);
          return intake
              .apply(pushed.batch())
              .thenApply(receipt -> withReceipt(answer(pushed, receipt, answer), receipt));
        });
  }

  /** A push of nothing but samples that are too old is an error; others are taken without them. */
  private static HttpResponse answer(
      PushedSamples pushed, Receipt receipt, Function<PushedSamples, HttpResponse> answer) {
    return receipt.refused() == pushed.batch().size()
        ? JsonAnswer.error(StatusCodes.BAD_REQUEST, receipt.refusal())
        : answer.apply(pushed);
  }

  /** With headers that say what became of what was pushed. */
  static HttpResponse withReceipt(HttpResponse response, Receipt receipt) {
    List<HttpHeader> headers = new ArrayList<>();
    headers.add(RawHeader.create("Sonde-Accepted", Integer.toString(receipt.accepted())));
    headers.add(RawHeader.create("Sonde-Duplicate", Integer.toString(receipt.duplicate())));
    headers.add(RawHeader.create("Sonde-Refused", Integer.toString(receipt.refused())));
    if (receipt.refusal() != null) {
      headers.add(RawHeader.create("Sonde-Refusal", receipt.refusal()));
    }
    return response.addHeaders(headers);
  }

  /** Refuses a body that is not JSON. */
  static void checkType(HttpRequest request) {
    HttpEntity entity = request.entity();
    String encoding =
        request.getHeader("Content-Encoding").map(HttpHeader::value).orElse("identity");
    if (!encoding.equalsIgnoreCase("identity")) {
      throw new ApiException(
          StatusCodes.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding " + encoding + " is not supported.");
    }
    MediaType type = entity.getContentType().mediaType();
    boolean isJson = type.mainType().equals("application") && type.subType().equals("json");
    if (!isJson && !entity.isKnownEmpty()) {
      throw new ApiException(
          StatusCodes.UNSUPPORTED_MEDIA_TYPE,
          "Unsupported content type " + type + ", application/json is expected.");
    }
  }

  /** The key that a request names, or null. */
  static String idempotencyKey(HttpRequest request) {
    String key = request.getHeader("Idempotency-Key").map(HttpHeader::value).orElse(null);
    if (key != null && (key.isBlank() || key.length() > LONGEST_IDEMPOTENCY_KEY)) {
      throw ApiException.invalidInput(
          "Idempotency-Key", key, "1 to " + LONGEST_IDEMPOTENCY_KEY + " characters are expected");
    }
    return key;
  }
}
