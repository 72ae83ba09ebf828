package io.sonde.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.libvirt.DomainXml.Flavor;
import io.sonde.libvirt.DomainXml.Interface;
import io.sonde.libvirt.DomainXml.Nova;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlTest {

  @Test
  void anInstanceOfNovaIsReadWhole() {
    assertThat(DomainXml.parse(Descriptions.instance("test")))
        .isEqualTo(
            new DomainXml(
                "instance-00000001",
                "hvm",
                "i686",
                new Nova(
                    "web & shop",
                    new Flavor("42", "m1.small", 2L, 2048L, 20L, 5L, 0L),
                    "user-1",
                    "project-1",
                    "image-1"),
                List.of("vda", "sda"),
                List.of(
                    new Interface(
                        "tap0a1b2c3d-4e",
                        "fa:16:3e:00:00:01",
                        "clean-traffic",
                        Map.of(
                            "ip",
                            "10.0.0.7",
                            "interfaceid",
                            "6b1a2c3d-0000-4000-8000-0000000000ff",
                            "bridge",
                            "br-int")))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.1", "1.2"})
  void allVersionsOfNovasMetadataAreRead(String version) {
    String nova = Descriptions.nova("http://openstack.org/xmlns/libvirt/nova/" + version);
    assertThat(parse("<name>a</name><metadata>" + nova + "</metadata>").nova().projectId())
        .isEqualTo("project-1");
  }

  @Test
  void metadataOfOthersIsNotNovas() {
    String other = Descriptions.nova("http://example.org/nova/1.1");
    assertThat(parse("<name>a</name><metadata>" + other + "</metadata>").nova()).isNull();
  }

  @Test
  void ofLittleIsReadWhatIsThere() {
    assertThat(parse("<name>a</name>"))
        .isEqualTo(new DomainXml("a", null, null, null, List.of(), List.of()));
    String nova =
        "<instance xmlns='" + Descriptions.NOVA_1_1 + "'><root type='volume'/></instance>";
    assertThat(parse("<name>a</name><metadata>" + nova + "</metadata>").nova())
        .isEqualTo(new Nova(null, null, null, null, null));
    assertThat(
            parse(
                    "<name>a</name><devices><interface><filterref><parameter/></filterref>"
                        + "</interface><interface><target dev='t'/></interface></devices>")
                .interfaces())
        .containsExactly(new Interface("t", null, null, Map.of()));
  }

  @Test
  void entitiesAreRefused(@TempDir Path folder) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "a secret");
    String external =
        "<!DOCTYPE domain [<!ENTITY e SYSTEM '%s'>]><domain><name>&e;</name></domain>"
            .formatted(secret.toUri());
    assertThatThrownBy(() -> DomainXml.parse(external))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DOCTYPE")
        .hasMessageNotContaining("a secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<domain>", "<domain/>", "<network><name>n</name></network>", "no"})
  void whatIsNoDescriptionIsRefused(String text) {
    assertThatThrownBy(() -> DomainXml.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no description of a domain");
  }

  @Test
  void anOddNumberIsNamed() {
    String odd = Descriptions.instance("test").replace(">20<", ">twenty<");
    assertThatThrownBy(() -> DomainXml.parse(odd))
        .hasMessage("nova:disk is twenty, expected a whole number");
  }

  @Test
  void sizeAndDepthAreBounded() {
    String name = "n".repeat(DomainXml.MAX_LENGTH);
    assertThatThrownBy(() -> parse("<name>" + name + "</name>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 1048576 are read");
    int depth = 100_000;
    String deep = "<name>a" + "<b>".repeat(depth) + "</b>".repeat(depth) + "</name>";
    assertThat(parse(deep).name()).isEqualTo("a");
  }

  private static DomainXml parse(String content) {
    return DomainXml.parse("<domain>" + content + "</domain>");
  }
}
