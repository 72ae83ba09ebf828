package io.sonde.openstack;

import io.sonde.model.Metadata;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Neutron's floating addresses, and what its extensions VPNaaS and FWaaS list. Where a resource has
 * a status, its code is the volume of the meter that Ceilometer has; how many there are is told by
 * a meter of its own, whose name ends in {@code .present}. Fields are named one by one: a site
 * connection has its pre-shared key among them.
 */
final class Neutron {
  private static final Map<String, Integer> STATUS_CODES =
      Map.of(
          "inactive", 0,
          "active", 1,
          "pending_create", 2,
          "down", 3,
          "created", 4,
          "pending_update", 5,
          "pending_delete", 6,
          "error", 7);

  private static final int UNKNOWN_STATUS = -1;

  private Neutron() {}

  static List<Kind> kinds() {
    return List.of(
        withStatus(
            "neutron-floatingips",
            listing("/floatingips", "floatingips"),
            "ip.floating",
            "ip",
            "status",
            "description",
            "router_id",
            "port_id",
            "floating_network_id",
            "floating_ip_address",
            "fixed_ip_address"),
        withStatus(
            "neutron-vpn-services",
            listing("/vpn/vpnservices", "vpnservices"),
            "network.services.vpn",
            "vpnservice",
            "status",
            "description",
            "admin_state_up",
            "router_id",
            "subnet_id"),
        counted(
            "neutron-vpn-connections",
            listing("/vpn/ipsec-site-connections", "ipsec_site_connections"),
            "network.services.vpn.connections",
            "ipsec_site_connection",
            "status",
            "description",
            "admin_state_up",
            "vpnservice_id",
            "ikepolicy_id",
            "ipsecpolicy_id",
            "peer_address",
            "peer_id",
            "peer_cidrs",
            "initiator",
            "dpd",
            "mtu"),
        withStatus(
            "neutron-firewalls",
            // FWaaS version 2, and version 1 until Stein.
            listing(
                question("/fwaas/firewall_groups", "firewall_groups"),
                question("/fw/firewalls", "firewalls")),
            "network.services.firewall",
            "firewall",
            "status",
            "description",
            "admin_state_up",
            "shared",
            "firewall_policy_id",
            "ingress_firewall_policy_id",
            "egress_firewall_policy_id"),
        counted(
            "neutron-firewall-policies",
            listing(
                question("/fwaas/firewall_policies", "firewall_policies"),
                question("/fw/firewall_policies", "firewall_policies")),
            "network.services.firewall.policy",
            "firewall_policy",
            "description",
            "shared",
            "audited",
            "firewall_rules"));
  }

  private static Listing listing(String path, String key) {
    return listing(question(path, key));
  }

  private static Listing listing(Listing.Question... questions) {
    return new Listing("network", "v2.0", List.of(questions));
  }

  private static Listing.Question question(String path, String key) {
    return new Listing.Question(path + "?limit={limit}", key, Map.of());
  }

  private static Kind withStatus(
      String discovery, Listing listing, String meter, String unit, String... fields) {
    String present = meter + ".present";
    return Kind.of(
        discovery,
        listing,
        Set.of(meter, present),
        (id, entry, samples) ->
            samples
                .of(id, project(entry), null, metadata(entry, fields))
                .gauge(meter, unit, statusCode(entry))
                .gauge(present, unit, 1));
  }

  private static Kind counted(
      String discovery, Listing listing, String meter, String unit, String... fields) {
    return Kind.of(
        discovery,
        listing,
        Set.of(meter),
        (id, entry, samples) ->
            samples.of(id, project(entry), null, metadata(entry, fields)).gauge(meter, unit, 1));
  }

  private static int statusCode(Entry entry) {
    String status = entry.optionalText("status");
    return status == null
        ? UNKNOWN_STATUS
        : STATUS_CODES.getOrDefault(status.toLowerCase(Locale.ROOT), UNKNOWN_STATUS);
  }

  private static String project(Entry entry) {
    String project = entry.optionalText("project_id");
    return project == null ? entry.optionalText("tenant_id") : project;
  }

  private static Metadata metadata(Entry entry, String... fields) {
    Map<String, Object> metadata = entry.fields(fields);
    entry.put(metadata, "name", "name");
    return Metadata.of(metadata);
  }
}
