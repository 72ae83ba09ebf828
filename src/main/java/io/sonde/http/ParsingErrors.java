package io.sonde.http;

import akka.event.LoggingAdapter;
import akka.http.ParsingErrorHandler;
import akka.http.javadsl.model.HttpResponse;
import akka.http.scaladsl.model.ErrorInfo;
import akka.http.scaladsl.model.StatusCode;
import akka.http.scaladsl.settings.ServerSettings;

/** Answers what is no request at all, before any route sees it, with the API's error body too. */
public final class ParsingErrors extends ParsingErrorHandler {
  /** Akka finds the handler as it finds a Scala object: by this field. */
  public static final ParsingErrors MODULE$ = new ParsingErrors();

  private ParsingErrors() {}

  @Override
  public HttpResponse handle(
      StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    log.debug("unreadable request: {}", error.formatPretty());
    return JsonAnswer.error(status, error.summary());
  }
}
