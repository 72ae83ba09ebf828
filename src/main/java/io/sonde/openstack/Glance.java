package io.sonde.openstack;

import io.sonde.model.Metadata;
import io.sonde.polling.PolledSamples;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Glance's images. Fields are named one by one: where an image lies may be told with the
 * credentials of the store.
 */
final class Glance {
  private Glance() {}

  static Kind images() {
    return new Kind(
        "glance",
        // Hidden images take as much room as others, and are listed only when asked for.
        List.of(listing(""), listing("&os_hidden=true")),
        Set.of("image", "image.size"),
        entry -> entry.text("id"),
        entry -> true,
        Glance::read);
  }

  private static Listing listing(String more) {
    return new Listing(
        "image",
        "v2",
        List.of(new Listing.Question("/images?limit={limit}" + more, "images", Map.of())));
  }

  private static void read(String id, Entry image, PolledSamples samples) {
    Metadata metadata =
        Metadata.of(
            image.fields(
                "name",
                "status",
                "visibility",
                "protected",
                "os_hidden",
                "container_format",
                "disk_format",
                "checksum",
                "min_disk",
                "min_ram",
                "virtual_size",
                "created_at"));
    samples
        .of(id, image.optionalText("owner"), null, metadata)
        .gauge("image", "image", 1)
        // Null while nothing was uploaded.
        .gauge("image.size", "B", image.optionalNumber("size"));
  }
}
