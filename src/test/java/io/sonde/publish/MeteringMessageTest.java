package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeteringMessageTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERIES =
      "'source':'test','resource_id':'r1','project_id':null,'user_id':'u1',"
          + "'timestamp':'2026-01-01T00:00:00Z','dimensions':{'core':'1'},'resource_metadata':"
          + "{'flavor':{'ram':512},'tags':['x','\u00e9']},'monotonic_time':null,";

  @Test
  void aMessageHasTheKeysOfTheOriginal() throws IOException {
    assertSame(
        MeteringMessage.json(MeteringMessage.of(TestSamples.full())),
        "{"
            + SERIES
            + "'message_id':'%s','counter_name':'cpu','counter_type':'cumulative',"
            + "'counter_unit':'ns','counter_volume':120000000000}");
  }

  @Test
  void theOtherShapeHasTheKeysOfTheOriginal() throws IOException {
    assertSame(
        MeteringMessage.json(MeteringMessage.asDict(TestSamples.full())),
        "{"
            + SERIES
            + "'id':'%s','name':'cpu','type':'cumulative','unit':'ns','volume':120000000000}");
  }

  private static void assertSame(byte[] json, String expected) throws IOException {
    String id = TestSamples.full().id();
    assertThat(JSON.readTree(json))
        .isEqualTo(JSON.readTree(expected.formatted(id).replace('\'', '"')));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-3, -3",
    "1.2e11, 120000000000",
    "9007199254740992, 9007199254740992",
    "1e16, 1.0E16",
    "1.5, 1.5",
    "-1e300, -1.0E300"
  })
  void aWholeVolumeIsAWholeNumber(double volume, String text) {
    byte[] json =
        MeteringMessage.json(
            MeteringMessage.of(
                TestSamples.outgoing(MeterType.GAUGE, "m", "r", volume, Map.of(), Map.of())));
    assertThat(new String(json, StandardCharsets.UTF_8))
        .contains("\"counter_volume\":" + text + ",");
  }

  @Test
  void aLineIsTheMessageWithTheTimeOfItsRecording() throws IOException {
    MessageLines lines = new MessageLines();
    for (Publisher.Outgoing outgoing :
        List.of(
            TestSamples.full(),
            TestSamples.outgoing(
                MeterType.GAUGE, "m\u00fc", "r\"", -1.5, Map.of(), Map.of("a", "b")),
            TestSamples.full())) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      lines.write(outgoing, out);
      String line = out.toString(StandardCharsets.UTF_8);
      Map<String, Object> message = MeteringMessage.of(outgoing);
      message.remove("monotonic_time");
      message.put("recorded_at", Instant.ofEpochSecond(outgoing.recordedAt()).toString());
      assertThat(line).endsWith("}\n");
      assertThat(JSON.readTree(line)).isEqualTo(JSON.readTree(MeteringMessage.text(message)));
    }
  }

  @Test
  void packsEveryValue() {
    Map<String, Object> tree =
        MetadataValues.of(
            Metadata.ofCanonicalJson(
                ("{'a':[0,-1,127,128,-129,70000,-70000,5000000000,9223372036854775807],"
                        + "'b':[18446744073709551615,18446744073709551616,-9223372036854775809],"
                        + "'c':[1.5,1e400,true,false,null,{},[]],'d':{'e':'\u00e9'}}")
                    .replace('\'', '"')));
    assertThat(tree.get("c"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .contains(new BigDecimal("1e400"));
    Map<String, Object> read = PackedReader.map(new MessagePacking().pack(tree));
    assertThat(read.get("a")).isEqualTo(tree.get("a"));
    assertThat(read.get("b"))
        .isEqualTo(
            List.of(
                new BigInteger("18446744073709551615"),
                "18446744073709551616",
                "-9223372036854775809"));
    assertThat(read.get("c").toString()).isEqualTo("[1.5, Infinity, true, false, null, {}, []]");
    assertThat(read.get("d")).isEqualTo(Map.of("e", "\u00e9"));
  }

  /** A reader finds the signature of what it read, whichever of the two formats it is. */
  @Test
  void aSignatureHoldsForWhoeverReadsTheMessage() {
    MessageSignature signature = new MessageSignature("secret");
    Map<String, Object> message = new SignedMessages(signature).of(TestSamples.full());
    assertThat(message.get(MessageSignature.KEY).toString()).hasSize(64);
    Map<String, Object> unpacked = PackedReader.map(new MessagePacking().pack(message));
    assertThat(signature.of(unpacked)).isEqualTo(unpacked.get(MessageSignature.KEY));
    String json = new String(MeteringMessage.json(message), StandardCharsets.UTF_8);
    Map<String, Object> parsed = MetadataValues.of(Metadata.ofCanonicalJson(json));
    assertThat(signature.of(parsed)).isEqualTo(parsed.get(MessageSignature.KEY));
  }
}
