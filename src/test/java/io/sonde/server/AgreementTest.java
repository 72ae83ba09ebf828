package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import akka.cluster.ConfigValidation;
import akka.cluster.Invalid;
import akka.cluster.Valid;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

class AgreementTest {
  private static final UUID HERE = new UUID(1, 1);
  private static final UUID ELSEWHERE = new UUID(2, 2);

  private final Agreement agreement = new Agreement();

  @Test
  void whatDiffersBetweenNodesByRightDoesNotMatter() {
    Config ours = config(HERE, "sonde.http.port=1", "sonde.cluster.roles=[api]");
    Config theirs = sent(config(HERE, "sonde.data-dir=elsewhere", "sonde.polling.sources=[]"));
    assertThat(agreement.check(theirs, ours)).isEqualTo(Valid.getInstance());
    assertThat(Agreement.disagreement()).isNull();
  }

  @Test
  void theSameTimeInAnotherUnitIsTheSame() {
    String path = "akka.cluster.split-brain-resolver.stable-after=";
    assertThat(agreement.check(sent(config(HERE, path + "7000ms")), config(HERE, path + "7s")))
        .isEqualTo(Valid.getInstance());
  }

  @Test
  void whatMustBeEqualIsNamedWithBothValues() {
    Config ours = config(HERE, "sonde.pipeline.stages-per-sink=8");
    assertThat(complaints(agreement.check(sent(config(HERE)), ours)))
        .containsExactly(
            "sonde.pipeline.stages-per-sink: is 8 here and 4 in the cluster; all nodes must agree");
    assertThat(Agreement.disagreement()).startsWith("sonde.pipeline.stages-per-sink: is 8 here");
    assertThat(complaints(agreement.check(sent(config(ELSEWHERE)), config(HERE))))
        .singleElement()
        .asString()
        .contains("sonde.database.url", HERE.toString(), ELSEWHERE.toString());
  }

  @Test
  void aKeyThatOnlyOneVersionKnowsIsNoDisagreement() {
    Config former = sent(config(HERE)).withoutPath("sonde.agreement.format");
    assertThat(agreement.check(former, config(HERE))).isEqualTo(Valid.getInstance());
  }

  @Test
  void theMemberThatIsAskedLeavesTheJudgementToWhoAsks() {
    Config asked = config(HERE).withoutPath("sonde.agreement.own");
    assertThat(agreement.check(sent(config(ELSEWHERE)), asked)).isEqualTo(Valid.getInstance());
  }

  @Test
  void allThatMustAgreeHasAValue() {
    Config config = config(HERE);
    assertThat(keys()).isNotEmpty().allSatisfy(key -> assertThat(config.hasPath(key)).isTrue());
  }

  /** As Akka sends it: what must agree and nothing else. */
  private Config sent(Config config) {
    Config sent = ConfigFactory.empty();
    for (String key : keys()) {
      sent = sent.withValue(key, config.getValue(key));
    }
    return sent;
  }

  private List<String> keys() {
    return CollectionConverters.asJava(agreement.requiredKeys());
  }

  private static List<String> complaints(ConfigValidation validation) {
    return CollectionConverters.asJava(((Invalid) validation).errorMessages());
  }

  private static Config config(UUID database, String... settings) {
    return Agreement.with(Configuration.load(null, Stream.of(settings).toList()), database);
  }
}
