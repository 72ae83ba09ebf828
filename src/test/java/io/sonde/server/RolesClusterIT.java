package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.server.Exporters.Manner;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three nodes, each of which does a part: what they do together is what one node would do, and when
 * a part is missing they say which.
 */
@Tag("long")
class RolesClusterIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String MISSING = "no node has the role collector";

  @RegisterExtension final SondeProcesses sondes = new SondeProcesses();

  private final HttpJson http = new HttpJson();

  @Test
  @Timeout(300)
  void eachDoesItsPartAndReachesTheOthers() throws Exception {
    try (Exporters exporters = new Exporters()) {
      exporters.list("e0", Manner.WELL);
      String source =
          "sonde.polling.sources=[{name=s,interval=1s,discovery=" + exporters.discovery() + "}]";
      List<String> roles = List.of("[api]", "[collector,pipeline]", "[poller,notification]");
      try (ThreeNodes all = ThreeNodes.withRoles(sondes, roles, source)) {
        SondeProcess api = all.nodes().get(0);
        SondeProcess storing = all.nodes().get(1);
        SondeProcess polling = all.nodes().get(2);
        push(api, 0, 201);
        assertThat(stored(api, 0)).isEqualTo(1);
        String polled = "v2/samples?q.field=resource_id&q.value=" + exporters.resource("e0");
        Wait.until(SOON, "samples of the poller", () -> !http.get(api.base(), polled).isEmpty());
        assertThat(http.get(api.base(), "v2/polling/s").get("resource_count").asInt()).isEqualTo(1);
        eachIsSeenByAll(api, storing, polling);
        String refusal = push(storing, 1, 503);
        assertThat(refusal).contains("This node does not have the role api");

        storing.terminate();
        assertThat(storing.output())
            .contains("collector=0 started here sequence=", "collector=0 handed over: this node");
        Wait.until(SOON, "it is told what is missing", () -> missing(api) && missing(polling));
        assertThat(push(api, 2, 503)).contains(MISSING);
        assertThat(http.get(api.base(), "v2/cluster").get("missing_roles").toString())
            .isEqualTo("[\"pipeline\",\"collector\"]");

        storing.start();
        Wait.until(
            SOON, "it goes on", () -> http.answer(api.base(), "health/ready").statusCode() == 200);
        push(api, 2, 201);
        assertThat(stored(api, 0)).isEqualTo(1);
        assertThat(stored(api, 2)).isEqualTo(1);
      }
    }
  }

  private void eachIsSeenByAll(SondeProcess api, SondeProcess storing, SondeProcess polling) {
    Wait.until(
        SOON,
        "all stages run",
        () -> entities(view(api, 1), "stage") > 0 && entities(view(api, 2), "polled_resource") > 0);
    assertThat(view(api, 0).get("entities")).isEmpty();
    assertThat(entities(view(api, 1), "collector")).isEqualTo(6);
    assertThat(view(api, 1).get("collectors")).hasSize(6);
    assertThat(view(api, 1).get("http").asText() + "/").isEqualTo(storing.base().toString());
    assertThat(entities(view(api, 2), "polled_resource")).isEqualTo(1);
    assertThat(entities(view(api, 2), "discovery")).isEqualTo(1);
    Set<String> told = new TreeSet<>();
    Set<String> answering = new TreeSet<>();
    for (SondeProcess node : List.of(api, storing, polling)) {
      JsonNode view = http.get(node.base(), "v2/cluster");
      assertThat(view.get("complete").asBoolean()).isTrue();
      assertThat(view.get("missing_roles")).isEmpty();
      answering.add(view.get("answered_by").asText());
      for (JsonNode one : view.get("nodes")) {
        assertThat(one.get("ready").asBoolean()).as(one.toString()).isTrue();
        // What else there is changes while samples come.
        told.add(
            ((ObjectNode) one)
                .retain("address", "roles", "state", "version", "up_since", "http", "entities")
                .toString());
      }
      assertThat(http.answer(node.base(), "metrics").body())
          .contains("sonde_cluster_members{status=\"up\"} 3.0");
    }
    assertThat(answering).hasSize(3);
    assertThat(told).as("what they say of each other").hasSize(3);
  }

  /** What a node says of the one that was started as number {@code index}. */
  private JsonNode view(SondeProcess node, int index) {
    String role = List.of("api", "collector", "poller").get(index);
    for (JsonNode one : http.get(node.base(), "v2/cluster").get("nodes")) {
      if (one.get("roles").toString().contains(role)) {
        return one;
      }
    }
    throw new AssertionError("no node " + role);
  }

  private static int entities(JsonNode node, String kind) {
    return node.path("entities").path(kind).path("entities").asInt();
  }

  private boolean missing(SondeProcess node) {
    HttpResponse<String> ready = http.answer(node.base(), "health/ready");
    return ready.statusCode() == 503 && ready.body().contains(MISSING);
  }

  private String push(SondeProcess node, long number, int status) throws Exception {
    HttpResponse<String> answer =
        http.post(node.base(), "v2/samples", NumberedSamples.json(new long[] {number}));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer.body();
  }

  private int stored(SondeProcess node, long number) {
    return http.get(
            node.base(),
            "v2/meters/"
                + NumberedSamples.meter(number)
                + "?q.field=resource_id&q.value="
                + NumberedSamples.resource(number))
        .size();
  }
}
