package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Sample;
import io.sonde.polling.Findings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What more is asked of the entries of a listing. */
@Timeout(60)
class LinksTest {
  private AskedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new AskedServer();
    server.endpoint("compute", "/compute");
    server.endpoint("identity", "/identity");
    server.serve(
        "/compute/servers",
        """
        {"servers": [
          {"id": "s1", "n": 1, "tenant": "p1", "state": "on"},
          {"id": "s2", "n": 2, "tenant": "p2", "state": "on"},
          {"id": "s3", "n": 3, "tenant": "p1", "state": "off"}]}
        """);
    server.serve(
        "/identity/v3/projects/p1",
        "{\"project\": {\"name\": \"one\", \"domain_id\": \"d\", \"enabled\": true}}");
    server.serve(
        "/identity/v3/projects/p2", "{\"project\": {\"name\": \"two\", \"domain_id\": \"d\"}}");
    server.serve("/identity/v3/domains/d", "{\"domain\": {\"name\": \"default\"}}");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static final String PROJECT =
      """
      { name = project_name, endpoint-type = identity
        url-path = "'v3/projects/' + str(sample['project_id'])"
        value = name, metadata-fields = [domain_id, enabled] }
      """;

  private static final String DOMAIN =
      """
      { name = domain_name, endpoint-type = identity, value-attribute = name
        url-path = "'/identity/v3/domains/' + extra_metadata_by_name['project_name']['metadata']['domain_id']" }
      { name = same, endpoint-type = identity, value-attribute = name
        url-path = "'v3/domains/' + extra_metadata_captured['domain_id']" }
      """;

  private static String servers(String... more) {
    return """
        { name = n, sample-type = gauge, unit = "", value-attribute = n
          endpoint-type = compute, url-path = servers, project-id-attribute = tenant
          metadata-fields = [state]
          %s }
        """
        .formatted(String.join("\n", more));
  }

  @Test
  void whatIsKnownElsewhereBecomesMetadata() throws Exception {
    try (Polled polled = polled(servers("extra-metadata-fields = [" + PROJECT + DOMAIN + "]"))) {
      Findings findings = polled.find();
      assertThat(findings.remarks()).isEmpty();
      assertThat(metadata(findings))
          .containsExactlyInAnyOrder(
              "s1 {\"domain_id\":\"d\",\"domain_name\":\"default\",\"enabled\":true,"
                  + "\"project_name\":\"one\",\"same\":\"default\",\"state\":\"on\"}",
              "s2 {\"domain_id\":\"d\",\"domain_name\":\"default\","
                  + "\"project_name\":\"two\",\"same\":\"default\",\"state\":\"on\"}",
              "s3 {\"domain_id\":\"d\",\"domain_name\":\"default\",\"enabled\":true,"
                  + "\"project_name\":\"one\",\"same\":\"default\",\"state\":\"off\"}");
      polled.find();
      assertThat(server.asked("/compute/servers")).hasSize(2);
      assertThat(server.asked("/identity/v3/projects/p1")).as("remembered").hasSize(1);
      assertThat(server.asked("/identity/v3/projects/p2")).hasSize(1);
      assertThat(server.asked("/identity/v3/domains/d")).as("once for each definition").hasSize(2);
    }
  }

  @Test
  void withoutCacheItIsAskedEachTime() throws Exception {
    String uncached = "extra-metadata-fields-cache-seconds = 0";
    try (Polled polled = polled(servers("extra-metadata-fields = " + PROJECT, uncached))) {
      polled.find();
      assertThat(server.asked("/identity/v3/projects/p1")).hasSize(2);
    }
    server.asked.clear();
    String own =
        PROJECT.replace("value = name", "value = name, extra-metadata-fields-cache-seconds = 60");
    try (Polled polled = polled(servers("extra-metadata-fields = " + own, uncached))) {
      polled.find();
      polled.find();
      assertThat(server.asked("/identity/v3/projects/p1")).as("its own counts").hasSize(1);
    }
  }

  @Test
  void manyThatWantTheSameAskOnce() throws Exception {
    server.serve(
        "/compute/servers",
        IntStream.range(0, 500)
            .mapToObj("{\"id\": %d, \"n\": 1, \"tenant\": \"p1\"}"::formatted)
            .collect(Collectors.joining(",", "[", "]")));
    try (Polled polled = polled(servers("extra-metadata-fields = " + PROJECT))) {
      assertThat(Polled.samples(polled.find()))
          .hasSize(500)
          .allMatch(sample -> sample.metadata().json().contains("\"project_name\":\"one\""));
      assertThat(server.asked("/identity/v3/projects/p1")).hasSize(1);
    }
  }

  @Test
  void someAreLeftAsTheyAre() throws Exception {
    try (Polled polled =
        polled(
            servers(
                "extra-metadata-fields = " + PROJECT,
                "extra-metadata-fields-skip = [{ state = off }, { id = s2, n = 2 }, { n = 1, x = 1 }, {}]"))) {
      assertThat(metadata(polled.find()))
          .containsExactlyInAnyOrder(
              "s1 {\"domain_id\":\"d\",\"enabled\":true,\"project_name\":\"one\",\"state\":\"on\"}",
              "s2 {\"state\":\"on\"}",
              "s3 {\"state\":\"off\"}");
    }
  }

  @Test
  void whatIsNotAnsweredIsMissingAndTheSampleStays() throws Exception {
    server.serve("/identity/v3/projects/p2", exchange -> AskedServer.send(exchange, 403, "{}"));
    try (Polled polled = polled(servers("extra-metadata-fields = [" + PROJECT + DOMAIN + "]"))) {
      Findings findings = polled.find();
      assertThat(Polled.shown(findings))
          .containsExactlyInAnyOrder("s1 n 1.0", "s2 n 2.0", "s3 n 3.0");
      assertThat(metadata(findings)).contains("s2 {\"state\":\"on\"}");
      assertThat(findings.remarks())
          .contains(
              "n: s2: without project_name: GET "
                  + server.url()
                  + "/identity/v3/projects/p2: answered with status 403",
              "n: s2: without domain_name: there is no project_name",
              "n: s2: without same: there is no domain_id");
      polled.find();
      assertThat(server.asked("/identity/v3/projects/p2"))
          .as("a failure is remembered for some seconds")
          .hasSize(1);
    }
  }

  @Test
  void whatHangsCostsMetadataNotSamples() throws Exception {
    server.serve("/identity/v3/projects/p2", exchange -> server.over.await());
    try (Polled polled = polled(servers("extra-metadata-fields = " + PROJECT))) {
      Findings findings = polled.find("dynamic", "", Duration.ofSeconds(2), "*");
      assertThat(Polled.shown(findings)).hasSize(3);
      assertThat(metadata(findings)).contains("s2 {\"state\":\"on\"}");
    }
  }

  @Test
  void aValueMayBeOfWhatIsAskedMore() throws Exception {
    server.serve("/compute/servers/s1/ports", "{\"ports\": [{\"count\": 5}]}");
    server.serve("/compute/servers/s2/ports", "{\"ports\": []}");
    server.serve("/compute/servers/s3/ports", "{\"ports\": [{\"count\": \"many\"}]}");
    try (Polled polled =
        polled(
            """
            { name = ports, sample-type = gauge, unit = port, endpoint-type = compute, url-path = servers
              value-attribute = extra_metadata_captured.ports
              metadata-fields = [state]
              extra-metadata-fields {
                name = ports, value = count, url-path = "'servers/' + sample['id'] + '/ports'" } }
            """)) {
      Findings findings = polled.find();
      assertThat(Polled.shown(findings)).containsExactly("s1 ports 5.0");
      assertThat(metadata(findings)).containsExactly("s1 {\"state\":\"on\"}");
      assertThat(findings.found())
          .extracting(each -> each.target().resourceId() + " " + each.failure())
          .contains("s2 ports: there is no ports", "s3 ports: the value many is no number");
    }
  }

  @Test
  void valuesOfMetadataAreMapped() throws Exception {
    try (Polled polled =
        polled(
            servers(
                """
                extra-metadata-fields = [
                  { name = kind, endpoint-type = identity, value = name
                    url-path = "'v3/projects/' + sample['project_id']"
                    value-mapping { one = first }, default-value = other }
                  { name = plain, endpoint-type = identity, value = name
                    url-path = "'v3/projects/' + sample['project_id']", value-mapping { one = 1 } }
                ]
                """))) {
      assertThat(metadata(polled.find()))
          .contains(
              "s1 {\"kind\":\"first\",\"plain\":1,\"state\":\"on\"}",
              "s2 {\"kind\":\"other\",\"plain\":-1,\"state\":\"on\"}");
    }
  }

  @Test
  void whatIsComputedStaysWhereItIsMeant() throws Exception {
    server.serve(
        "/compute/servers",
        """
        [{"id": "a", "n": 1, "link": "http://169.254.169.254/x"}, {"id": "b", "n": 1, "link": "//evil/x"},
         {"id": "c", "n": 1, "link": "%s/compute/ok"}, {"id": "d", "n": 1, "link": 5}]
        """
            .formatted(server.url()));
    server.serve("/compute/ok", "{\"x\": {\"name\": \"fine\"}}");
    try (Polled polled =
        polled(
            servers(
                "extra-metadata-fields { name = more, value = name, url-path = \"'' + sample['link']\" }",
                "project-id-attribute = id"))) {
      Findings findings = polled.find();
      assertThat(metadata(findings)).contains("c {\"more\":\"fine\"}");
      assertThat(findings.remarks())
          .contains(
              "n: a: without more: a link leads to another host: it is not followed",
              "n: b: without more: a link leads to another host: it is not followed",
              "n: d: without more: + of a text and a number");
    }
  }

  private Polled polled(String definitions) {
    return Polled.with(definitions, Polled.cloud(server));
  }

  private static List<String> metadata(Findings findings) {
    return Polled.samples(findings).stream().map(LinksTest::shown).toList();
  }

  private static String shown(Sample sample) {
    return sample.series().resourceId() + " " + sample.metadata().json();
  }
}
