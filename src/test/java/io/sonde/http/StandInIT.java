package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class StandInIT {
  private static final String HOST = "127.0.0.1";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port = freePort();

  @Test
  void itIsAliveAndAllElseIsUnavailableForAReason() throws Exception {
    StandIn standIn = StandIn.open(HOST, port, () -> "It \"rains\".");
    try {
      assertThat(send("GET", "/health/live", "").statusCode()).isEqualTo(200);
      for (String path :
          new String[] {"/health/ready", "/v2/meters?limit=1", "/health/lively", "/"}) {
        assertThat(send("GET", path, "").statusCode()).as(path).isEqualTo(503);
      }
      HttpResponse<String> push = send("POST", "/v2/samples", "x".repeat(1 << 20));
      assertThat(push.statusCode()).isEqualTo(503);
      assertThat(push.headers().firstValue("Retry-After")).contains("1");
      assertThat(push.headers().firstValue("Content-Type"))
          .contains("application/json; charset=UTF-8");
      assertThat(push.body())
          .isEqualTo(
              "{\"error_message\":{\"debuginfo\":null,\"faultcode\":\"Server\","
                  + "\"faultstring\":\"It \\\"rains\\\".\"}}");
      HttpResponse<String> head = send("HEAD", "/v2/meters", "");
      assertThat(head.statusCode()).isEqualTo(503);
      assertThat(head.body()).isEmpty();
    } finally {
      standIn.close();
    }
  }

  @Test
  void theNextOneListensAtTheSameAddressAtOnce() throws Exception {
    for (int i = 0; i < 3; i++) {
      String reason = "reason " + i;
      StandIn standIn = StandIn.open(HOST, port, () -> reason);
      try {
        assertThat(send("GET", "/", "").body()).contains(reason);
      } finally {
        standIn.close();
      }
    }
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + port + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
