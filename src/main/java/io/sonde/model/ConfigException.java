package io.sonde.model;

/** A configured value is not what can be worked with. The message is for the operator. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Reads as {@code path: "value" is not expected}.
   *
   * @param path where the value stands in the configuration, e.g. {@code
   *     sonde.pipeline.sinks[1].name}
   * @param value what stands there, or null when nothing does
   * @param expected what should, as it follows "is not": {@code a whole number above 0}
   */
  public ConfigException(String path, String value, String expected) {
    super(
        value == null
            ? path + ": missing, expected " + expected
            : path + ": \"" + value + "\" is not " + expected);
  }

  private ConfigException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The same with the place named at its end.
   *
   * @param place a file and a line
   */
  public ConfigException at(String place) {
    return new ConfigException(getMessage() + " (" + place + ")", this);
  }
}
