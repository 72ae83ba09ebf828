package io.sonde.http;

import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import io.sonde.model.PythonText;

/**
 * A request that cannot be answered as asked. The message is the {@code faultstring} that the
 * client reads; the texts are those of Ceilometer's framework, since its clients show and some
 * match them.
 */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_SHOWN_VALUE = 100;

  // A status is an object of Akka's that is not serializable by contract; exceptions are, in name.
  private final transient StatusCode status;

  ApiException(StatusCode status, String faultstring) {
    // No stack trace: this is the client's mistake, and it may be made often.
    super(faultstring, null, false, false);
    this.status = status;
  }

  StatusCode status() {
    return status;
  }

  static ApiException badRequest(String faultstring) {
    return new ApiException(StatusCodes.BAD_REQUEST, faultstring);
  }

  /** A field or argument whose value cannot be taken. */
  static ApiException invalidInput(String field, Object value, String why) {
    return badRequest(
        "Invalid input for field/attribute "
            + field
            + ". Value: '"
            + shown(PythonText.str(value))
            + "'. "
            + why);
  }

  static ApiException unknownArgument(String name) {
    return badRequest("Unknown argument: \"" + shown(name) + "\"");
  }

  static ApiException unknownArgument(String name, String why) {
    return badRequest("Unknown argument: \"" + shown(name) + "\": " + why);
  }

  /** Cuts what a client sent, so that an error never carries a megabyte back. */
  static String shown(String text) {
    if (text.length() <= LONGEST_SHOWN_VALUE) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(LONGEST_SHOWN_VALUE - 1));
    return text.substring(0, splits ? LONGEST_SHOWN_VALUE - 1 : LONGEST_SHOWN_VALUE) + "...";
  }
}
