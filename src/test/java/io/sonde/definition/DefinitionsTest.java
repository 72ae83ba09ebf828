package io.sonde.definition;

import static io.sonde.definition.Given.notification;
import static io.sonde.definition.Given.only;
import static io.sonde.definition.Given.shipped;
import static io.sonde.definition.Given.shown;
import static io.sonde.definition.Given.traits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sonde.model.ConfigException;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is shipped, what is made in code, and what becomes of mistakes. */
class DefinitionsTest {
  private static final Definitions SHIPPED = shipped("");
  private static final String AT = " 2026-03-01T10:00:00";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "compute.instance.create.end|{'instance_id': 'i', 'memory_mb': 512, 'vcpus': 1, 'root_gb': 20, 'ephemeral_gb': 0, 'created_at': '2026-03-01 10:00:00', 'launched_at': '2026-03-01 10:00:07'}"
            + "|memory gauge MiB 512.0 i, vcpus gauge vcpu 1.0 i, disk.root.size gauge GiB 20.0 i, disk.ephemeral.size gauge GiB 0.0 i, compute.instance.booting.time gauge sec 7.0 i",
        "compute.instance.create.start|{'instance_id': 'i', 'memory_mb': 512}|",
        "compute.instance.update|{'instance_id': 'i', 'memory_mb': 512}|",
        "image.send|{'image_id': 'g', 'bytes_sent': 5}|image.download delta B 5.0 g, image.serve delta B 5.0 g",
        "image.update|{'id': 'g', 'size': 5}|image.size gauge B 5.0 g",
        "volume.resize.end|{'volume_id': 'v', 'size': 2}|volume.size gauge GiB 2.0 v",
        "snapshot.exists|{'snapshot_id': 's', 'volume_size': 2}|snapshot.size gauge GiB 2.0 s",
        "backup.create.end|{'backup_id': 'b', 'size': 2}|backup.size gauge GiB 2.0 b",
        "capacity.backend.x|{'name_to_id': 'h@l', 'total': 1, 'free': 2, 'allocated': 3, 'provisioned': 4, 'virtual_free': 5}"
            + "|volume.provider.capacity.total gauge GiB 1.0 h@l, volume.provider.capacity.free gauge GiB 2.0 h@l, volume.provider.capacity.allocated gauge GiB 3.0 h@l, volume.provider.capacity.provisioned gauge GiB 4.0 h@l, volume.provider.capacity.virtual_free gauge GiB 5.0 h@l",
        "capacity.pool.x|{'name_to_id': 'h#p', 'total': 1, 'free': 2, 'allocated': 3, 'provisioned': 4, 'virtual_free': 5}"
            + "|volume.provider.pool.capacity.total gauge GiB 1.0 h#p, volume.provider.pool.capacity.free gauge GiB 2.0 h#p, volume.provider.pool.capacity.allocated gauge GiB 3.0 h#p, volume.provider.pool.capacity.provisioned gauge GiB 4.0 h#p, volume.provider.pool.capacity.virtual_free gauge GiB 5.0 h#p",
        "share.extend.end|{'share_id': 's', 'size': 2}|manila.share.size gauge GiB 2.0 s",
        "l3.meter|{'label_id': 'l', 'bytes': 9}|bandwidth delta B 9.0 l",
        "identity.authenticate|{'outcome': 'failure', 'initiator': {'id': 'u'}}|identity.authenticate.failure delta user 1.0 u",
        "dns.domain.exists|{'id': 'd', 'audit_period_beginning': '2026-03-01', 'audit_period_ending': '2026-03-02'}|dns.domain.exists cumulative s 86400.0 d",
        "trove.instance.exists|{'instance_id': 't', 'audit_period_beginning': '2026-03-01', 'audit_period_ending': '2026-03-02'}|trove.instance.exists cumulative s 86400.0 t",
        "magnum.bay.metrics.update|{'resource_id': 'b', 'metrics': [{'name': 'mem', 'unit': '%', 'value': 5}]}|mem gauge % 5.0 b",
        "objectstore.http.request|{'target': {'id': 'c'}, 'measurements': [{'result': 4, 'metric': {'name': 'storage.objects.incoming.bytes', 'unit': 'B'}}]}|storage.objects.incoming.bytes delta B 4.0 c",
        "http.response|{'request': {'HTTP_X_SERVICE_NAME': 'nova'}}|http.response delta response 1.0 nova",
      })
  void shippedMeters(String eventType, String payload, String expected) {
    Converted converted = SHIPPED.convert(notification(eventType, payload));

    assertThat(converted.remarks()).isEmpty();
    assertThat(
            String.join(
                ", ", shown(converted).stream().map(s -> s.substring(0, s.indexOf('/'))).toList()))
        .isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void shippedMetersOfComputeNodes() {
    StringBuilder metrics = new StringBuilder();
    String[] names = {
      "frequency",
      "user.time",
      "kernel.time",
      "idle.time",
      "iowait.time",
      "user.percent",
      "kernel.percent",
      "idle.percent",
      "iowait.percent",
      "percent"
    };
    for (int i = 0; i < names.length; i++) {
      metrics.append(
          String.format(
              "{'name': 'cpu.%s', 'value': %d, 'timestamp': '2026-03-01T11:00:00', 'source': 'libvirt'},",
              names[i], i));
    }
    Converted converted =
        SHIPPED.convert(
            notification(
                "compute.metrics.update",
                "{'host': 'h', 'nodename': 'n', 'metrics': [" + metrics + "null]}"));

    assertThat(shown(converted))
        .hasSize(10)
        .contains(
            "compute.node.cpu.frequency gauge MHz 0.0 h_n/lab/bob 2026-03-01T11:00:00",
            "compute.node.cpu.iowait.time cumulative ns 4.0 h_n/lab/bob 2026-03-01T11:00:00",
            "compute.node.cpu.percent gauge percent 900.0 h_n/lab/bob 2026-03-01T11:00:00");
    assertThat(converted.samples().get(0).metadata())
        .hasToString(
            "{\"event_type\":\"compute.metrics.update\",\"host\":\"compute.host1\",\"source\":\"libvirt\"}");
  }

  @Test
  void metersThatCountNotificationsCanBeTurnedOn() {
    Definitions counting =
        shipped("meters = ${sonde.definitions.meters} ${sonde.definitions.shared.counting-meters}");
    assertThat(
            shown(
                counting.convert(
                    notification("orchestration.stack.create.end", "{'stack_identity': 's'}"))))
        .containsExactly("stack.create delta stack 1.0 s/lab/bob" + AT);
    assertThat(shown(counting.convert(notification("image.upload", "{'id': 'g', 'size': 3}"))))
        .containsExactly(
            "image.size gauge B 3.0 g/lab/bob" + AT,
            "image gauge image 1.0 g/lab/bob" + AT,
            "image.upload gauge image 1.0 g/lab/bob" + AT);
    assertThat(
            shown(
                counting.convert(
                    notification("volume.attach.end", "{'volume_id': 'v', 'size': 1}"))))
        .contains("volume.attach.end delta volume 1.0 v/lab/bob" + AT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "port.create.end|{'port': {'id': 'p', 'name': 'eth'}}|name:string=eth resource_id:string=p",
        "port.delete.end|{'id': 'p'}|resource_id:string=p",
        "volume.transfer.accept.end|{'volume_id': 'v', 'size': '3'}|resource_id:string=v size:integer=3",
        "cinder.http.response|{'reason': {'reasonCode': '200'}}|reason_code:string=200",
        "trove.instance.modify_volume|{'instance_id': 't', 'old_volume_size': 1, 'volume_size': 2}|old_volume_size:integer=1 resource_id:string=t volume_size:integer=2",
        "profiler.db|{'info': {'db': {'params': {'a': 1}}}}|db.params:string={'a': 1}",
        "compute.instance.exists|{'audit_period_ending': '1970-01-01 00:00:01'}|audit_period_ending:datetime=1000000 host:string=host1",
        "alarm.state_transition|{'alarm_id': 'a', 'severity': 'low'}|id:string=a resource_id:string=a severity:string=low",
      })
  void shippedEvents(String eventType, String payload, String expected) {
    assertThat(traits(SHIPPED.convert(notification(eventType, payload)))).isEqualTo(expected);
  }

  @Test
  void whatOthersHaveMeasured() {
    String first =
        "{'counter_name': 'cpu', 'counter_type': 'cumulative', 'counter_unit': 'ns', 'counter_volume': 7,"
            + " 'resource_id': 'r', 'project_id': null, 'user_id': 'u', 'timestamp': '2026-02-01T00:00:00',"
            + " 'message_id': 's-1', 'source': 'hardware', 'resource_metadata': {'a': 1}, 'message_signature': 'x'}";
    String second =
        "{'name': 'mem', 'type': 'gauge', 'unit': 'MB', 'volume': '8', 'resource_id': 'r', 'id': 's-2'}";
    String third = "{'name': 'mem', 'type': 'gauge', 'volume': 'much', 'resource_id': 'r'}";
    Converted converted =
        SHIPPED.convert(
            notification(
                "telemetry.polling",
                "{'samples': [" + first + "," + second + "," + third + ", 3]}",
                "SAMPLE"));

    assertThat(shown(converted))
        .containsExactly(
            "cpu cumulative ns 7.0 r/null/u 2026-02-01T00:00:00",
            "mem gauge MB 8.0 r/null/null" + AT);
    assertThat(converted.samples())
        .extracting(Sample::key)
        .containsExactly(SampleKey.ofMessageId("s-1"), SampleKey.ofMessageId("s-2"));
    assertThat(converted.samples().get(0).series().source()).isEqualTo("hardware");
    assertThat(converted.samples().get(0).metadata()).hasToString("{\"a\":1}");
    assertThat(converted.remarks())
        .containsExactly(
            "samples[2]: counter_volume: a finite number is expected, found \"much\"",
            "samples[3]: counter_type: missing");
    assertThat(converted.event()).isNull();
    assertThat(SHIPPED.convert(notification("metering", "[" + first + "]")).samples()).hasSize(1);
    assertThatExceptionOfType(NotificationException.class)
        .isThrownBy(() -> SHIPPED.convert(notification("telemetry.api", "{}")))
        .withMessage("payload.samples: missing, expected a list of samples");
  }

  @Test
  void sensorsOfBareMetal() {
    Converted converted =
        SHIPPED.convert(
            notification(
                "hardware.ipmi.metrics.update",
                "{'node_uuid': 'n1', 'payload': {"
                    + "'Temperature': {'CPU Temp (0x1)': {'Sensor ID': 'CPU Temp (0x1)',"
                    + " 'Sensor Reading': '34 (+/- 0.5) degrees C'}},"
                    + "'Voltage': {'V1': {'Sensor ID': 'V1', 'Sensor Reading': '3.3 Volts'}},"
                    + "'Fan': {'F1': {'Sensor ID': 'F1', 'Sensor Reading': 'Disabled'},"
                    + " 'F2': {'Sensor ID': 'F2', 'Sensor Reading': 'fast RPM'}, 'F3': {}},"
                    + "'Current': {'P': {'Sensor ID': 'Pwr Consumption', 'Sensor Reading': '154 Watts'}}}}"));

    assertThat(shown(converted))
        .containsExactly(
            "hardware.ipmi.temperature gauge C 34.0 n1-cpu_temp_(0x1)/null/null" + AT,
            "hardware.ipmi.voltage gauge V 3.3 n1-v1/null/null" + AT);
    assertThat(converted.remarks())
        .containsExactly(
            "sensor Fan/F2: volume: a finite number is expected, found \"fast\"",
            "sensor Fan/F3: Sensor ID and Sensor Reading are expected");
  }

  @Test
  void whatNeutronTellsIsCountedWhenAskedFor() {
    Definitions counting = only("neutron-existence = true");
    assertThat(
            shown(
                counting.convert(
                    notification("floatingip.create.end", "{'floatingip': {'id': 'f'}}"))))
        .containsExactly(
            "ip.floating gauge ip.floating 1.0 f/lab/bob" + AT,
            "ip.floating.create delta ip.floating 1.0 f/lab/bob" + AT);
    assertThat(
            shown(
                counting.convert(
                    notification("port.update.start", "{'port': {'name': 'x'}, 'id': 'p'}"))))
        .hasSize(2);
    assertThat(
            shown(
                counting.convert(
                    notification("network.exists", "{'networks': [{'id': 'a'}, {'id': 'b'}]}"))))
        .containsExactly(
            "network gauge network 1.0 a/lab/bob" + AT, "network gauge network 1.0 b/lab/bob" + AT);
    assertThat(counting.convert(notification("port.delete.end", "{'id': 'p'}")).samples())
        .isEmpty();
    assertThat(counting.convert(notification("port.create.start", "{'port': {}}")).samples())
        .isEmpty();
    assertThat(only("").convert(notification("port.exists", "{'port': {'id': 'p'}}")).samples())
        .isEmpty();
  }

  @Test
  void aLaterDefinitionOfAMeterReplacesTheEarlier() {
    Definitions definitions =
        shipped(
            "meters += { name = image.size, event-type = image.update, type = gauge, unit = KB,"
                + " volume = payload.size, resource-id = payload.id }");

    assertThat(shown(definitions.convert(notification("image.update", "{'id': 'g', 'size': 3}"))))
        .containsExactly("image.size gauge KB 3.0 g/lab/bob" + AT);
    assertThat(definitions.notes()).hasSize(1);
    assertThat(definitions.notes().get(0))
        .matches(
            "sonde.definitions.meters\\[\\d+] \\(.*meters.conf, line \\d+\\): the meter image.size is"
                + " replaced by that of sonde.definitions.meters\\[\\d+] \\(test: \\d+\\)");
  }

  @Test
  void mistakesAreRefusedOrSkipped() {
    String mistakes =
        "meters = [{ name = a }, { name = b, event-type = e, type = gauge, unit = u, volume = 1,"
            + " resource-id = payload.id }]\nevents = [{}]\n";
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> only(mistakes))
        .withMessage(
            "sonde.definitions.meters[0].type: missing, expected gauge, delta, cumulative or a path"
                + " (test: 3)")
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));

    Definitions rest = only(mistakes + "errors = skip");
    assertThat(rest.meterCount()).isEqualTo(1);
    assertThat(rest.eventCount()).isZero();
    assertThat(rest.notes())
        .containsExactly(
            "left out: sonde.definitions.meters[0].type: missing, expected gauge, delta, cumulative"
                + " or a path (test: 3)",
            "left out: sonde.definitions.events[0].event-type: missing, expected a text, or a list"
                + " of texts (test: 4)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "errors = ignore|errors: \"ignore\" is not refuse or skip",
        "store-raw = [audit]|store-raw: \"audit\" is not info or error: no others make events",
        "redact = 3|redact: \"3\" is not a list of patterns of names",
        "user-metadata { max-length = 0 }|user-metadata.max-length: \"0\" is not a whole number from 1 to 65536",
        "metres = []|metres: \"metres\" is not one of the keys errors, shared, meters, events, source,"
            + " drop-unmatched, store-raw, redact, user-metadata, neutron-existence",
      })
  void settingsThatCannotBe(String setting, String message) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> shipped(setting))
        .withMessage("sonde.definitions." + message);
  }

  /** Whatever a notification holds, it is converted or refused. */
  @Test
  void nothingElseIsEverThrown() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Definitions definitions = shipped("neutron-existence = true, store-raw = [info]");
    String[] types = {
      "compute.instance.exists", "compute.metrics.update", "telemetry.polling", "hardware.ipmi.x",
      "port.update.start", "magnum.bay.metrics.x", "objectstore.http.request", "image.update",
      "identity.authenticate", "dns.domain.exists", "cinder.http.response", "profiler.x"
    };
    String usual = ", \"id\": \"r\", \"instance_id\": \"r\", \"memory_mb\": 4, \"size\": 3}";
    int samples = 0;
    for (int i = 0; i < 10_000; i++) {
      String json =
          "{\"message_id\": \"m\", \"event_type\": \""
              + types[random.nextInt(types.length)]
              + "\", \"timestamp\": \"2026-03-01 10:00:00\", \"_context_tenant\": "
              + value(random, 1)
              + ", \"publisher_id\": "
              + (random.nextInt(10) == 0 ? value(random, 2) : "\"compute.host1\"")
              + ", \"payload\": "
              + object(random, 4).replaceFirst("}$", usual)
              + "}";
      try {
        samples +=
            definitions
                .convert(Notification.parse(json.getBytes(StandardCharsets.UTF_8)))
                .samples()
                .size();
      } catch (NotificationException e) {
        assertThat(e.getMessage()).as(json).isNotBlank();
      }
    }
    assertThat(samples).as("samples %d", samples).isGreaterThan(100);
  }

  private static final String[] NAMES = {
    "instance_id",
    "memory_mb",
    "metrics",
    "name",
    "value",
    "unit",
    "samples",
    "payload",
    "Temperature",
    "Sensor ID",
    "Sensor Reading",
    "node_uuid",
    "port",
    "id",
    "size",
    "outcome",
    "initiator",
    "target",
    "measurements",
    "metric",
    "result",
    "metadata",
    "metering.x",
    "image_meta",
    "created_at",
    "host",
    "nodename",
    "timestamp",
    "counter_name",
    "counter_type",
    "counter_volume",
    "resource_id",
    "password"
  };

  private static String object(Random random, int depth) {
    StringBuilder out = new StringBuilder("{");
    for (int i = 1 + random.nextInt(11); i > 0; i--) {
      out.append(out.length() == 1 ? "" : ",")
          .append('"')
          .append(NAMES[random.nextInt(NAMES.length)]);
      out.append("\":").append(value(random, depth - 1));
    }
    return out.append('}').toString();
  }

  private static String value(Random random, int depth) {
    String[] plain = {
      "1",
      "-2.5",
      "1e400",
      "true",
      "null",
      "\"\"",
      "\"gauge\"",
      "\"7\"",
      "\"34 degrees C\"",
      "\"\\u0000\"",
      "\"\\ud800\"",
      "\"2026-03-01\"",
      "123456789012345678901234567890",
      "\"" + "x".repeat(2_000) + "\""
    };
    int choice = random.nextInt(depth > 0 ? 10 : 6);
    if (choice < 6) {
      return plain[random.nextInt(plain.length)];
    }
    return choice < 8
        ? object(random, depth)
        : "[" + value(random, depth - 1) + "," + value(random, depth - 1) + "]";
  }
}
