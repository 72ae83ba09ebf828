package io.sonde.openstack;

import com.fasterxml.jackson.databind.JsonNode;
import io.sonde.polling.PollException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;

/** What Keystone gave: a token, how long it is to be used, and the catalog that came with it. */
final class Token {
  /** Renewed by so much before it ends, or a tenth of its life earlier if that is less. */
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private static final Pattern VISIBLE = Pattern.compile("[!-~]+");

  private final String value;
  private final Duration use;
  private final Endpoints endpoints;

  private Token(String value, Duration use, Endpoints endpoints) {
    this.value = value;
    this.use = use;
    this.endpoints = endpoints;
  }

  /**
   * Reads what Keystone answered.
   *
   * @throws PollException when that is no token
   */
  static Token of(Answer answer, CloudSettings settings) {
    if (answer.status() == 401) {
      throw new PollException(answer + ": Keystone refuses the credentials, status 401");
    }
    JsonNode token = answer.json().path("token");
    // A value that no header may have would be shown by the exception of whoever writes it to one.
    String value =
        answer
            .header("X-Subject-Token")
            .filter(text -> VISIBLE.matcher(text).matches())
            .orElseThrow(() -> new PollException(answer + ": no header X-Subject-Token"));
    return new Token(
        value,
        use(token, answer),
        Endpoints.of(token.path("catalog"), settings.region(), settings.endpointInterface()));
  }

  /** The secret. */
  String value() {
    return value;
  }

  /** How long it is to be used. */
  Duration use() {
    return use;
  }

  Endpoints endpoints() {
    return endpoints;
  }

  @Override
  public String toString() {
    return "token";
  }

  /** By Keystone's clock alone, which may differ from ours. */
  private static Duration use(JsonNode token, Answer answer) {
    try {
      OffsetDateTime issued = OffsetDateTime.parse(token.path("issued_at").asText());
      OffsetDateTime expires = OffsetDateTime.parse(token.path("expires_at").asText());
      Duration life = Duration.between(issued, expires);
      Duration tenth = life.dividedBy(10);
      return life.minus(tenth.compareTo(MARGIN) < 0 ? tenth : MARGIN);
    } catch (DateTimeException e) {
      throw new PollException(answer + ": a token without the times issued_at and expires_at");
    }
  }
}
