package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.openstack.TestCloud.Reply;
import io.sonde.openstack.TestCloud.Request;
import io.sonde.polling.Findings;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GlanceTest {
  private static final String IMAGES = "/image/v2/images";

  private final PolledCloud polled = new PolledCloud();
  private final TestCloud cloud = polled.cloud;

  GlanceTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    cloud.endpoint("image", "north", "public", "/image");
    polled.configure("page-size = 1");
    cloud.serve(IMAGES, GlanceTest::images);
  }

  @AfterEach
  void stop() {
    polled.close();
  }

  @Test
  void readsImagesPageByPageAndThoseThatAreHidden() {
    Findings findings = polled.find("glance");
    assertThat(PolledCloud.lines(findings))
        .containsExactly(
            "i1 p1 image gauge image 1.0",
            "i1 p1 image.size gauge B 2000.0",
            "i2 p1 image gauge image 1.0",
            "i3 p1 image gauge image 1.0",
            "i3 p1 image.size gauge B 30.0");
    assertThat(findings.isComplete()).isTrue();
    assertThat(cloud.requests(IMAGES))
        .extracting(Request::query)
        .containsExactly(
            Map.of("limit", "1"),
            Map.of("limit", "1", "marker", "i1"),
            Map.of("limit", "1", "os_hidden", "true"));
  }

  @Test
  void whereAnImageLiesIsNotTold() {
    assertThat(PolledCloud.metadata(polled.find("glance"), "i1"))
        .isEqualTo(
            "{\"checksum\":\"c\",\"container_format\":\"bare\",\"disk_format\":\"qcow2\","
                + "\"min_disk\":0,\"min_ram\":0,\"name\":\"cirros\",\"os_hidden\":false,"
                + "\"protected\":false,\"status\":\"active\",\"visibility\":\"public\"}");
  }

  private static Reply images(Request request) {
    if (request.query().containsKey("os_hidden")) {
      return Reply.ok("{\"images\": [{\"id\": \"i3\", \"owner\": \"p1\", \"size\": 30}]}");
    }
    if (request.query().containsKey("marker")) {
      return Reply.ok(
          "{\"images\": [{\"id\": \"i2\", \"owner\": \"p1\", \"size\": null,"
              + " \"status\": \"queued\"}], \"first\": \"/v2/images?limit=1\"}");
    }
    return Reply.ok(
        """
        {"images": [{"id": "i1", "name": "cirros", "owner": "p1", "size": 2000, "checksum": "c",
          "status": "active", "visibility": "public", "protected": false, "os_hidden": false,
          "disk_format": "qcow2", "container_format": "bare", "min_disk": 0, "min_ram": 0,
          "virtual_size": null, "direct_url": "swift+https://user:s3cret@keystone/i1",
          "locations": [{"url": "swift+https://user:s3cret@keystone/i1"}]}],
         "next": "/v2/images?limit=1&marker=i1", "first": "/v2/images?limit=1"}
        """);
  }
}
