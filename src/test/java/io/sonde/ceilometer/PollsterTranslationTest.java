package io.sonde.ceilometer;

import static io.sonde.ceilometer.Yamls.parse;
import static io.sonde.ceilometer.Yamls.refused;
import static io.sonde.ceilometer.Yamls.shown;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sonde.server.Pollsters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PollsterTranslationTest {
  private final Remarks remarks = new Remarks();

  @Test
  void pollstersKeepTheirKeys() {
    PollsterTranslation translation = translation("");
    translation.read(
        parse(
            """
            - name: dynamic.users
              sample_type: gauge
              unit: user
              value_attribute: "status | value.lower()"
              endpoint_type: identity
              url_path: v3/users
              namespaces: [central]
              metadata_fields: [name, 'owner.id']
              metadata_mapping: {'owner.id': owner}
              preserve_mapped_metadata: false
              value_mapping: {active: '1', true: 2}
              default_value: 0
              skip_sample_values: ['', 5, null]
              response_entries_key: users
              next_sample_url_attribute: links.next
              user_id_attribute: id
              headers: [{X-A: 1}, {X-B: b}]
              timeout: 5
              response_handlers: [json, xml]
              extra_metadata_fields_cache_seconds: 60
              extra_metadata_fields_skip: [{status: x}]
              extra_metadata_fields:
                name: domain
                endpoint_type: identity
                url_path: "'v3/domains/' + str(sample['domain_id'])"
                value: name
                unit: x
                sample_type: gauge
            - name: dynamic.rgw.{category}
              sample_type: cumulative
              unit: request
              value_attribute: "[categories].ops"
              url_path: https://rgw/admin/usage
              endpoint_type: object-store
              module: requests.auth
              authentication_object: HTTPBasicAuth
              authentication_parameters: "me, s3cret"
              timeout:
              odd: 1
            """));
    assertThat(translation.blocks())
        .extracting(block -> block.keys().toString())
        .containsExactly(
            "{name=dynamic.users, sample-type=gauge, unit=user, value-attribute=status | value.lower(),"
                + " endpoint-type=identity, url-path=v3/users, metadata-fields=[name, owner.id],"
                + " metadata-mapping={owner.id=owner}, preserve-mapped-metadata=false,"
                + " value-mapping={active=1, true=2}, default-value=0,"
                + " skip-sample-values=[, 5, null], response-entries-key=users,"
                + " next-sample-url-attribute=links.next, user-id-attribute=id,"
                + " headers={X-A=1, X-B=b}, timeout=5s, response-handlers=[json, xml],"
                + " extra-metadata-fields-cache-seconds=60,"
                + " extra-metadata-fields-skip=[{status=x}],"
                + " extra-metadata-fields=[{name=domain, endpoint-type=identity,"
                + " url-path='v3/domains/' + str(sample['domain_id']), value=name}]}",
            "{name=dynamic.rgw.{category}, sample-type=cumulative, unit=request,"
                + " value-attribute=[categories].ops, url-path=https://rgw/admin/usage,"
                + " timeout=1 hour, authentication={type=basic, username=me, password=s3cret}}");
    assertThat(translation.discoveries())
        .containsEntry("dynamic.users", "dynamic")
        .containsEntry("dynamic.rgw.{category}", "dynamic")
        .containsEntry("dns.zone.ttl", "dynamic");
    assertThat(shown(remarks))
        .containsExactly(
            "f:39: note: the pollster dynamic.rgw.{category}: nothing reads the key odd");
  }

  @Test
  void whatCannotBeCarriedOverIsSaid() {
    PollsterTranslation translation = translation("");
    String rest =
        ", sample_type: gauge, unit: u, value_attribute: v, endpoint_type: t, url_path: p";
    translation.read(
        parse(
            """
            - {name: a, module: awsauth, authentication_object: S3Auth, authentication_parameters: 'k,s3cret'REST}
            - {name: b, module: requests.auth, authentication_object: HTTPBasicAuth, barbican_secret_id: xREST}
            - {name: c, user_id_attribute: "a | __import__('os').system('id')"REST}
            - {name: d, extra_metadata_fields: {name: x, url_path: "'x' + foo(sample)"}REST}
            - {name: e, host_command: "echo s3cret", sample_type: gauge, unit: u, value_attribute: v}
            - {name: f, namespaces: [compute]REST}
            - {name: g, value_mapping: {a: high}REST}
            """
                .replace("REST", rest)));
    assertThat(translation.blocks())
        .extracting(block -> block.keys().get("name"))
        .containsExactly("d", "f");
    assertThat(translation.blocks().get(0).keys()).doesNotContainKey("extra-metadata-fields");
    assertThat(shown(remarks))
        .containsExactly(
            "f:1: lost: the pollster a: it authenticates by awsauth.S3Auth: Sonde has basic, bearer and"
                + " certificates",
            "f:2: lost: the pollster b: its user and password are not in the file",
            "f:3: lost: the pollster c: user-id-attribute: \"__import__('os').system('id')\" is not an"
                + " expression: expected a number, a text, (, [, {, a function or value at position 1",
            "f:4: lost: the pollster d: its metadata: extra-metadata-fields[0].url-path: \"'x' + foo(sample)\""
                + " is not an expression: expected a number, a text, (, [, {, a function or"
                + " extra_metadata_by_name, extra_metadata_captured, sample at position 7",
            "f:5: lost: the pollster e: host-command: \"***\" is not allowed: set"
                + " sonde.polling.pollsters.dynamic.allow-commands = true where everybody who can change"
                + " the configuration may run commands on the hosts",
            "f:6: note: the pollster f: namespaces are left out: one node asks for all",
            "f:7: lost: the pollster g: value-mapping.a: \"high\" is not a number");
    assertThat(translation.discoveries()).containsEntry("c", null).containsEntry("d", "dynamic");
  }

  @Test
  void commandsOfComputeHostsAreLocal() {
    PollsterTranslation translation =
        translation("sonde.polling.pollsters.dynamic.allow-commands = true");
    translation.read(
        parse(
            """
            - {name: a, host_command: w, namespaces: compute, sample_type: gauge, unit: u, value_attribute: v}
            - {name: b, host_command: w, sample_type: gauge, unit: u, value_attribute: v}
            """));
    assertThat(translation.discoveries())
        .containsEntry("a", "dynamic-local")
        .containsEntry("b", "dynamic");
    assertThat(shown(remarks)).isEmpty();
  }

  @Test
  void whatCeilometerSkipsIsSkipped() throws IOException {
    PollsterTranslation translation = translation("");
    translation.read(parse(file("pollsters.d/load_balancers.yaml")));

    assertThat(translation.blocks())
        .extracting(block -> block.keys().get("name") + " " + block.keys().get("value-attribute"))
        .containsExactly("dynamic.network.services.lb.active provisioning_status");
    assertThat(shown(remarks))
        .hasSize(4)
        .anyMatch(
            each -> each.startsWith("f:8: lost: the pollster dynamic.host.load: host-command: "))
        .contains(
            "f:13: note: the pollster dynamic.network.services.lb.active has another definition,"
                + " which counts",
            "f:19: lost: Ceilometer skips this pollster: Invalid name no such name",
            "f:25: lost: Ceilometer skips this pollster: Required fields [unit, value_attribute,"
                + " url_path, endpoint_type] not specified");
  }

  @Test
  void whatIsOfAnotherFormIsRefused() {
    refused(() -> translation("").read(parse("{name: a}")))
        .withMessage("f:1: expected a list of definitions, found a map");
  }

  private PollsterTranslation translation(String given) {
    return new PollsterTranslation(
        PollingCheck.by(
            ConfigFactory.parseString(given)
                .withFallback(ConfigFactory.load())
                .getConfig("sonde.polling"),
            Pollsters.all()),
        remarks);
  }

  private static String file(String name) throws IOException {
    try (var in =
        Objects.requireNonNull(
            PollsterTranslationTest.class.getResourceAsStream("/ceilometer/" + name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
