package io.sonde.http;

import static io.sonde.http.RemoteWriteMessage.labels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Metadata;
import io.sonde.model.MeterType;
import io.sonde.model.Sample;
import io.sonde.model.SampleKey;
import io.sonde.model.Series;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteWriteReaderTest {
  private static final long T = 1_462_537_800_123L;
  private static final long LATEST = T + 600_000;

  private final RemoteWriteCache cache = new RemoteWriteCache(1 << 20);
  private final RemoteWriteMapping mapping = new RemoteWriteMapping(ApiServer.REMOTE_WRITE);

  /** Written out by hand from the protocol's definition. */
  @Test
  void readsTheBytesOfTheSpecification() {
    byte[] message =
        HexFormat.of()
            .parseHex(
                "0a51" // timeseries, 81 bytes
                    + "0a14"
                    + "0a085f5f6e616d655f5f"
                    + "120875705f746f74616c" // __name__=up_total
                    + "0a0f"
                    + "0a08696e7374616e6365"
                    + "1203613a31" // instance=a:1
                    + "0a08"
                    + "0a036a6f62"
                    + "120161" // job=a
                    + "1210"
                    + "09000000000000f83f"
                    + "10bb93afb0c82a" // 1.5 at T
                    + "120c"
                    + "090000000000000440"
                    + "10e807"); // 2.5 at 1000 ms

    RemoteWritten written = read(message, Caller.UNRESTRICTED);

    Series series = series("up_total", MeterType.CUMULATIVE, "a:1", null, null, "job", "a");
    assertThat(written.batch().samples())
        .containsExactly(sample(series, T, 1.5), sample(series, 1000, 2.5));
    assertThat(written.batch().seriesCount()).isEqualTo(1);
    assertThat(written.refused() + written.skipped()).isZero();
  }

  @Test
  void labelsBecomeFieldsAndTheRestDimensions() {
    assertThat(
            seriesOf(
                "user_id",
                "u",
                "__name__",
                "cpu",
                "instance",
                "i",
                "resource_id",
                "r",
                "job",
                "j",
                "project_id",
                "p"))
        .isEqualTo(series("cpu", MeterType.GAUGE, "r", "p", "u", "instance", "i", "job", "j"));
    assertThat(seriesOf("__name__", "cpu", "job", "j"))
        .isEqualTo(series("cpu", MeterType.GAUGE, "j", null, null));
    assertThat(seriesOf("__name__", "cpu", "instance", "", "job", "j", "mode", ""))
        .isEqualTo(series("cpu", MeterType.GAUGE, "j", null, null));
    assertThat(seriesOf("__name__", "job:cpu:sum", "mode", "user"))
        .isEqualTo(series("job:cpu:sum", MeterType.GAUGE, "unknown", null, null, "mode", "user"));
  }

  @ParameterizedTest
  @CsvSource({
    "x_total, CUMULATIVE",
    "x_count, CUMULATIVE",
    "x_sum, CUMULATIVE",
    "x_bucket, CUMULATIVE",
    "x_total_now, GAUGE",
    "total, GAUGE"
  })
  void theNameSaysWhatIsACounter(String name, MeterType type) {
    assertThat(seriesOf("__name__", name, "job", "j").type()).isEqualTo(type);
  }

  @Test
  void aSeriesIsTheSameObjectNextTimeAndSharesItsTexts() {
    Series first = seriesOf("__name__", "cpu", "project_id", "p", "resource_id", "r");
    assertThat(seriesOf("__name__", "cpu", "project_id", "p", "resource_id", "r")).isSameAs(first);
    Series other = seriesOf("__name__", "memory", "project_id", "p", "resource_id", "r");
    assertThat(other.resourceId()).isSameAs(first.resourceId());
    assertThat(other.projectId()).isSameAs(first.projectId());
    assertThat(read(labels("__name__", "cpu", "project_id", "p", "resource_id", "r").sample(T, 1)))
        .extracting(RemoteWritten::unknownSeries)
        .isEqualTo(0);
  }

  @Test
  void aSeriesIsTheSameHoweverItIsWritten() {
    RemoteWriteMessage request =
        new RemoteWriteMessage()
            .series(T, 1, "__name__", "cpu", "job", "j", "mode", "m")
            .series(T, 2, "__name__", "up", "job", "j")
            .series(T + 1, 3, "mode", "m", "job", "j", "__name__", "cpu")
            .series(T + 2, 4, "__name__", "cpu", "job", "j", "mode", "m");

    RemoteWritten written = read(request.toBytes(), Caller.UNRESTRICTED);

    assertThat(written.batch().samples())
        .extracting(Sample::volume)
        .containsExactly(1d, 2d, 3d, 4d);
    assertThat(written.batch().series(2)).isEqualTo(written.batch().series(0));
    assertThat(written.batch().series(3)).isEqualTo(written.batch().series(0));
  }

  @Test
  void manySeriesOutgrowWhatIsExpected() {
    RemoteWriteMessage request = new RemoteWriteMessage();
    for (int i = 0; i < 5_000; i++) {
      request.series(T, i, "__name__", "m" + i);
    }
    RemoteWritten written = read(request.toBytes(), Caller.UNRESTRICTED);
    assertThat(written.batch().seriesCount()).isEqualTo(5_000);
    for (int i = 0; i < 5_000; i++) {
      assertThat(written.batch().series(i).meter()).isEqualTo("m" + i);
      assertThat(written.batch().volume(i)).isEqualTo(i);
    }
  }

  @Test
  void fieldsMayStandInAnyOrderAndUnknownOnesArePassedOver() {
    RemoteWriteMessage series =
        new RemoteWriteMessage()
            .text(9, "unknown")
            .label("__name__", "cpu")
            .sample(T, 1)
            .bytes(3, new byte[] {1, 2, 3}) // an exemplar
            .label("job", "j")
            .fixed64(100, 7);
    byte[] message =
        new RemoteWriteMessage()
            .varint(2, 5)
            .bytes(3, new RemoteWriteMessage().text(2, "cpu").toBytes())
            .series(series)
            .varint(77, -1)
            .toBytes();

    assertThat(read(message, Caller.UNRESTRICTED).batch().samples())
        .containsExactly(sample(series("cpu", MeterType.GAUGE, "j", null, null), T, 1));
    // The labels that follow are part of what the cache compares.
    assertThat(read(labels("__name__", "cpu").sample(T, 1).label("job", "k")).batch().series(0))
        .isEqualTo(series("cpu", MeterType.GAUGE, "k", null, null));
  }

  @Test
  void whatIsNoFigureIsSkippedAndCounted() {
    RemoteWriteMessage series =
        labels("__name__", "cpu", "job", "j")
            .sample(T, Double.NaN)
            .sample(T + 1, Double.longBitsToDouble(0x7ff0_0000_0000_0002L))
            .sample(T + 2, Double.POSITIVE_INFINITY)
            .sample(T + 3, Double.NEGATIVE_INFINITY)
            .sample(T + 4, -0.0)
            .bytes(4, new byte[0]);

    RemoteWritten written = read(series);

    assertThat(written.notNumbers()).isEqualTo(1);
    assertThat(written.stale()).isEqualTo(1);
    assertThat(written.infinite()).isEqualTo(2);
    assertThat(written.histograms()).isEqualTo(1);
    assertThat(written.refused()).isZero();
    assertThat(written.batch().samples()).hasSize(1);
  }

  @Test
  void timesBeyondTheBoundsAreRefusedAndTheOthersTaken() {
    RemoteWriteMessage series =
        labels("__name__", "cpu", "job", "j")
            .sample(LATEST, 1)
            .sample(LATEST + 1, 2)
            .sample(-1, 3)
            .sample(Long.MAX_VALUE, 4)
            .sample(Long.MIN_VALUE, 5)
            .sample(T, 6);

    RemoteWritten written = read(series);

    assertThat(written.batch().samples()).extracting(Sample::volume).containsExactly(1d, 3d, 6d);
    assertThat(written.refusedTimes()).isEqualTo(3);
    assertThat(written.firstRefusal()).isEqualTo("timeseries[0]: too late");
  }

  @Test
  void seriesWithoutAnIdentityAreRefusedAndTheOthersTaken() {
    String tooLong = "x".repeat(1025);
    assertRefused("there is no label __name__", "job", "j");
    assertRefused("there is no label __name__", "__name__", "", "job", "j");
    assertRefused("the label a stands twice", "__name__", "cpu", "a", "1", "a", "2");
    assertRefused("the label a stands twice", "a", "1", "__name__", "cpu", "a", "1");
    assertRefused("a label has no name", "__name__", "cpu", "", "1");
    assertRefused(
        "meter has 1025 characters, at most 1024 are stored", "__name__", tooLong, "job", "j");
    assertRefused(
        "a has the character U+0000 at 1, which cannot be stored", "__name__", "cpu", "a", "x\0");
  }

  @Test
  void labelsThatAreNoUtf8AreRefused() {
    byte[] label =
        new RemoteWriteMessage()
            .text(1, "__name__")
            .bytes(2, new byte[] {'a', (byte) 0xff})
            .toBytes();
    RemoteWritten written = read(new RemoteWriteMessage().bytes(1, label).sample(T, 1));
    assertThat(written.firstRefusal())
        .isEqualTo("timeseries[0]: the name or value of a label is not UTF-8");
    // The character that stands for what cannot be read may stand for itself.
    assertThat(seriesOf("__name__", "a\ufffd").meter()).isEqualTo("a\ufffd");
  }

  @Test
  void aCallerIsKeptToItsProjectAndFillsWhatIsLeftOut() {
    Caller caller = new Caller("u1", "p1", "p1");
    byte[] message =
        new RemoteWriteMessage()
            .series(T, 1, "__name__", "cpu", "resource_id", "r")
            .series(T, 2, "__name__", "cpu", "resource_id", "r", "project_id", "p2")
            .toBytes();

    RemoteWritten written = read(message, caller);

    assertThat(written.batch().samples())
        .containsExactly(sample(series("cpu", MeterType.GAUGE, "r", "p1", "u1"), T, 1));
    assertThat(written.firstRefusal())
        .isEqualTo("timeseries[1]: can not post samples to other projects");
    // What one caller fills in, another does not find.
    assertThat(read(message, Caller.UNRESTRICTED).batch().series(0).projectId()).isNull();
  }

  @Test
  void moreSamplesThanCanBeStoredAreRefused() {
    RemoteWriteMessage series = labels("__name__", "cpu");
    for (int i = 0; i <= SampleParser.MAX_SAMPLES; i++) {
      series.sample(T, i);
    }
    assertThatThrownBy(() -> read(series))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().intValue()).isEqualTo(413));
  }

  @ParameterizedTest
  @CsvSource({
    "0a, a number does not end, 1",
    "0a05, a field of 5 bytes where 0 are left, 1",
    "0affffffffffffffffff01, a field of 18446744073709551615 bytes where 0 are left, 1",
    "0affffffffffffffffffff01, a number has more than ten bytes, 1",
    "00, 'a tag is expected, not 0', 0",
    "07, 'a tag is expected, not 7', 0",
    "0801, field 1 has the wire type 0, 1",
    "2b, field 5 has the wire type 3, 1",
    "2900, a field of 8 bytes where 1 are left, 1",
    "0a021200, , 0",
    "0a041202 0900, a field of 8 bytes where 1 are left, 5",
    "0a041202 1080, a number does not end, 5",
    "0a04120208 01, field 1 has the wire type 0, 5",
    "0a060a00 0a02 1001, , 0"
  })
  void namesWhatIsNoProtobufAndWhere(String hex, String why, int at) {
    byte[] message = HexFormat.of().parseHex(hex.replace(" ", ""));
    if (why == null) {
      read(message, Caller.UNRESTRICTED);
      return;
    }
    assertThatThrownBy(() -> read(message, Caller.UNRESTRICTED))
        .isInstanceOf(ApiException.class)
        .hasMessage(
            "The request is no WriteRequest: "
                + why
                + ", at byte "
                + at
                + " of the uncompressed message.");
  }

  @Test
  void anEmptyRequestIsFine() {
    assertThat(read(new byte[0], Caller.UNRESTRICTED).batch().isEmpty()).isTrue();
  }

  private void assertRefused(String why, String... badLabels) {
    byte[] message =
        new RemoteWriteMessage()
            .series(T, 1, "__name__", "before")
            .series(labels(badLabels).sample(T, 2).sample(T + 1, 3))
            .series(T, 4, "__name__", "after")
            .toBytes();
    for (int i = 0; i < 2; i++) {
      RemoteWritten written = read(message, Caller.UNRESTRICTED);
      assertThat(written.firstRefusal()).isEqualTo("timeseries[1]: " + why);
      assertThat(written.refusedLabels()).isEqualTo(2);
      assertThat(written.batch().samples()).extracting(Sample::volume).containsExactly(1d, 4d);
    }
  }

  private Series seriesOf(String... namesAndValues) {
    return read(labels(namesAndValues).sample(T, 1)).batch().series(0);
  }

  private RemoteWritten read(RemoteWriteMessage series) {
    return read(new RemoteWriteMessage().series(series).toBytes(), Caller.UNRESTRICTED);
  }

  /** From an array that goes on behind the message. */
  private RemoteWritten read(byte[] message, Caller caller) {
    byte[] longer = Arrays.copyOf(message, message.length + 20);
    Arrays.fill(longer, message.length, longer.length, (byte) 0x0a);
    return new RemoteWriteReader(
            longer,
            message.length,
            cache,
            mapping,
            caller,
            micros -> micros > LATEST * 1000 ? "too late" : null)
        .read();
  }

  private static Sample sample(Series series, long millis, double volume) {
    return new Sample(series, millis * 1000, volume, SampleKey.NONE, Metadata.EMPTY);
  }

  private static Series series(
      String meter, MeterType type, String resource, String project, String user, String... more) {
    Map<String, String> dimensions = new TreeMap<>();
    List<String> all = List.of(more);
    for (int i = 0; i < all.size(); i += 2) {
      dimensions.put(all.get(i), all.get(i + 1));
    }
    return new Series(
        "prometheus", meter, type, "", resource, project, user, Series.dimensions(dimensions));
  }
}
