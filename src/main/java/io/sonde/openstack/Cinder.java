package io.sonde.openstack;

import io.sonde.model.Metadata;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cinder's volumes, snapshots and backups of all projects, its pools and its services. */
final class Cinder {
  private static final String GIB = "GiB";
  private static final String POOL = "volume.provider.pool.capacity.";

  private Cinder() {}

  static List<Kind> kinds() {
    return List.of(
        Kind.of(
            "cinder-volumes",
            listing("/volumes/detail?all_tenants=True&limit={limit}", "volumes"),
            Set.of("volume.size"),
            Cinder::volume),
        Kind.of(
            "cinder-snapshots",
            listing("/snapshots/detail?all_tenants=True&limit={limit}", "snapshots"),
            Set.of("volume.snapshot.size"),
            Cinder::snapshot),
        Kind.of(
            "cinder-backups",
            listing("/backups/detail?all_tenants=True&limit={limit}", "backups"),
            Set.of("volume.backup.size"),
            Cinder::backup),
        new Kind(
            "cinder-pools",
            List.of(listing("/scheduler-stats/get_pools?detail=True", "pools")),
            Set.of(
                POOL + "total",
                POOL + "free",
                POOL + "allocated",
                POOL + "provisioned",
                POOL + "virtual_free"),
            pool -> pool.text("name"),
            pool -> true,
            Cinder::pool),
        new Kind(
            "cinder-services",
            List.of(listing("/os-services", "services")),
            Set.of("volume.service.health"),
            service -> service.text("binary") + "@" + service.text("host"),
            service -> true,
            Cinder::service));
  }

  private static Listing listing(String path, String key) {
    // From 3.56 (Rocky) on snapshots and backups name their users.
    return new Listing(
        "block-storage",
        "v3",
        List.of(
            new Listing.Question(path, key, Map.of("OpenStack-API-Version", "volume 3.56")),
            new Listing.Question(path, key, Map.of())));
  }

  private static void volume(String id, Entry volume, PolledSamples samples) {
    Map<String, Object> metadata =
        volume.fields(
            "status",
            "volume_type",
            "bootable",
            "encrypted",
            "multiattach",
            "availability_zone",
            "created_at",
            "snapshot_id",
            "source_volid");
    volume.put(metadata, "display_name", "name");
    volume.put(metadata, "host", "os-vol-host-attr:host");
    volume.part("volume_image_metadata").put(metadata, "image_id", "image_id");
    volume.first("attachments").put(metadata, "instance_id", "server_id");
    sized("volume.size", id, "os-vol-tenant-attr:tenant_id", metadata, volume, samples);
  }

  private static void snapshot(String id, Entry snapshot, PolledSamples samples) {
    Map<String, Object> metadata = snapshot.fields("status", "volume_id", "created_at");
    snapshot.put(metadata, "display_name", "name");
    sized(
        "volume.snapshot.size",
        id,
        "os-extended-snapshot-attributes:project_id",
        metadata,
        snapshot,
        samples);
  }

  private static void backup(String id, Entry backup, PolledSamples samples) {
    Map<String, Object> metadata =
        backup.fields(
            "status",
            "volume_id",
            "snapshot_id",
            "is_incremental",
            "container",
            "object_count",
            "availability_zone",
            "created_at");
    backup.put(metadata, "display_name", "name");
    sized("volume.backup.size", id, "os-backup-project-attr:project_id", metadata, backup, samples);
  }

  private static void sized(
      String meter,
      String id,
      String project,
      Map<String, Object> metadata,
      Entry entry,
      PolledSamples samples) {
    samples
        .of(id, entry.optionalText(project), entry.optionalText("user_id"), Metadata.of(metadata))
        .gauge(meter, GIB, entry.number("size"));
  }

  private static void pool(String name, Entry pool, PolledSamples samples) {
    Entry capabilities = pool.part("capabilities");
    Number total = capabilities.optionalNumber("total_capacity_gb");
    Number provisioned = capabilities.optionalNumber("provisioned_capacity_gb");
    samples
        .of(
            name,
            Metadata.of(
                capabilities.fields(
                    "pool_name",
                    "volume_backend_name",
                    "vendor_name",
                    "storage_protocol",
                    "thin_provisioning_support")))
        .gauge(POOL + "total", GIB, total)
        .gauge(POOL + "free", GIB, capabilities.optionalNumber("free_capacity_gb"))
        .gauge(POOL + "allocated", GIB, capabilities.optionalNumber("allocated_capacity_gb"))
        .gauge(POOL + "provisioned", GIB, provisioned);
    if (total != null && provisioned != null) {
      samples.gauge(
          POOL + "virtual_free",
          GIB,
          ratio(capabilities) * (total.doubleValue() - reserved(capabilities, total))
              - provisioned.doubleValue());
    }
  }

  private static double ratio(Entry capabilities) {
    Number ratio = capabilities.optionalNumber("max_over_subscription_ratio");
    boolean isThin = capabilities.node("thin_provisioning_support").asBoolean();
    return isThin && ratio != null ? ratio.doubleValue() : 1;
  }

  private static double reserved(Entry capabilities, Number total) {
    Number percent = capabilities.optionalNumber("reserved_percentage");
    return percent == null ? 0 : Math.floor(percent.doubleValue() / 100 * total.doubleValue());
  }

  private static void service(String id, Entry service, PolledSamples samples) {
    String state = service.text("state");
    if (!state.equals("up") && !state.equals("down")) {
      throw new PollException("state: \"" + state + "\" is not up or down");
    }
    samples
        .of(
            id,
            Metadata.of(
                service.fields("binary", "host", "zone", "status", "state", "disabled_reason")))
        .gauge("volume.service.health", "health", state.equals("up") ? 1 : 0);
  }
}
