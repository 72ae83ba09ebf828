package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.polling.PollException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;

/** What a service answered, whatever its status. */
public final class Answer {
  private final HttpResponse<byte[]> response;

  Answer(HttpResponse<byte[]> response) {
    this.response = response;
  }

  String method() {
    return response.request().method();
  }

  URI url() {
    return response.request().uri();
  }

  public int status() {
    return response.statusCode();
  }

  /** The first header of a name, in any case. */
  public Optional<String> header(String name) {
    return response.headers().firstValue(name);
  }

  /** The body as it came; not to be changed. */
  public byte[] body() {
    return response.body();
  }

  /** Whether the status is one of success, 2xx. */
  public boolean isSuccess() {
    return status() / 100 == 2;
  }

  /**
   * This answer, when it is one of success.
   *
   * @throws PollException that names the place and the status
   */
  public Answer orFail() {
    if (!isSuccess()) {
      throw new PollException(this + ": answered with status " + status());
    }
    return this;
  }

  /**
   * The body as JSON.
   *
   * @throws PollException when it is none, or the status is not one of success
   */
  public JsonNode json() {
    orFail();
    return Json.read(body(), toString());
  }

  /** The method and the place, without the query. */
  @Override
  public String toString() {
    return place(method(), url());
  }

  static String place(String method, URI url) {
    return method + " " + url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
  }
}
