package io.sonde.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Native;
import com.typesafe.config.ConfigFactory;
import io.sonde.model.ConfigException;
import io.sonde.model.ConfigSection;
import io.sonde.model.NameFilter;
import io.sonde.polling.Findings;
import io.sonde.polling.PollingContext;
import io.sonde.polling.Pollster;
import io.sonde.polling.Search;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibvirtPollsterTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  static final PollingContext CONTEXT =
      new PollingContext(
          "compute-1", "http://h/", 1, Runnable::run, Clock.systemUTC(), leftOut -> {});

  @Test
  void withoutTheLibraryNothingIsToldAndTheRemarkSaysWhy() {
    try (HypervisorReader reader =
        new HypervisorReader(
            "test:///default",
            false,
            CONTEXT,
            () -> Native.load("sonde-has-no-such-library", Libvirt.class))) {
      Findings findings = reader.read(DEADLINE).toCompletableFuture().join();
      assertThat(findings.found()).isEmpty();
      assertThat(findings.isComplete()).isFalse();
      assertThat(findings.remarks()).singleElement().asString().contains("libvirt.so.0");
    }
  }

  @Test
  void afterTheEndNothingIsRead() {
    HypervisorReader reader =
        new HypervisorReader("test:///default", false, CONTEXT, Libvirt::load);
    reader.close();
    reader.close();
    assertThat(reader.read(DEADLINE))
        .failsWithin(DEADLINE)
        .withThrowableThat()
        .withMessageContaining("stops");
  }

  @Test
  void theUriIsOneWithoutAPassword() {
    assertThatThrownBy(() -> pollster("uri = \"qemu+tcp://me:secret@there/system\""))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sonde.polling.pollsters.libvirt.uri")
        .hasMessageContaining("without a password")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> pollster("uri = nowhere")).hasMessageContaining("nowhere");
    assertThatThrownBy(() -> pollster("url = \"qemu:///system\"")).hasMessageContaining("uri");
    assertThatThrownBy(() -> pollster("stopped = 7")).hasMessageContaining("true or false");
  }

  @ParameterizedTest
  @ValueSource(strings = {"here", "qemu://me:secret@there/system", "qemu://me:sec ret@there/"})
  void aDiscoveryOfWhatIsNoUriFails(String parameter) {
    try (Pollster pollster = pollster("")) {
      Search search = new Search("vms", parameter, NameFilter.of(List.of("*"), ""), DEADLINE);
      assertThat(pollster.discoveries().get(0).find(search))
          .failsWithin(DEADLINE)
          .withThrowableThat()
          .withMessageContaining("a URI of libvirt without a password")
          .withMessageNotContaining("ret@");
    }
  }

  static Pollster pollster(String parameters) {
    Pollster pollster =
        LibvirtPollster.factory()
            .create(
                ConfigSection.of(
                    ConfigFactory.parseString(parameters), "sonde.polling.pollsters.libvirt"));
    pollster.start(CONTEXT);
    return pollster;
  }
}
