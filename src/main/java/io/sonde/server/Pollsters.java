package io.sonde.server;

import io.sonde.dynamic.DynamicPollster;
import io.sonde.exporter.PrometheusPollster;
import io.sonde.host.HostPollster;
import io.sonde.host.IpmiPollster;
import io.sonde.libvirt.LibvirtPollster;
import io.sonde.openstack.OpenStackPollster;
import io.sonde.polling.PollsterFactory;
import io.sonde.publish.Plugins;
import io.sonde.snmp.SnmpPollster;
import java.util.ArrayList;
import java.util.List;

/** The pollsters that there are: those that come with Sonde, and then those that were added. */
public final class Pollsters {
  private static final List<PollsterFactory> BUILT_IN =
      List.of(
          HostPollster.factory(),
          IpmiPollster.factory(),
          PrometheusPollster.factory(),
          SnmpPollster.factory(),
          LibvirtPollster.factory(),
          OpenStackPollster.factory(),
          DynamicPollster.factory());

  private Pollsters() {}

  public static List<PollsterFactory> all() {
    List<PollsterFactory> all = new ArrayList<>(BUILT_IN);
    all.addAll(Plugins.of(PollsterFactory.class));
    return all;
  }
}
