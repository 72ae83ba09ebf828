package io.sonde.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.MeterType;
import io.sonde.model.Series;
import io.sonde.series.CorruptDataException;
import io.sonde.series.Generation;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SnapshotCodecTest {
  @Test
  void goldenSnapshot() {
    Ledger one = new Ledger(3);
    one.head().define(0, series("a"));
    one.head().append(0, 5, 2, 0, new UUID(1, 2), 0);
    Generation generation = one.head().freeze(7, -1);
    byte[] bytes = SnapshotCodec.encode(3, new byte[32], 9, generation);
    String golden =
        "01030907" + "00".repeat(32) + "01" + "ffffffffffffffffff01" + "0001" + "00" + "0100";
    assertThat(HexFormat.of().formatHex(bytes)).startsWith(golden);
    Ledger read = SnapshotCodec.decode(bytes);
    assertThat(read.collector()).isEqualTo(3);
    assertThat(read.sequence()).isEqualTo(9);
    assertThat(read.generation()).isEqualTo(7);
    assertThat(read.head().entry(0).open().find(5, 0)).isZero();
    Ledger next = SnapshotCodec.decode(NextVersion.stored(bytes));
    assertThat(next.sequence()).isEqualTo(9);
    assertThat(next.head().entry(0).open().find(5, 0)).isZero();
    assertThatThrownBy(() -> SnapshotCodec.decode(NextVersion.newer(bytes)))
        .hasMessage("collector snapshot of unknown version 2, which a newer Sonde wrote");
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> SnapshotCodec.decode(cut)).isInstanceOf(CorruptDataException.class);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatThrownBy(() -> SnapshotCodec.decode(longer)).isInstanceOf(CorruptDataException.class);
  }

  private static Series series(String resource) {
    return new Series("s", "m", MeterType.GAUGE, "", resource, null, null, Series.NO_DIMENSIONS);
  }
}
