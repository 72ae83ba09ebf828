package io.sonde.http;

import static io.sonde.http.ApiServer.PUSH;
import static io.sonde.http.ApiServer.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node says of the cluster, and what one says that does not serve the API. */
class ClusterRoutesActorTest {
  @Test
  void theClusterIsShownToAdministrators() throws Exception {
    try (ApiServer server = new ApiServer()) {
      JsonNode view = new ObjectMapper().readTree(server.get("/v2/cluster").body());
      assertThat(view.get("answered_by").asText()).isEqualTo("10.0.0.1:25520");
      assertThat(view.get("complete").asBoolean()).isFalse();
      assertThat(view.get("missing_roles").toString()).isEqualTo("[\"notification\"]");
      JsonNode node = view.get("nodes").get(0);
      assertThat(node.get("roles").toString()).isEqualTo("[\"collector\",\"api\"]");
      assertThat(node.get("up_since").asText()).isEqualTo("2016-05-06T12:00:00");
      assertThat(node.get("ready").asBoolean()).isFalse();
      assertThat(node.get("reason").asText()).isEqualTo("the collectors are recovering");
      assertThat(node.get("entities").toString())
          .isEqualTo("{\"collector\":{\"shards\":2,\"entities\":2},\"polled_resource\":null}");
      assertThat(node.get("collectors").get(0).toString())
          .isEqualTo(
              "{\"collector\":1,\"generation\":2,\"sequence\":30,\"unflushed_events\":4,"
                  + "\"unflushed_bytes\":5000,\"waiting_samples\":6,"
                  + "\"last_flush\":\"2016-05-06T12:00:00\",\"last_flush_outcome\":\"written\"}");
      assertThat(view.get("nodes").get(1).toString())
          .isEqualTo(
              "{\"address\":\"10.0.0.2:25520\",\"roles\":[\"poller\"],\"state\":\"up\","
                  + "\"reachable\":false,\"answered\":false}");

      HttpResponse<String> others =
          server.send(server.request("/v2/cluster").header("X-Project-Id", "p").build());
      assertError(others, 401, "Not Authorized: the cluster is the administrators'");
    }
  }

  @Test
  void aNodeWithoutTheApiRefusesWhatIsNotItsOwn() throws Exception {
    try (ApiServer server = ApiServer.withoutApi()) {
      String refusal = "This node does not have the role api: ask one that has.";
      assertError(server.post("/v2/samples", PUSH), 503, refusal);
      assertError(server.post("/api/v1/write", "x"), 503, refusal);
      assertError(server.get("/v2/meters"), 503, refusal);
      for (String path : List.of("/", "/health/live", "/health/ready", "/metrics", "/v2/cluster")) {
        assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
      }
      assertThat(server.get("/nonsense").statusCode()).isEqualTo(404);
      assertThat(server.taken).isNull();
    }
  }
}
