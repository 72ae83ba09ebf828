package io.sonde.openstack;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.definition.UserMetadata;
import io.sonde.model.Metadata;
import io.sonde.polling.PollException;
import io.sonde.polling.PolledSamples;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Nova's servers, of all projects. */
final class Nova {
  private static final String VM_STATE = "OS-EXT-STS:vm_state";

  private final UserMetadata userMetadata;

  private Nova(UserMetadata userMetadata) {
    this.userMetadata = userMetadata;
  }

  static Kind servers(UserMetadata userMetadata) {
    // From 2.47 (Pike) on the flavor comes along as it was when the server was made; from 2.69
    // (Stein) on the servers of a cell that does not answer are named, where they were left out.
    Listing listing = new Listing("compute", "v2.1", List.of(question("2.69"), question("2.47")));
    return new Kind(
        "nova",
        List.of(listing),
        Set.of(
            "instance", "vcpus", "memory", "disk.root.size", "disk.ephemeral.size", "power.state"),
        entry -> entry.text("id"),
        Nova::isCounted,
        new Nova(userMetadata)::read);
  }

  private static Listing.Question question(String microversion) {
    return new Listing.Question(
        "/servers/detail?all_tenants=True&limit={limit}",
        "servers",
        Map.of(
            "OpenStack-API-Version",
            "compute " + microversion,
            "X-OpenStack-Nova-API-Version",
            microversion));
  }

  /** As in Ceilometer: a server that is deleted, or never came to be, is none. */
  private static boolean isCounted(Entry server) {
    String state = server.node(VM_STATE).asText();
    return !state.equals("deleted") && !state.equals("error");
  }

  private void read(String id, Entry server, PolledSamples samples) {
    if (!server.has("flavor")) {
      throw new PollException("Nova gives no details of it: its cell does not answer");
    }
    Entry flavor = server.part("flavor");
    samples
        .of(
            id,
            server.optionalText("tenant_id"),
            server.optionalText("user_id"),
            Metadata.of(metadata(id, server, flavor)))
        .gauge("instance", "instance", 1)
        .gauge("vcpus", "vcpu", flavor.number("vcpus"))
        .gauge("memory", "MiB", flavor.number("ram"))
        .gauge("disk.root.size", "GiB", flavor.number("disk"))
        .gauge("disk.ephemeral.size", "GiB", flavor.number("ephemeral"))
        .gauge("power.state", "", server.optionalNumber("OS-EXT-STS:power_state"));
  }

  private Map<String, Object> metadata(String id, Entry server, Entry flavor) {
    Map<String, Object> metadata =
        server.fields("OS-EXT-AZ:availability_zone", "created", "architecture", "os_type");
    metadata.put("instance_id", id);
    server.put(metadata, "display_name", "name");
    server.put(metadata, "name", "OS-EXT-SRV-ATTR:instance_name");
    server.put(metadata, "host", "hostId");
    server.put(metadata, "instance_host", "OS-EXT-SRV-ATTR:host");
    server.put(metadata, "state", VM_STATE);
    server.put(metadata, "task_state", "OS-EXT-STS:task_state");
    server.put(metadata, "launched_at", "OS-SRV-USG:launched_at");
    for (String attribute : List.of("reservation_id", "kernel_id", "ramdisk_id")) {
      server.put(metadata, attribute, "OS-EXT-SRV-ATTR:" + attribute);
    }
    String status = server.optionalText("status");
    if (status != null) {
      metadata.put("status", status.toLowerCase(Locale.ROOT));
    }
    flavor.put(metadata, "instance_type", "original_name");
    Map<String, Object> kept = flavor.fields("vcpus", "ram", "disk", "ephemeral", "swap");
    flavor.put(kept, "name", "original_name");
    metadata.put("flavor", kept);
    flavor.put(metadata, "vcpus", "vcpus");
    flavor.put(metadata, "memory_mb", "ram");
    flavor.put(metadata, "root_gb", "disk");
    flavor.put(metadata, "ephemeral_gb", "ephemeral");
    metadata.put(
        "disk_gb", flavor.number("disk").longValue() + flavor.number("ephemeral").longValue());
    addImage(metadata, server.part("image"));
    ObjectNode chosen = JsonNodeFactory.instance.objectNode();
    userMetadata.addTo(chosen, server.node("metadata"));
    chosen
        .properties()
        .forEach(field -> metadata.put(field.getKey(), Json.plain(field.getValue())));
    return metadata;
  }

  /** A server that boots from a volume has no image. */
  private static void addImage(Map<String, Object> metadata, Entry image) {
    if (image.has("id")) {
      metadata.put("image", image.fields("id"));
      image.put(metadata, "image_ref", "id");
      image.first("links").put(metadata, "image_ref_url", "href");
    }
  }
}
