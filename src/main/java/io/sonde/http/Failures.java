package io.sonde.http;

import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.scaladsl.model.EntityStreamException;
import io.sonde.audit.BrokenLogException;
import io.sonde.audit.PeriodRefusedException;
import io.sonde.model.UnavailableException;
import io.sonde.query.BrokenCollectorException;
import io.sonde.query.TooLargeException;
import io.sonde.store.MissingArchiveException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told when something fails. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

  private Failures() {}

  /** The answer to a request that failed. */
  static HttpResponse of(HttpRequest request, Throwable failure) {
    Throwable cause = unwrapped(failure);
    if (cause instanceof ApiException mistake) {
      return JsonAnswer.error(mistake.status(), mistake.getMessage());
    }
    if (cause instanceof UnavailableException || cause instanceof MissingArchiveException) {
      return unavailable(cause.getMessage());
    }
    if (cause instanceof CancellationException) {
      return unavailable("Whoever asked is gone.");
    }
    if (cause instanceof BrokenCollectorException) {
      return JsonAnswer.error(StatusCodes.CONFLICT, cause.getMessage());
    }
    if (cause instanceof TooLargeException) {
      return JsonAnswer.error(StatusCodes.BAD_REQUEST, cause.getMessage());
    }
    if (cause instanceof PeriodRefusedException refused) {
      return JsonAnswer.error(
          refused.isConflict() ? StatusCodes.CONFLICT : StatusCodes.BAD_REQUEST,
          refused.getMessage());
    }
    if (cause instanceof BrokenLogException) {
      return JsonAnswer.error(StatusCodes.CONFLICT, cause.getMessage());
    }
    if (cause instanceof EntityStreamException broken) {
      // Chunks that are none, or a connection that ended: whoever sends this must not fill the log.
      return JsonAnswer.error(
          StatusCodes.BAD_REQUEST, "The request body cannot be read: " + broken.info().summary());
    }
    LOG.error(
        "request failed method={} path={}",
        request.method().value(),
        request.getUri().getPathString(),
        cause);
    // The cause may hold what is none of the client's business; the log has it.
    return JsonAnswer.error(
        StatusCodes.INTERNAL_SERVER_ERROR, "Internal error; the server's log says more.");
  }

  /** The answer to a request that has taken too long. */
  static HttpResponse timeout(HttpRequest request) {
    boolean isQuestion =
        request.method().equals(HttpMethods.GET)
            || request.getUri().getPathString().startsWith("/v2/query/");
    return unavailable(
        isQuestion
            ? "There was no answer in time: ask again, or for a shorter time, one meter, one"
                + " resource or fewer answers by a limit."
            : "There was no answer in time; what was pushed may be stored in part.");
  }

  /** Something is away; the client may try again. */
  static HttpResponse unavailable(String why) {
    return JsonAnswer.error(StatusCodes.SERVICE_UNAVAILABLE, why)
        .addHeader(RawHeader.create("Retry-After", "1"));
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
