package io.sonde.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonTextTest {
  @ParameterizedTest
  @CsvSource({
    "1e-5, 1e-05",
    "1e16, 1e+16",
    "123456789012345680.0, 1.2345678901234568e+17",
    "1e15, 1000000000000000.0",
    "0.0001, 0.0001",
    "-2.50, -2.5",
    "0.1, 0.1",
    "-0.0, -0.0",
    "1e300, 1e+300",
    "100, 100.0",
    // For these Double.toString of JDK 17 gives more digits, or others.
    "5.6843418860808015e-14, 5.684341886080802e-14",
    "8.41e21, 8.41e+21",
    "6.189700196426902e26, 6.189700196426902e+26",
    "4.9e-324, 5e-324",
    "2e-322, 2e-322",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "0.30000000000000004, 0.30000000000000004",
  })
  void writesFloatsLikePython(double value, String text) {
    assertThat(PythonText.str(value)).isEqualTo(text);
  }

  @Test
  void everyFloatIsReadAsItself() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        String text = PythonText.str(value);
        assertThat(Double.parseDouble(text)).as("seed " + seed + ": " + text).isEqualTo(value);
        assertThat(new BigDecimal(text).stripTrailingZeros().precision())
            .as(text)
            .isLessThanOrEqualTo(17);
      }
    }
  }
}
