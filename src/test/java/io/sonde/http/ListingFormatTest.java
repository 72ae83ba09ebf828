package io.sonde.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ListingFormatTest {
  private static final JsonAnswer.Writer<String> ROW =
      (text, out) -> {
        out.writeStartObject();
        out.writeStringField("id", text);
        out.writeNumberField("volume", 1.5);
        out.writeNullField("user");
        out.writeBooleanField("is", true);
        out.writeFieldName("metadata");
        SampleJson.writeMap(new TreeMap<>(Map.of("a", "x,y")), out);
        out.writeEndObject();
      };
  private static final String JSON =
      "{\"id\":\"%s\",\"volume\":1.5,\"user\":null,\"is\":true,\"metadata\":{\"a\":\"x,y\"}}";

  @Test
  void jsonIsOneArrayHoweverManyParts() {
    assertThat(written(ListingFormat.JSON, List.of("1", "2"), List.of(), List.of("3")))
        .isEqualTo(
            "["
                + JSON.formatted("1")
                + ","
                + JSON.formatted("2")
                + ","
                + JSON.formatted("3")
                + "]");
    assertThat(written(ListingFormat.JSON, List.of())).isEqualTo("[]");
  }

  @Test
  void linesAreObjects() {
    assertThat(written(ListingFormat.LINES, List.of("1"), List.of("2")))
        .isEqualTo(JSON.formatted("1") + "\n" + JSON.formatted("2") + "\n");
    assertThat(written(ListingFormat.LINES, List.of())).isEmpty();
  }

  @Test
  void csvHasOneHeaderAndQuotesWhatItMust() {
    assertThat(written(ListingFormat.CSV, List.of("1"), List.of("say \"a\"\n")))
        .isEqualTo(
            String.join(
                "\r\n",
                "id,volume,user,is,metadata",
                "1,1.5,,true,\"{\"\"a\"\":\"\"x,y\"\"}\"",
                "\"say \"\"a\"\"\n\",1.5,,true,\"{\"\"a\"\":\"\"x,y\"\"}\"",
                ""));
  }

  @SafeVarargs
  private static String written(ListingFormat format, List<String>... parts) {
    StringBuilder all = new StringBuilder();
    boolean isFirst = true;
    for (List<String> part : parts) {
      all.append(new String(format.part(part, isFirst, ROW), StandardCharsets.UTF_8));
      isFirst = false;
    }
    return all.append(new String(format.end(), StandardCharsets.UTF_8)).toString();
  }
}
