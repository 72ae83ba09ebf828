package io.sonde.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.openstack.TestCloud.Reply;
import io.sonde.polling.Findings;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NeutronTest {
  private final PolledCloud polled = new PolledCloud();
  private final TestCloud cloud = polled.cloud;

  NeutronTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    cloud.endpoint("network", "north", "public", "/network");
  }

  @AfterEach
  void stop() {
    polled.close();
  }

  @Test
  void tellsStatusAndQuantityApart() {
    String addresses =
        """
        {"floatingips": [
         {"id": "f1", "status": "ACTIVE", "project_id": "p1", "tenant_id": "p1", "description": "",
          "floating_ip_address": "192.0.2.1", "fixed_ip_address": "10.0.0.1", "router_id": "r1",
          "floating_network_id": "n1", "port_id": "o1", "port_forwardings": []},
         {"id": "f2", "status": "DOWN", "tenant_id": "p2", "port_id": null},
         {"id": "f3", "status": "STRANGE", "project_id": "p1"},
         {"id": "f4", "status": null}], %s}
        """;
    cloud.serve(
        "/network/v2.0/floatingips",
        request ->
            request.query().containsKey("marker")
                ? Reply.ok("{\"floatingips\": [{\"id\": \"f5\", \"status\": \"ERROR\"}]}")
                : Reply.ok(
                    addresses.formatted(
                        "\"floatingips_links\": [{\"rel\": \"next\", \"href\":"
                            + "\"http://n:9696/v2.0/floatingips?limit=500&marker=f4\"}]")));
    Findings findings = polled.find("neutron-floatingips");
    assertThat(PolledCloud.lines(findings))
        .containsExactly(
            "f1 p1 ip.floating gauge ip 1.0",
            "f1 p1 ip.floating.present gauge ip 1.0",
            "f2 p2 ip.floating gauge ip 3.0",
            "f2 p2 ip.floating.present gauge ip 1.0",
            "f3 p1 ip.floating gauge ip -1.0",
            "f3 p1 ip.floating.present gauge ip 1.0",
            "f4 null ip.floating gauge ip -1.0",
            "f4 null ip.floating.present gauge ip 1.0",
            "f5 null ip.floating gauge ip 7.0",
            "f5 null ip.floating.present gauge ip 1.0");
    assertThat(PolledCloud.metadata(findings, "f1"))
        .isEqualTo(
            "{\"description\":\"\",\"fixed_ip_address\":\"10.0.0.1\","
                + "\"floating_ip_address\":\"192.0.2.1\",\"floating_network_id\":\"n1\","
                + "\"port_id\":\"o1\",\"router_id\":\"r1\",\"status\":\"ACTIVE\"}");
  }

  @Test
  void aConnectionKeepsItsKeyToItself() {
    cloud.serve(
        "/network/v2.0/vpn/ipsec-site-connections",
        request ->
            Reply.ok(
                """
                {"ipsec_site_connections": [{"id": "c1", "name": "home", "status": "ACTIVE",
                  "psk": "s3cret", "project_id": "p1", "peer_address": "192.0.2.9",
                  "peer_cidrs": ["10.1.0.0/16"], "mtu": 1500, "admin_state_up": true,
                  "dpd": {"action": "hold", "interval": 30, "timeout": 120}}]}
                """));
    Findings findings = polled.find("neutron-vpn-connections");
    assertThat(PolledCloud.lines(findings))
        .containsExactly("c1 p1 network.services.vpn.connections gauge ipsec_site_connection 1.0");
    assertThat(PolledCloud.metadata(findings, "c1"))
        .isEqualTo(
            "{\"admin_state_up\":true,"
                + "\"dpd\":{\"action\":\"hold\",\"interval\":30,\"timeout\":120},\"mtu\":1500,"
                + "\"name\":\"home\",\"peer_address\":\"192.0.2.9\","
                + "\"peer_cidrs\":[\"10.1.0.0/16\"],\"status\":\"ACTIVE\"}");
  }

  @Test
  void readsVpnServices() {
    cloud.serve(
        "/network/v2.0/vpn/vpnservices",
        request ->
            Reply.ok(
                """
                {"vpnservices": [{"id": "v1", "name": "site", "status": "PENDING_CREATE",
                  "project_id": "p1", "router_id": "r1", "subnet_id": null}]}
                """));
    assertThat(PolledCloud.lines(polled.find("neutron-vpn-services")))
        .containsExactly(
            "v1 p1 network.services.vpn gauge vpnservice 2.0",
            "v1 p1 network.services.vpn.present gauge vpnservice 1.0");
  }

  @Test
  void readsFirewallsOfBothVersions() {
    cloud.serve(
        "/network/v2.0/fw/firewalls",
        request -> Reply.ok("{\"firewalls\": [{\"id\": \"w1\", \"status\": \"INACTIVE\"}]}"));
    assertThat(PolledCloud.lines(polled.find("neutron-firewalls")))
        .containsExactly(
            "w1 null network.services.firewall gauge firewall 0.0",
            "w1 null network.services.firewall.present gauge firewall 1.0");
    cloud.serve(
        "/network/v2.0/fwaas/firewall_groups",
        request -> Reply.ok("{\"firewall_groups\": [{\"id\": \"w2\", \"status\": \"ERROR\"}]}"));
    assertThat(PolledCloud.lines(polled.find("neutron-firewalls")))
        .contains("w2 null network.services.firewall gauge firewall 7.0");
  }

  @Test
  void readsFirewallPolicies() {
    cloud.serve(
        "/network/v2.0/fwaas/firewall_policies",
        request ->
            Reply.ok(
                """
                {"firewall_policies": [{"id": "y1", "name": "web", "project_id": "p1",
                  "audited": false, "shared": true, "firewall_rules": ["r1", "r2"]}]}
                """));
    Findings findings = polled.find("neutron-firewall-policies");
    assertThat(PolledCloud.lines(findings))
        .containsExactly("y1 p1 network.services.firewall.policy gauge firewall_policy 1.0");
    assertThat(PolledCloud.metadata(findings, "y1"))
        .isEqualTo(
            "{\"audited\":false,\"firewall_rules\":[\"r1\",\"r2\"],\"name\":\"web\","
                + "\"shared\":true}");
  }

  @Test
  void anExtensionThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> polled.find("neutron-vpn-services"))
        .hasRootCauseMessage(
            "GET " + cloud.url() + "/network/v2.0/vpn/vpnservices: answered with status 404");
  }
}
