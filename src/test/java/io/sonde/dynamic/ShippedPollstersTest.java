package io.sonde.dynamic;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.Sample;
import io.sonde.polling.Findings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The definitions that Sonde comes with. */
@Timeout(60)
class ShippedPollstersTest {
  @Test
  void loadBalancersZonesAndSharesAreMeasured() throws Exception {
    try (AskedServer server = new AskedServer()) {
      server.endpoint("load-balancer", "/load-balancer");
      server.endpoint("dns", "/dns");
      server.endpoint("sharev2", "/share/v2/p");
      server.serve(
          "/load-balancer/v2/lbaas/loadbalancers",
          """
          {"loadbalancers": [
            {"id": "l1", "project_id": "p1", "name": "web", "operating_status": "ONLINE",
             "provisioning_status": "ACTIVE", "vip_address": "192.0.2.1"},
            {"id": "l2", "project_id": "p2", "operating_status": "STRANGE", "provisioning_status": null}],
           "loadbalancers_links": [{"rel": "next", "href": "%s/load-balancer/page2"}]}
          """
              .formatted(server.url()));
      server.serve(
          "/load-balancer/page2",
          "{\"loadbalancers\": [{\"id\": \"l3\", \"operating_status\": \"ERROR\", \"provisioning_status\":"
              + " \"PENDING_DELETE\"}]}");
      server.serve(
          "/dns/v2/zones",
          """
          {"links": {"self": "x"}, "metadata": {"total_count": 1}, "zones": [
            {"id": "z1", "project_id": "p1", "name": "a.example.", "status": "ACTIVE", "ttl": 3600, "serial": 7,
             "action": "NONE"}]}
          """);
      server.serve(
          "/dns/v2/zones/z1/recordsets",
          "{\"recordsets\": [{\"id\": 1}], \"links\": {}, \"metadata\": {\"total_count\": 4}}");
      server.serve(
          "/share/v2/p/shares/detail",
          "{\"shares\": [{\"id\": \"s1\", \"project_id\": \"p1\", \"status\": \"available\", \"size\": 3},"
              + " {\"id\": \"s2\", \"status\": \"replication_change\", \"size\": null}]}");
      try (Polled polled = new Polled(shipped(server))) {
        Findings findings = polled.find();
        assertThat(findings.remarks()).isEmpty();
        assertThat(findings.isComplete()).isTrue();
        assertThat(Polled.shown(findings))
            .containsExactlyInAnyOrder(
                "l1 loadbalancer.operating 1.0",
                "l1 loadbalancer.provisioning 1.0",
                "l2 loadbalancer.operating -1.0",
                "l2 loadbalancer.provisioning -1.0",
                "l3 loadbalancer.operating 5.0",
                "l3 loadbalancer.provisioning 6.0",
                "z1 dns.zone.status 1.0",
                "z1 dns.zone.ttl 3600.0",
                "z1 dns.zone.serial 7.0",
                "z1 dns.zone.recordsets 4.0",
                "s1 manila.share.status 1.0",
                "s1 manila.share.size 3.0",
                "s2 manila.share.status 26.0",
                "s2 manila.share.size 0.0");
        assertThat(Polled.samples(findings))
            .extracting(Sample::series)
            .extracting(
                series -> series.meter() + " " + series.unit() + " " + series.type().wireName())
            .contains(
                "loadbalancer.operating status gauge",
                "dns.zone.recordsets recordset gauge",
                "dns.zone.ttl second gauge",
                "dns.zone.serial serial gauge",
                "manila.share.size GiB gauge");
        assertThat(server.asked("/dns/v2/zones"))
            .hasSize(1)
            .allMatch(each -> "true".equals(each.header("X-Auth-All-Projects")));
        assertThat(server.asked("/load-balancer/v2/lbaas/loadbalancers")).hasSize(1);
      }
    }
  }

  @Test
  void servicesThatAreNotThereAreNoFailure() throws Exception {
    try (AskedServer server = new AskedServer();
        Polled polled = new Polled(shipped(server))) {
      Findings findings = polled.find();
      assertThat(findings.found()).isEmpty();
      assertThat(findings.isComplete()).isTrue();
      assertThat(findings.remarks())
          .hasSize(3)
          .allMatch(each -> each.contains("skipped, as the catalog"));
    }
  }

  @Test
  void aDefinitionOfTheSameNameReplacesOne() throws Exception {
    try (AskedServer server = new AskedServer()) {
      server.endpoint("dns", "/dns");
      server.serve("/dns/v2/zones", "{\"zones\": [{\"id\": \"z\", \"ttl\": 60}]}");
      Config given =
          ConfigFactory.parseString(
              """
              sonde.polling.pollsters.dynamic.definitions += ${sonde.polling.pollsters.dynamic.shared.zones} {
                name = dns.zone.ttl, unit = minute, value-attribute = "ttl | value // 60"
              }
              """);
      Config parameters =
          given
              .withFallback(ConfigFactory.defaultApplication())
              .resolve()
              .getConfig("sonde.polling.pollsters.dynamic");
      assertThat(parameters.getConfigList("definitions")).hasSizeGreaterThan(5);
      try (Polled polled = new Polled(withCloud(parameters, server))) {
        Findings findings = polled.find("dns.zone.ttl");
        assertThat(Polled.shown(findings)).isEqualTo(List.of("z dns.zone.ttl 1.0"));
        assertThat(Polled.samples(findings).get(0).series().unit()).isEqualTo("minute");
      }
    }
  }

  private static Config shipped(AskedServer server) {
    return withCloud(ConfigFactory.load().getConfig("sonde.polling.pollsters.dynamic"), server);
  }

  private static Config withCloud(Config parameters, AskedServer server) {
    return ConfigFactory.parseString(Polled.cloud(server)).withFallback(parameters);
  }
}
