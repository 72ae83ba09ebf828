package io.sonde.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotificationTest {
  private static final String PLAIN =
      """
      {"message_id": "m-1", "publisher_id": "compute.host1", "event_type": "compute.instance.exists",
       "priority": "info", "payload": {"memory_mb": 512}, "timestamp": "2026-03-01 19:34:05.596853",
       "_unique_id": "u", "_context_user_id": "bob", "_context_tenant": "lab"}
      """;

  @Test
  void plainMessages() {
    Notification notification = parse(PLAIN);

    assertThat(notification.messageId()).isEqualTo("m-1");
    assertThat(notification.publisherId()).isEqualTo("compute.host1");
    assertThat(notification.eventType()).isEqualTo("compute.instance.exists");
    assertThat(notification.priority()).isEqualTo("INFO");
    assertThat(notification.timestamp()).isEqualTo(1772393645_596853L);
    assertThat(notification.tree())
        .hasToString(
            "{\"ctxt\":{\"user_id\":\"bob\",\"tenant\":\"lab\"},\"publisher_id\":\"compute.host1\","
                + "\"event_type\":\"compute.instance.exists\",\"priority\":\"INFO\","
                + "\"payload\":{\"memory_mb\":512},"
                + "\"metadata\":{\"message_id\":\"m-1\",\"timestamp\":\"2026-03-01 19:34:05.596853\"}}");
    assertThat(notification.flatTree().path("_context_user_id").asText()).isEqualTo("bob");
    assertThat(notification.flatTree().path("timestamp").asText()).startsWith("2026-03-01 ");
    assertThat(notification.context("project", "tenant").asText()).isEqualTo("lab");
    assertThat(notification.context("none").isMissingNode()).isTrue();
  }

  @Test
  void messagesWithinAnEnvelope() {
    String text = PLAIN.replace("\n", " ").replace("\"", "\\\"");
    Notification notification =
        parse("{\"oslo.version\": \"2.0\", \"oslo.message\": \"" + text + "\"}");

    assertThat(notification.tree()).isEqualTo(parse(PLAIN).tree());
    assertThat(notification.flatTree()).isEqualTo(parse(PLAIN).flatTree());
  }

  @Test
  void messagesAsConsumersSeeThem() {
    Notification notification =
        parse(
            """
            {"ctxt": {"user_id": "bob", "tenant": "lab"}, "publisher_id": "compute.host1",
             "event_type": "compute.instance.exists", "priority": "INFO",
             "payload": {"memory_mb": 512},
             "metadata": {"message_id": "m-1", "timestamp": "2026-03-01 19:34:05.596853"}}
            """);

    assertThat(notification.tree()).isEqualTo(parse(PLAIN).tree());
    assertThat(notification.flatTree().path("message_id").asText()).isEqualTo("m-1");
    assertThat(notification.flatTree().path("_context_tenant").asText()).isEqualTo("lab");
    assertThat(notification.flatTree().has("ctxt")).isFalse();
  }

  @Test
  void theTimeOfTheContextStandsInForAMissingOne() {
    Notification notification =
        parse(PLAIN.replace("\"timestamp\"", "\"_context_timestamp\"").replace("19:34", "20:00"));

    assertThat(notification.timestamp()).isEqualTo(1772395205_596853L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "\"m-1\"|3|message_id: \"3\" is not text of 1 to 255 characters, without U+0000 and halves of pairs",
        "\"m-1\"|\"\"|message_id: \"\" is not text of 1 to 255 characters, without U+0000 and halves of pairs",
        "\"m-1\"|null|message_id: missing, expected text of 1 to 255 characters, without U+0000 and halves of pairs",
        "event_type|type|event_type: missing, expected text of 1 to 255 characters, without U+0000 and halves of pairs",
        "\"compute.host1\"|3|publisher_id: \"3\" is not text of 1 to 255 characters, without U+0000 and halves of pairs",
        "{\"memory_mb\": 512}|3|payload: \"3\" is not an object or a list",
        "payload|load|payload: missing, expected an object or a list",
        "19:34|29:34|timestamp: \"2026-03-01 29:34:05.596853\" is not a date and a time, such as 2026-03-01 19:34:05.596853",
        "\"timestamp\"|\"time\"|timestamp: missing, expected a date and a time, such as 2026-03-01 19:34:05.596853",
      })
  void whatIsIncompleteIsRefused(String what, String by, String message) {
    refused(PLAIN.replace(what, by), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "3|notification: \"3\" is not an object",
        "[]|notification: \"[…]\" is not an object",
        "{\"oslo.version\": \"3.0\", \"oslo.message\": \"{}\"}|oslo.version: \"3.0\" is not 2.0",
        "{\"oslo.version\": \"2.0\", \"oslo.message\": \"3\"}|notification: \"3\" is not an object",
      })
  void whatIsNoNotificationIsRefused(String json, String message) {
    refused(json, message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{} {}", "{\"oslo.version\":\"2.0\",\"oslo.message\":\"{\"}"})
  void whatIsNotJsonIsRefused(String json) {
    assertThatExceptionOfType(NotificationException.class)
        .isThrownBy(() -> parse(json))
        .withMessageMatching("(oslo.message: )?not JSON: .*|notification: missing.*");
  }

  @Test
  void whatIsTooDeepIsRefused() {
    assertThatExceptionOfType(NotificationException.class)
        .isThrownBy(() -> parse("[".repeat(5_000)))
        .withMessageStartingWith("not JSON: Document nesting depth (101)");
  }

  /** Bytes from anywhere are taken or refused, and nothing else happens. */
  @Test
  void nothingElseIsEverThrown() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    byte[] plain = PLAIN.getBytes(StandardCharsets.UTF_8);
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = plain.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(Notification.parse(bytes).tree().size()).isEqualTo(6);
        taken++;
      } catch (NotificationException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    assertThat(taken).isBetween(1, 19_999);
  }

  private static void refused(String json, String message) {
    assertThatExceptionOfType(NotificationException.class)
        .isThrownBy(() -> parse(json))
        .withMessage(message);
  }

  private static Notification parse(String json) {
    return Notification.parse(json.getBytes(StandardCharsets.UTF_8));
  }
}
