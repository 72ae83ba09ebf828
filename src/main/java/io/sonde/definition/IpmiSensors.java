package io.sonde.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import java.util.List;
import java.util.Locale;

/**
 * What Ironic reads from the sensors of bare metal: gauges {@code hardware.ipmi.temperature},
 * {@code .voltage}, {@code .current} and {@code .fan}, one for each sensor.
 */
final class IpmiSensors {
  private static final String BEGINNING = "hardware.ipmi.";
  private static final List<String> KINDS = List.of("Temperature", "Voltage", "Current", "Fan");
  private static final String NO_READING = "Disabled";

  /** A sensor of power that stands among those of currents. */
  private static final String POWER = "Pwr Consumption";

  private IpmiSensors() {}

  static boolean areIn(String eventType) {
    return eventType.startsWith(BEGINNING);
  }

  /** Takes the readings; one that cannot be read is left out with a remark. */
  static void convert(Conversion conversion) {
    JsonNode payload = conversion.notification().payload();
    JsonNode groups = payload.path("payload");
    String node = Values.text(payload.path("node_uuid"));
    if (node == null || !groups.isObject()) {
      conversion.remark("sensors: payload.node_uuid and the object payload.payload are expected");
      return;
    }
    for (String kind : KINDS) {
      groups
          .path(kind)
          .properties()
          .forEach(sensor -> add(conversion, kind, node, sensor.getKey(), sensor.getValue()));
    }
  }

  private static void add(
      Conversion conversion, String kind, String node, String name, JsonNode sensor) {
    String origin = "sensor " + kind + "/" + name;
    String id = Values.text(sensor.path("Sensor ID"));
    String reading = Values.text(sensor.path("Sensor Reading"));
    if (id == null || reading == null) {
      conversion.remark(origin + ": Sensor ID and Sensor Reading are expected");
      return;
    }
    if (reading.equals(NO_READING) || (kind.equals("Current") && id.contains(POWER))) {
      return;
    }
    IpmiReading measured = IpmiReading.of(reading);
    if (measured == null) {
      conversion.remark(origin + ": a number and a unit are expected, found " + reading);
      return;
    }
    JsonNode payload = conversion.notification().payload();
    conversion.add(
        origin,
        0,
        BEGINNING + kind.toLowerCase(Locale.ROOT),
        MeterType.GAUGE,
        measured.unit(),
        JsonNodeFactory.instance.textNode(measured.volume()),
        IpmiReading.resourceId(node, id),
        Values.text(payload.path("user_id")),
        Values.text(payload.path("project_id")),
        conversion.notification().timestamp(),
        metadata(conversion, node, sensor));
  }

  private static Metadata metadata(Conversion conversion, String node, JsonNode sensor) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    sensor.properties().forEach(field -> tree.set(field.getKey(), field.getValue()));
    tree.put("node", node);
    return MetadataDefinition.ofAll(conversion, "sensors of " + node, tree);
  }
}
