package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.http.javadsl.model.HttpRequest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkerTest {
  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1_462_536_000_000_000L, Long.MIN_VALUE, Long.MAX_VALUE})
  void isReadAsItWasWritten(long time) {
    for (String id : new String[] {"m", "a/b?c=d&e", "\u00e9\ud83d\ude00"}) {
      Marker marker = new Marker(time, id);
      assertThat(marker.text()).matches("[A-Za-z0-9_-]+");
      assertThat(Marker.parse(marker.text())).isEqualTo(marker);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "!", "AQ", "AQAAAAAAAAAA", "AgAAAAAAAAAAbQ", "AQAAAAAAAAAAbR"})
  void refusesWhatIsNone(String text) {
    assertThatThrownBy(() -> Marker.parse(text))
        .hasMessage(
            "Invalid input for field/attribute marker. Value: '"
                + text
                + "'. a marker out of the Link of an answer is expected");
  }

  @Test
  void refusesTextThatNoRowCanHold() {
    for (byte[] id : new byte[][] {{0}, {(byte) 0xff}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}}) {
      byte[] bytes = new byte[9 + id.length];
      bytes[0] = 1;
      System.arraycopy(id, 0, bytes, 9, id.length);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      assertThatThrownBy(() -> Marker.parse(text)).isInstanceOf(ApiException.class);
    }
  }

  @Test
  void theNextPartIsTheSameQuestionBehindTheMarker() {
    HttpRequest request =
        HttpRequest.GET(
            "http://host:1/v2/events?limit=2&marker=old&q.field=a+b&q.value=%3E%22%C3%A9&x");
    Marker marker = new Marker(1, "m");
    assertThat(marker.next(request).value())
        .isEqualTo(
            "<http://host:1/v2/events?limit=2&q.field=a+b&q.value=%3E%22%C3%A9&x=&marker="
                + marker.text()
                + ">; rel=\"next\"");
  }
}
