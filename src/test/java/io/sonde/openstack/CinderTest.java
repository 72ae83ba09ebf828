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

class CinderTest {
  private final PolledCloud polled = new PolledCloud();
  private final TestCloud cloud = polled.cloud;

  CinderTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    cloud.endpoint("volumev3", "north", "public", "/volume/v3/p9");
  }

  @AfterEach
  void stop() {
    polled.close();
  }

  @Test
  void readsVolumesOfAllProjects() {
    cloud.serve(
        "/volume/v3/p9/volumes/detail",
        request ->
            request.query().containsKey("marker")
                ? Reply.ok("{\"volumes\": [{\"id\": \"v2\", \"size\": 3, \"attachments\": []}]}")
                : Reply.ok(
                    """
                    {"volumes": [{"id": "v1", "name": "data", "size": 10, "status": "in-use",
                      "volume_type": "ssd", "bootable": "true", "encrypted": false,
                      "multiattach": false, "availability_zone": "nova", "user_id": "u1",
                      "created_at": "2026-01-01T00:00:00.000000", "snapshot_id": null,
                      "os-vol-tenant-attr:tenant_id": "p1", "os-vol-host-attr:host": "c@lvm#pool",
                      "volume_image_metadata": {"image_id": "i1"}, "metadata": {"a": "b"},
                      "attachments": [{"server_id": "s1", "host_name": "x"}]}],
                     "volumes_links": [{"rel": "next", "href":
                      "http://c/v3/volumes/detail?limit=500&all_tenants=True&marker=v1"}]}
                    """));
    Findings findings = polled.find("cinder-volumes");
    assertThat(PolledCloud.lines(findings))
        .containsExactly("v1 p1 volume.size gauge GiB 10.0", "v2 null volume.size gauge GiB 3.0");
    assertThat(findings.found().get(0).reading().series(0).userId()).isEqualTo("u1");
    assertThat(PolledCloud.metadata(findings, "v1"))
        .isEqualTo(
            "{\"availability_zone\":\"nova\",\"bootable\":\"true\","
                + "\"created_at\":\"2026-01-01T00:00:00.000000\",\"display_name\":\"data\","
                + "\"encrypted\":false,\"host\":\"c@lvm#pool\",\"image_id\":\"i1\","
                + "\"instance_id\":\"s1\",\"multiattach\":false,\"status\":\"in-use\","
                + "\"volume_type\":\"ssd\"}");
    Request first = cloud.requests("/volume/v3/p9/volumes/detail").get(0);
    assertThat(first.query()).isEqualTo(Map.of("all_tenants", "True", "limit", "500"));
    assertThat(first.header("OpenStack-API-Version")).isEqualTo("volume 3.56");
  }

  @Test
  void anOlderCinderIsAskedAsItCan() {
    cloud.serve(
        "/volume/v3/p9/volumes/detail",
        request ->
            request.header("OpenStack-API-Version") == null
                ? Reply.ok("{\"volumes\": [{\"id\": \"v1\", \"size\": 1}]}")
                : Reply.of(406));
    assertThat(PolledCloud.lines(polled.find("cinder-volumes")))
        .containsExactly("v1 null volume.size gauge GiB 1.0");
  }

  @Test
  void readsSnapshotsAndBackups() {
    cloud.serve(
        "/volume/v3/p9/snapshots/detail",
        request ->
            Reply.ok(
                """
                {"snapshots": [{"id": "n1", "name": "night", "size": 4, "status": "available",
                  "volume_id": "v1", "user_id": "u1", "metadata": {},
                  "os-extended-snapshot-attributes:project_id": "p1"}]}
                """));
    cloud.serve(
        "/volume/v3/p9/backups/detail",
        request ->
            Reply.ok(
                """
                {"backups": [{"id": "b1", "name": "weekly", "size": 7, "status": "available",
                  "volume_id": "v1", "user_id": "u1", "os-backup-project-attr:project_id": "p1",
                  "is_incremental": true, "object_count": 3, "container": "volumebackups"},
                  {"id": "b2", "size": "much"}]}
                """));
    Findings snapshots = polled.find("cinder-snapshots");
    assertThat(PolledCloud.lines(snapshots))
        .containsExactly("n1 p1 volume.snapshot.size gauge GiB 4.0");
    assertThat(PolledCloud.metadata(snapshots, "n1"))
        .isEqualTo("{\"display_name\":\"night\",\"status\":\"available\",\"volume_id\":\"v1\"}");
    Findings backups = polled.find("cinder-backups");
    assertThat(PolledCloud.lines(backups))
        .containsExactly("b1 p1 volume.backup.size gauge GiB 7.0");
    assertThat(PolledCloud.metadata(backups, "b1"))
        .isEqualTo(
            "{\"container\":\"volumebackups\",\"display_name\":\"weekly\","
                + "\"is_incremental\":true,\"object_count\":3,\"status\":\"available\","
                + "\"volume_id\":\"v1\"}");
    assertThat(PolledCloud.failures(backups))
        .isEqualTo(Map.of("b2", "size: \"much\" is not a number"));
  }

  @Test
  void readsPoolsAndWhatTheyPromised() {
    cloud.serve(
        "/volume/v3/p9/scheduler-stats/get_pools",
        request ->
            Reply.ok(
                """
                {"pools": [
                 {"name": "c@lvm#thin", "capabilities": {"pool_name": "thin",
                  "volume_backend_name": "lvm", "vendor_name": "Open Source",
                  "storage_protocol": "iSCSI", "thin_provisioning_support": true,
                  "total_capacity_gb": 105.5, "free_capacity_gb": 50, "allocated_capacity_gb": 60,
                  "provisioned_capacity_gb": 70, "max_over_subscription_ratio": "2.0",
                  "reserved_percentage": 10}},
                 {"name": "c@lvm#thick", "capabilities": {
                  "total_capacity_gb": 100, "free_capacity_gb": 30, "allocated_capacity_gb": 70,
                  "provisioned_capacity_gb": 70, "max_over_subscription_ratio": "2.0"}},
                 {"name": "c@ceph#rbd", "capabilities": {
                  "total_capacity_gb": "infinite", "free_capacity_gb": "unknown",
                  "allocated_capacity_gb": 5}}]}
                """));
    Findings findings = polled.find("cinder-pools");
    // 2 * (105.5 - floor(10.55)) - 70 and 100 - 0 - 70.
    assertThat(PolledCloud.lines(findings))
        .containsExactly(
            "c@lvm#thin null volume.provider.pool.capacity.total gauge GiB 105.5",
            "c@lvm#thin null volume.provider.pool.capacity.free gauge GiB 50.0",
            "c@lvm#thin null volume.provider.pool.capacity.allocated gauge GiB 60.0",
            "c@lvm#thin null volume.provider.pool.capacity.provisioned gauge GiB 70.0",
            "c@lvm#thin null volume.provider.pool.capacity.virtual_free gauge GiB 121.0",
            "c@lvm#thick null volume.provider.pool.capacity.total gauge GiB 100.0",
            "c@lvm#thick null volume.provider.pool.capacity.free gauge GiB 30.0",
            "c@lvm#thick null volume.provider.pool.capacity.allocated gauge GiB 70.0",
            "c@lvm#thick null volume.provider.pool.capacity.provisioned gauge GiB 70.0",
            "c@lvm#thick null volume.provider.pool.capacity.virtual_free gauge GiB 30.0",
            "c@ceph#rbd null volume.provider.pool.capacity.allocated gauge GiB 5.0");
    assertThat(PolledCloud.metadata(findings, "c@lvm#thin"))
        .isEqualTo(
            "{\"pool_name\":\"thin\",\"storage_protocol\":\"iSCSI\","
                + "\"thin_provisioning_support\":true,\"vendor_name\":\"Open Source\","
                + "\"volume_backend_name\":\"lvm\"}");
    assertThat(cloud.requests("/volume/v3/p9/scheduler-stats/get_pools").get(0).query())
        .isEqualTo(Map.of("detail", "True"));
  }

  @Test
  void readsServices() {
    cloud.serve(
        "/volume/v3/p9/os-services",
        request ->
            Reply.ok(
                """
                {"services": [
                 {"binary": "cinder-volume", "host": "c@lvm", "zone": "nova", "status": "enabled",
                  "state": "up", "disabled_reason": null, "updated_at": "2026-01-01T00:00:00.0"},
                 {"binary": "cinder-backup", "host": "c", "zone": "nova", "status": "disabled",
                  "state": "down", "disabled_reason": "moved"},
                 {"binary": "cinder-scheduler", "host": "c", "state": "lost"}]}
                """));
    Findings findings = polled.find("cinder-services");
    assertThat(PolledCloud.lines(findings))
        .containsExactly(
            "cinder-volume@c@lvm null volume.service.health gauge health 1.0",
            "cinder-backup@c null volume.service.health gauge health 0.0");
    assertThat(PolledCloud.metadata(findings, "cinder-backup@c"))
        .isEqualTo(
            "{\"binary\":\"cinder-backup\",\"disabled_reason\":\"moved\",\"host\":\"c\","
                + "\"state\":\"down\",\"status\":\"disabled\",\"zone\":\"nova\"}");
    assertThat(PolledCloud.failures(findings))
        .isEqualTo(Map.of("cinder-scheduler@c", "state: \"lost\" is not up or down"));
  }
}
