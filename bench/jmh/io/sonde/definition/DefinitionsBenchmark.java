package io.sonde.definition;

import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A notification of nova, from its bytes to four samples and an event: with the shipped definitions
 * of meters and events, and with a thousand more of each that are for other types.
 *
 * <pre>
 * ns a notification, 2026-11-27, 2 cores AMD EPYC, OpenJDK 17, -wi 2 -i 3
 *   parse                     7,200 ± 4,000
 *   convert, shipped         17,800 ± 40,000
 *   convert, and 1,000 more  18,200 ± 39,100
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 4, time = 3)
@Fork(1)
public class DefinitionsBenchmark {
  @Param({"0", "1000"})
  private int more;

  private Definitions definitions;
  private byte[] message;

  @Setup
  public void setUp() {
    StringJoiner meters = new StringJoiner(",", "meters = ${sonde.definitions.meters} [", "]\n");
    StringJoiner events = new StringJoiner(",", "events = ${sonde.definitions.events} [", "]\n");
    for (int i = 0; i < more; i++) {
      meters.add(
          ("{ name = other-%1$d, type = gauge, unit = B, event-type = \"other%1$d.*\","
                  + " volume = payload.size, resource-id = payload.id }")
              .formatted(i));
      events.add(
          "{ event-type = \"other%1$d.*\", traits { resource_id = payload.id } }".formatted(i));
    }
    definitions =
        Definitions.from(
            ConfigFactory.parseString("sonde.definitions { " + meters + events + " }")
                .withFallback(ConfigFactory.parseResources("application.conf"))
                .resolve()
                .getConfig("sonde.definitions"));
    message =
        """
        {"_context_project_id": "p", "_context_user_id": "u", "_context_request_id": "req-1",
         "_context_is_admin": true, "_unique_id": "0123456789abcdef0123456789abcdef",
         "event_type": "compute.instance.exists", "priority": "INFO", "message_id": "m-1",
         "publisher_id": "compute.host-1", "timestamp": "2026-01-01 00:00:00.000000", "payload": {
         "instance_id": "0123456789abcdef", "display_name": "instance-1", "hostname": "vm-1",
         "reservation_id": "r-1", "instance_type": "m1.small", "instance_type_id": 2,
         "instance_flavor_id": "2", "architecture": "x86_64", "memory_mb": 2048, "disk_gb": 20,
         "vcpus": 1, "root_gb": 20, "ephemeral_gb": 0, "host": "host-1", "node": "host-1.example",
         "availability_zone": "zone-1", "cell_name": "", "created_at": "2026-01-01 00:00:00",
         "launched_at": "2026-01-01 00:00:00", "terminated_at": "", "deleted_at": "",
         "image_ref_url": "http://192.0.2.11:9292/images/0123456789abcdef", "os_type": null,
         "kernel_id": "", "ramdisk_id": "", "state": "active", "state_description": "",
         "access_ip_v4": null, "access_ip_v6": null, "metadata": {"role": "web"},
         "image_meta": {"min_disk": "20"}, "bandwidth": {"private": {"bw_in": 1, "bw_out": 2}},
         "audit_period_beginning": "2026-01-01 00:00:00", "tenant_id": "p", "user_id": "u",
         "audit_period_ending": "2026-01-01 01:00:00"}}
        """
            .getBytes(StandardCharsets.UTF_8);
    if (convert().samples().size() != 4) {
      throw new IllegalStateException(convert().toString());
    }
  }

  @Benchmark
  public Notification parse() {
    return Notification.parse(message);
  }

  @Benchmark
  public Converted convert() {
    return definitions.convert(Notification.parse(message));
  }
}
