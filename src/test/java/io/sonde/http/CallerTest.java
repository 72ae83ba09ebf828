package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import akka.http.javadsl.model.AttributeKeys;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.RemoteAddress;
import akka.http.javadsl.model.headers.RawHeader;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class CallerTest {
  @Test
  void identityIsTrustedOnLoopbackAndWhereThatIsConfigured() throws Exception {
    assertThat(Caller.of(from("127.0.0.1"))).isEqualTo(new Caller("u", "p", "p"));
    assertThat(Caller.of(from("192.0.2.1"))).isEqualTo(new Caller(null, null, "p"));
    assertThat(Caller.of(Caller.trusted(from("192.0.2.1")))).isEqualTo(new Caller("u", "p", "p"));
  }

  @Test
  void administratorsAreNotKeptToAProject() throws Exception {
    HttpRequest admin = from("192.0.2.1").addHeader(RawHeader.create("X-Roles", "member, Admin"));

    assertThat(Caller.of(admin).onlyProject()).isNull();
  }

  private static HttpRequest from(String address) throws Exception {
    return HttpRequest.GET("/v2/samples")
        .addHeader(RawHeader.create("X-User-Id", "u"))
        .addHeader(RawHeader.create("X-Project-Id", "p"))
        .addAttribute(
            AttributeKeys.remoteAddress, RemoteAddress.create(InetAddress.getByName(address)));
  }
}
