package io.sonde.ceilometer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;

/** YAML in tests, as if it stood in a file called f. */
final class Yamls {
  private Yamls() {}

  static YamlValue parse(String text, Remarks remarks) {
    return YamlFile.parse("f", text.getBytes(StandardCharsets.UTF_8), remarks);
  }

  /** YAML about which there is nothing to say. */
  static YamlValue parse(String text) {
    Remarks remarks = new Remarks();
    YamlValue value = parse(text, remarks);
    assertThat(remarks.sorted()).isEmpty();
    return value;
  }

  static List<String> shown(Remarks remarks) {
    return remarks.sorted().stream().map(Remark::toString).toList();
  }

  static ThrowableAssertAlternative<FormException> refused(ThrowingCallable reading) {
    return Assertions.assertThatExceptionOfType(FormException.class).isThrownBy(reading);
  }
}
