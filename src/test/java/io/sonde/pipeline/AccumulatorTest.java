package io.sonde.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sonde.model.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccumulatorTest {
  @Test
  void handsAllOnTogetherAndUnchanged() {
    Accumulator accumulator = new Accumulator(Samples.parameters("size = 3"));
    Sample a = Samples.cpu("a", 0, 1);
    Sample b = Samples.cpu("b", 0, 2);
    Sample c = Samples.cpu("a", 1, 3);

    Outcome first = accumulator.apply(a, null, 0);
    Outcome second = accumulator.apply(b, first.next(), 0);
    assertThat(first.outputs()).isEmpty();
    assertThat(second.outputs()).isEmpty();
    assertThat(accumulator.apply(b, second.next(), 0).skip()).isEqualTo(Skip.REDELIVERED);
    Outcome third = accumulator.apply(c, second.next(), 0);
    assertThat(third.outputs()).containsExactly(a, b, c);
    assertThat(accumulator.apply(c, third.next(), 0).outputs()).isEmpty();
    assertThat(accumulator.release(null, second.next()).outputs()).isEqualTo(List.of(a, b));
  }

  @Test
  void belowOneNothingIsHeld() {
    for (String size : new String[] {"", "size = 0", "size = -3", "size = 1"}) {
      Accumulator accumulator = new Accumulator(Samples.parameters(size));
      assertThat(accumulator.isStateless()).isTrue();
      assertThat(accumulator.apply(Samples.cpu("a", 0, 1), null, 0).outputs()).hasSize(1);
    }
    assertThatThrownBy(() -> new Accumulator(Samples.parameters("size = 1001")))
        .hasMessage("parameters.size: \"1001\" is not a whole number up to 1000");
  }
}
