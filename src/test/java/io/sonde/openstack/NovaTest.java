package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.openstack.TestCloud.Reply;
import io.sonde.openstack.TestCloud.Request;
import io.sonde.polling.Findings;
import io.sonde.polling.Found;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledTarget;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers, and with them what all listings have in common. */
class NovaTest {
  private static final String SERVERS = "/compute/v2.1/servers/detail";

  private final PolledCloud polled = new PolledCloud();
  private final TestCloud cloud = polled.cloud;

  NovaTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    cloud.endpoint("compute", "north", "public", "/compute/v2.1");
  }

  @AfterEach
  void stop() {
    polled.close();
  }

  @Test
  void readsServersOfAllProjects() {
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": [" + server("s1", "active") + "]}"));
    Findings findings = polled.find("nova");
    assertThat(findings.isComplete()).isTrue();
    assertThat(findings.remarks()).isEmpty();
    assertThat(findings.found())
        .extracting(Found::target)
        .containsExactly(new PolledTarget("openstack", "s1", null, "nova"));
    assertThat(PolledCloud.lines(findings))
        .containsExactly(
            "s1 p1 instance gauge instance 1.0",
            "s1 p1 vcpus gauge vcpu 2.0",
            "s1 p1 memory gauge MiB 4096.0",
            "s1 p1 disk.root.size gauge GiB 20.0",
            "s1 p1 disk.ephemeral.size gauge GiB 5.0",
            "s1 p1 power.state gauge '' 1.0");
    assertThat(findings.found().get(0).reading().series(0).source()).isEqualTo("openstack");
    assertThat(findings.found().get(0).reading().series(0).userId()).isEqualTo("u1");
    assertThat(findings.found().get(0).reading().timestamp(0)).isEqualTo(cloud.millis.get() * 1000);
    Request request = cloud.requests(SERVERS).get(0);
    assertThat(request.query()).isEqualTo(Map.of("all_tenants", "True", "limit", "500"));
    assertThat(request.header("OpenStack-API-Version")).isEqualTo("compute 2.69");
    assertThat(request.header("X-OpenStack-Nova-API-Version")).isEqualTo("2.69");
  }

  @Test
  void metadataTellsWhatTheServerIs() {
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": [" + server("s1", "active") + "]}"));
    assertThat(PolledCloud.metadata(polled.find("nova"), "s1"))
        .isEqualTo(
            "{\"OS-EXT-AZ:availability_zone\":\"nova\",\"created\":\"2026-01-01T00:00:00Z\","
                + "\"disk_gb\":25,\"display_name\":\"web\",\"ephemeral_gb\":5,"
                + "\"flavor\":{\"disk\":20,\"ephemeral\":5,\"name\":\"m1\",\"ram\":4096,"
                + "\"swap\":0,\"vcpus\":2},\"host\":\"hash\",\"image\":{\"id\":\"i1\"},"
                + "\"image_ref\":\"i1\",\"image_ref_url\":\"http://glance/images/i1\","
                + "\"instance_host\":\"compute1\",\"instance_id\":\"s1\","
                + "\"instance_type\":\"m1\",\"launched_at\":\"2026-01-01T00:00:05\","
                + "\"memory_mb\":4096,\"name\":\"instance-1\",\"reservation_id\":\"r1\","
                + "\"root_gb\":20,\"state\":\"active\",\"status\":\"active\","
                + "\"user_metadata\":{\"farm_a\":\"x\"},\"vcpus\":2}");
  }

  @Test
  void serversThatAreDeletedOrFailedAreNone() {
    String servers =
        String.join(",", server("s1", "deleted"), server("s2", "error"), server("s3", "stopped"));
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": [" + servers + "]}"));
    assertThat(ids(polled.find("nova"))).containsExactly("s3");
  }

  @Test
  void aServerWithoutAnImageBootsFromAVolume() {
    String server =
        server("s1", "active").replaceFirst("\"image\": \\{.*?}]},", "\"image\": \"\",");
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": [" + server + "]}"));
    assertThat(PolledCloud.metadata(polled.find("nova"), "s1")).doesNotContain("image");
  }

  @Test
  void oneOddServerCostsNoOther() {
    List<String> servers =
        List.of(
            server("s1", "active"),
            "{\"id\": \"s2\", \"status\": \"UNKNOWN\", \"tenant_id\": \"p1\"}",
            server("s3", "active").replace("\"vcpus\": 2", "\"vcpus\": \"two\""),
            server("s4", "active").replace("\"ram\": 4096,", ""),
            server("s5", "active").replace("\"tenant_id\": \"p1\"", "\"tenant_id\": 7"),
            server("s6", "active").replace("\"web\"", "\"" + "w".repeat(66_000) + "\""),
            "{\"id\": null}",
            "7",
            server("s9", "active"));
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": " + servers + "}"));
    Findings findings = polled.find("nova");
    assertThat(ids(findings)).containsExactly("s1", "s2", "s3", "s4", "s5", "s6", "s9");
    assertThat(PolledCloud.failures(findings))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "s2", "Nova gives no details of it: its cell does not answer",
                "s3", "flavor.vcpus: \"two\" is not a number",
                "s4", "flavor.ram: missing, expected a number",
                "s5", "tenant_id: 7 is not a text",
                "s6", "metadata of more than 65536 bytes"));
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks())
        .containsExactly("id: missing, expected a text", "an entry is no object");
  }

  @Test
  void readsAllPagesAtThePlaceOfTheCatalog() {
    polled.configure("page-size = 2");
    cloud.serve(SERVERS, this::pages);
    Findings findings = polled.find("nova");
    assertThat(ids(findings)).containsExactly("s0", "s1", "s2", "s3", "s4");
    assertThat(findings.isComplete()).isTrue();
    assertThat(cloud.requests(SERVERS))
        .extracting(Request::query)
        .containsExactly(
            Map.of("all_tenants", "True", "limit", "2"),
            Map.of("all_tenants", "True", "limit", "2", "marker", "s1"),
            Map.of("all_tenants", "True", "limit", "2", "marker", "s3"));
    assertThat(cloud.requests(SERVERS))
        .allSatisfy(
            page -> assertThat(page.header("OpenStack-API-Version")).isEqualTo("compute 2.69"));
  }

  @Test
  void whatWasReadBeforeAFailureCounts() {
    polled.configure("page-size = 2");
    cloud.serve(
        SERVERS,
        request -> "s3".equals(request.query().get("marker")) ? Reply.of(502) : pages(request));
    Findings findings = polled.find("nova");
    assertThat(ids(findings)).containsExactly("s0", "s1", "s2", "s3");
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks())
        .containsExactly("GET " + cloud.url() + SERVERS + ": answered with status 502");
  }

  @Test
  void whatWasReadBeforeTheDeadlineCounts() {
    polled.configure("page-size = 2");
    cloud.serve(SERVERS, this::pages);
    assertThat(polled.find("nova").found()).hasSize(5);
    cloud.serve(
        SERVERS, request -> request.query().containsKey("marker") ? cloud.hang() : pages(request));
    Findings findings = polled.find("nova", Duration.ofSeconds(1));
    assertThat(ids(findings)).containsExactly("s0", "s1");
    assertThat(findings.isComplete()).isFalse();
    assertThat(findings.remarks())
        .containsExactly("GET " + cloud.url() + SERVERS + ": no answer within 1000 ms");
  }

  @Test
  void pagesThatGoRoundInACircleEnd() {
    String body =
        "{\"servers\": [%s], \"servers_links\": [{\"rel\": \"next\", \"href\": \"?marker=s1\"}]}"
            .formatted(server("s1", "active"));
    cloud.serve(SERVERS, request -> Reply.ok(body));
    Findings findings = polled.find("nova");
    assertThat(ids(findings)).containsExactly("s1");
    assertThat(findings.remarks())
        .containsExactly("GET " + cloud.url() + SERVERS + ": its pages go round in a circle");
    assertThat(cloud.requests(SERVERS)).hasSize(2);
  }

  @Test
  void anOlderNovaIsAskedAsItCan() {
    cloud.serve(
        SERVERS,
        request ->
            request.header("X-OpenStack-Nova-API-Version").equals("2.47")
                ? Reply.ok("{\"servers\": [" + server("s1", "active") + "]}")
                : Reply.of(406));
    assertThat(ids(polled.find("nova"))).containsExactly("s1");
  }

  @Test
  void readsAllRegionsUnlessOneIsChosen() throws IOException {
    cloud.endpoint("compute", "south", "public", "/south");
    cloud.serve(SERVERS, request -> Reply.ok("{\"servers\": [" + server("s1", "active") + "]}"));
    cloud.serve(
        "/south/v2.1/servers/detail",
        request -> Reply.ok("{\"servers\": [" + server("s2", "active") + "]}"));
    assertThat(ids(polled.find("nova"))).containsExactly("s1", "s2");
    cloud.serve(SERVERS, request -> Reply.of(500));
    Findings findings = polled.find("nova");
    assertThat(ids(findings)).containsExactly("s2");
    assertThat(findings.isComplete()).isFalse();
    polled.configure("cloud.region = south");
    assertThat(polled.find("nova").isComplete()).isTrue();
  }

  @Test
  void failsWhenNothingCanBeRead() {
    fails(request -> Reply.of(500), "answered with status 500");
    fails(request -> Reply.of(404), "answered with status 404");
    fails(request -> Reply.ok("{\"servers\": ["), "no JSON at line 1, column 14");
    fails(request -> Reply.ok("{\"servers\": {}}"), "no list \"servers\"");
    fails(request -> Reply.ok("[]"), "no list \"servers\"");
    cloud.catalog.clear();
    polled.configure("");
    assertThatThrownBy(() -> polled.find("nova"))
        .hasRootCauseMessage("the catalog has no endpoint of compute");
  }

  @Test
  void nothingIsAskedForMetersThatNobodyKeeps() {
    assertThat(polled.find("nova", "volume.size", "cpu").found()).isEmpty();
    assertThat(cloud.requests).isEmpty();
  }

  @Test
  void aServerIsNotAskedByItself() {
    assertThatThrownBy(
            () ->
                polled
                    .pollster()
                    .poll(new PolledTarget("openstack", "s1", null, "nova"), PolledCloud.DEADLINE)
                    .toCompletableFuture()
                    .join())
        .hasRootCauseInstanceOf(PollException.class);
  }

  private void fails(TestCloud.Service service, String reason) {
    cloud.serve(SERVERS, service);
    assertThatThrownBy(() -> polled.find("nova"))
        .hasRootCauseInstanceOf(PollException.class)
        .hasRootCauseMessage("GET " + cloud.url() + SERVERS + ": " + reason);
  }

  /** Five servers, with links as a Nova behind a proxy writes them. */
  private Reply pages(Request request) {
    int limit = Integer.parseInt(request.query().get("limit"));
    String marker = request.query().getOrDefault("marker", "s-1");
    int from = Integer.parseInt(marker.substring(1)) + 1;
    List<String> servers = new ArrayList<>();
    for (int i = from; i < Math.min(5, from + limit); i++) {
      servers.add(server("s" + i, "active"));
    }
    String links =
        from + limit >= 5
            ? ""
            : (", \"servers_links\": [{\"rel\": \"next\", \"href\": \"http://inside.invalid:8774"
                    + "/v2.1/servers/detail?all_tenants=True&limit=%d&marker=s%d\"}]")
                .formatted(limit, from + limit - 1);
    return Reply.ok("{\"servers\": " + servers + links + "}");
  }

  private static List<String> ids(Findings findings) {
    return findings.found().stream().map(found -> found.target().resourceId()).toList();
  }

  private static String server(String id, String state) {
    return """
        {"id": "%s", "name": "web", "status": "%s", "tenant_id": "p1", "user_id": "u1",
         "metadata": {"metering.farm.a": "x", "other": "y"}, "hostId": "hash",
         "image": {"id": "i1", "links": [{"rel": "bookmark", "href": "http://glance/images/i1"}]},
         "flavor": {"vcpus": 2, "ram": 4096, "disk": 20, "ephemeral": 5, "swap": 0,
                    "original_name": "m1", "extra_specs": {"hw:x": "1"}},
         "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:09Z", "addresses": {},
         "OS-EXT-AZ:availability_zone": "nova", "OS-SRV-USG:launched_at": "2026-01-01T00:00:05",
         "OS-EXT-SRV-ATTR:host": "compute1", "OS-EXT-SRV-ATTR:instance_name": "instance-1",
         "OS-EXT-SRV-ATTR:user_data": "cGFzc3dvcmQ=", "OS-EXT-SRV-ATTR:reservation_id": "r1",
         "OS-EXT-SRV-ATTR:kernel_id": null, "OS-EXT-STS:task_state": null,
         "OS-EXT-STS:vm_state": "%s", "OS-EXT-STS:power_state": 1}
        """
        .formatted(id, state.toUpperCase(Locale.ROOT), state);
  }
}
