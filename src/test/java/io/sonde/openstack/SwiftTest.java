package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.SampleBatch;
import io.sonde.openstack.TestCloud.Reply;
import io.sonde.openstack.TestCloud.Request;
import io.sonde.polling.Found;
import io.sonde.polling.PolledTarget;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SwiftTest {
  private static final Map<String, String> TOTALS =
      Map.of(
          "X-Account-Object-Count", "12",
          "X-Account-Bytes-Used", "3456",
          "X-Account-Container-Count", "3");

  private final PolledCloud polled = new PolledCloud();
  private final TestCloud cloud = polled.cloud;

  SwiftTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    cloud
        .endpoint("object-store", "north", "public", "/swift/v1/AUTH_p9")
        .endpoint("identity", "north", "public", "/identity");
    cloud.serve(
        "/identity/v3/projects",
        request ->
            Reply.ok(
                """
                {"projects": [{"id": "p1", "domain_id": "default", "enabled": true},
                              {"id": "p2", "domain_id": "other", "enabled": false}],
                 "links": {"next": null, "previous": null}}
                """));
    polled.configure("page-size = 2");
  }

  @AfterEach
  void stop() {
    polled.close();
  }

  @Test
  void findsAnAccountForEachProjectOfAllDomains() {
    assertThat(polled.find("swift").found())
        .extracting(Found::target)
        .containsExactly(
            target("p1", "GET", "/swift/v1/AUTH_p1"), target("p2", "GET", "/swift/v1/AUTH_p2"));
    assertThat(polled.find("swift", "storage.objects").found())
        .extracting(Found::target)
        .contains(target("p1", "HEAD", "/swift/v1/AUTH_p1"));
    polled.configure("swift-account-prefix = KEY_");
    assertThat(polled.find("swift").found())
        .extracting(Found::target)
        .contains(target("p1", "GET", "/swift/v1/KEY_p1"));
  }

  @Test
  void readsAnAccountAndItsContainersPageByPage() {
    cloud.serve("/swift/v1/AUTH_p1", SwiftTest::account);
    assertThat(lines(target("p1", "GET", "/swift/v1/AUTH_p1")))
        .containsExactly(
            "p1 p1 storage.objects gauge object 12.0",
            "p1 p1 storage.size gauge B 3456.0",
            "p1 p1 storage.containers gauge container 3.0",
            "p1/a b p1 storage.containers.objects gauge object 10.0",
            "p1/a b p1 storage.containers.size gauge B 3000.0",
            "p1/c&d p1 storage.containers.objects gauge object 1.0",
            "p1/c&d p1 storage.containers.size gauge B 400.0",
            "p1/e p1 storage.containers.objects gauge object 1.0",
            "p1/e p1 storage.containers.size gauge B 56.0");
    assertThat(cloud.requests("/swift/v1/AUTH_p1"))
        .extracting(Request::query)
        .containsExactly(
            Map.of("format", "json", "limit", "2"),
            Map.of("format", "json", "limit", "2", "marker", "c&d"));
  }

  @Test
  void readsTheTotalsAloneWhereContainersAreNotWanted() {
    cloud.serve("/swift/v1/AUTH_p1", request -> new Reply(204, "", TOTALS));
    assertThat(lines(target("p1", "HEAD", "/swift/v1/AUTH_p1")))
        .containsExactly(
            "p1 p1 storage.objects gauge object 12.0",
            "p1 p1 storage.size gauge B 3456.0",
            "p1 p1 storage.containers gauge container 3.0");
    assertThat(cloud.requests("/swift/v1/AUTH_p1").get(0).method()).isEqualTo("HEAD");
  }

  @Test
  void aProjectThatNeverUsedSwiftHasNothing() {
    assertThat(lines(target("p1", "GET", "/swift/v1/AUTH_p1"))).isEmpty();
    assertThat(lines(target("p1", "HEAD", "/swift/v1/AUTH_p1"))).isEmpty();
  }

  @Test
  void anAccountWithoutContainersHasNoContent() {
    cloud.serve("/swift/v1/AUTH_p1", request -> new Reply(204, "", TOTALS));
    assertThat(lines(target("p1", "GET", "/swift/v1/AUTH_p1"))).hasSize(3);
  }

  @Test
  void anOddContainerCostsNoOther() {
    cloud.serve(
        "/swift/v1/AUTH_p1",
        request ->
            request.query().containsKey("marker")
                ? new Reply(200, "[]", TOTALS)
                : new Reply(
                    200,
                    "[{\"name\": \"a\", \"bytes\": 1}, {\"name\": \"b\", \"count\": 2, \"bytes\": 3}]",
                    TOTALS));
    assertThat(lines(target("p1", "GET", "/swift/v1/AUTH_p1")))
        .hasSize(5)
        .contains("p1/b p1 storage.containers.size gauge B 3.0");
    assertThat(cloud.leftOut).hasValue(1);
  }

  @Test
  void anAccountIsReadWholeOrNotAtAll() {
    fails(request -> Reply.of(403), "answered with status 403");
    fails(
        request -> new Reply(200, "[]", Map.of()), "no count in the header X-Account-Object-Count");
    fails(request -> new Reply(200, "{}", TOTALS), "no list of containers");
    fails(
        request -> request.query().containsKey("marker") ? Reply.of(503) : account(request),
        "answered with status 503");
    fails(
        request -> new Reply(200, "[{\"name\": \"a\"}, {\"name\": \"b\"}]", TOTALS),
        "its pages go round in a circle");
  }

  @Test
  void findsNothingWithoutAnObjectStore() {
    cloud.catalog.remove(0);
    assertThatThrownBy(() -> polled.find("swift"))
        .hasRootCauseMessage("the catalog has no endpoint of object-store");
    assertThat(polled.find("swift", "cpu").found()).isEmpty();
  }

  @Test
  void pollsOfOneSwiftAreBoundedTogether() {
    assertThat(polled.pollster().host(target("p1", "GET", "/swift/v1/AUTH_p1")))
        .isEqualTo(cloud.url().replace("http://", ""));
    assertThat(polled.pollster().host(new PolledTarget("openstack", "s1", null, "nova"))).isNull();
  }

  private void fails(TestCloud.Service service, String reason) {
    cloud.serve("/swift/v1/AUTH_p1", service);
    assertThatThrownBy(() -> lines(target("p1", "GET", "/swift/v1/AUTH_p1")))
        .hasRootCauseMessage("GET " + cloud.url() + "/swift/v1/AUTH_p1: " + reason);
  }

  private static Reply account(Request request) {
    return new Reply(
        200,
        "c&d".equals(request.query().get("marker"))
            ? "[{\"name\": \"e\", \"count\": 1, \"bytes\": 56}]"
            : """
              [{"name": "a b", "count": 10, "bytes": 3000, "last_modified": "2026-01-01T00:00:00.0"},
               {"name": "c&d", "count": 1, "bytes": 400}]
              """,
        TOTALS);
  }

  private List<String> lines(PolledTarget target) {
    SampleBatch batch =
        polled.pollster().poll(target, PolledCloud.DEADLINE).toCompletableFuture().join();
    return batch.samples().stream().map(PolledCloud::line).toList();
  }

  private PolledTarget target(String project, String method, String path) {
    return new PolledTarget("openstack", project, null, method + " " + cloud.url() + path);
  }
}
