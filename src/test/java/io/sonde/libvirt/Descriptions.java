package io.sonde.libvirt;

/** Descriptions of domains as libvirt gives them. */
final class Descriptions {
  static final String NOVA_1_1 = "http://openstack.org/xmlns/libvirt/nova/1.1";
  static final String UUID = "6b1a2c3d-0000-4000-8000-000000000001";
  static final String BARE_UUID = "6b1a2c3d-0000-4000-8000-000000000002";

  /** The file of a domain's disk. */
  static final String DISK = "/images/vda.raw";

  private static final String FLAVOR =
      """
      <nova:flavor name="m1.small" id="42">
        <nova:memory>2048</nova:memory>
        <nova:disk>20</nova:disk>
        <nova:swap>0</nova:swap>
        <nova:ephemeral>5</nova:ephemeral>
        <nova:vcpus>2</nova:vcpus>
      </nova:flavor>
      """;

  private Descriptions() {}

  /** What Nova writes into the description of an instance. */
  static String nova(String namespace) {
    return """
        <nova:instance xmlns:nova="%s">
          <nova:package version="27.1.0"/>
          <nova:name>web &amp; shop</nova:name>
          <nova:creationTime>2026-01-02 03:04:05</nova:creationTime>
          %s
          <nova:owner>
            <nova:user uuid="user-1">bob</nova:user>
            <nova:project uuid="project-1">acme</nova:project>
          </nova:owner>
          <nova:root type="image" uuid="image-1"/>
        </nova:instance>
        """
        .formatted(namespace, FLAVOR);
  }

  /** An instance of Nova with a disk, an empty drive and an interface. */
  static String instance(String type) {
    return domain(type, "instance-00000001", UUID, nova(NOVA_1_1));
  }

  /** One that somebody else made. */
  static String bare(String type) {
    return domain(type, "bare", BARE_UUID, "");
  }

  private static String domain(String type, String name, String uuid, String metadata) {
    return """
        <domain type="%s">
          <name>%s</name>
          <uuid>%s</uuid>
          <metadata>%s</metadata>
          <memory unit="KiB">65536</memory>
          <vcpu>2</vcpu>
          <os><type arch="%s">hvm</type></os>
          <devices>
            %s
          </devices>
        </domain>
        """
        .formatted(
            type, name, uuid, metadata, type.equals("test") ? "i686" : "x86_64", devices(type));
  }

  /** A user that is nobody may open no device of the host for an interface. */
  private static String devices(String type) {
    return """
        <disk type="file" device="disk">
          <driver name="qemu" type="raw"/>
          <source file="/images/vda.raw"/>
          <target dev="vda" bus="virtio"/>
        </disk>
        <disk type="file" device="cdrom"><target dev="sda" bus="sata"/></disk>
        """
        + (type.equals("test")
            ? """
              <interface type="bridge">
                <mac address="fa:16:3e:00:00:01"/>
                <source bridge="br-int"/>
                <virtualport type="openvswitch">
                  <parameters interfaceid="6b1a2c3d-0000-4000-8000-0000000000ff"/>
                </virtualport>
                <target dev="tap0a1b2c3d-4e"/>
                <filterref filter="clean-traffic"><parameter name="IP" value="10.0.0.7"/></filterref>
              </interface>
              <memballoon model="virtio"/>
              """
            : "");
  }
}
