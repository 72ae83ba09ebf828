package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.ConfigException;
import org.junit.jupiter.api.Test;

class PublisherUrlTest {
  @Test
  void takesAUrlApart() {
    PublisherUrl url = url("amqp://user:pa%20ss@[::1]:5673/a/b?topic=x%26y&n=3&n=4&on");
    assertThat(url.scheme()).isEqualTo("amqp");
    assertThat(url.userInfo()).isEqualTo("user:pa%20ss");
    assertThat(url.host()).isEqualTo("::1");
    assertThat(url.port(1)).isEqualTo(5673);
    assertThat(url.path()).isEqualTo("/a/b");
    assertThat(url.option("topic")).contains("x&y");
    assertThat(url.integer("n", 1, 0, 9)).as("the last counts").isEqualTo(4);
    assertThat(url.flag("on", false)).isTrue();
    assertThat(url.queryWithout("topic", "on")).isEqualTo("n=3&n=4");
    assertThat(url.shown()).isEqualTo("amqp://user:***@[::1]:5673/a/b?topic=x%26y&n=3&n=4&on");
  }

  @Test
  void aNameAloneIsAScheme() {
    PublisherUrl url = url("notifier");
    assertThat(url.text()).isEqualTo("notifier://");
    assertThat(url.location()).isEmpty();
    assertThat(url.port(7)).isEqualTo(7);
    assertThatThrownBy(url::host).hasMessageContaining("names a host");
  }

  @Test
  void errorsNameThePlaceTheUrlAndWhatWasExpected() {
    assertThatThrownBy(() -> url("udp://h:99999").port(1))
        .isInstanceOf(ConfigException.class)
        .hasMessage("p[0]: \"udp://h:99999\" is not a URL whose port is from 1 to 65535");
    assertThatThrownBy(() -> url("http://u:secret@h?tiemout=1").allow("timeout"))
        .hasMessageContaining("tiemout")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> url("http://h?batch=maybe").flag("batch", true))
        .hasMessageContaining("true or false");
    assertThatThrownBy(() -> url("http://h?n=x").integer("n", 1, 0, 9))
        .hasMessageContaining("from 0 to 9");
    assertThatThrownBy(() -> url("http://h?n=%zz")).hasMessageContaining("percent-encoded");
  }

  private static PublisherUrl url(String text) {
    return PublisherUrl.of(text, "p[0]");
  }
}
