package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.sonde.model.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  @TempDir Path directory;

  @Test
  void withoutAnythingGivenTheDefaultsStand() {
    Config config = Configuration.load(null, List.of());
    assertThat(config.getString("sonde.data-dir")).isEqualTo("./data");
    assertThat(config.getStringList("sonde.cluster.seed-nodes")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sonde.colector.chunk-samples=1",
        "sonde.collector.chunk-sample=1",
        "sonde.cluster.seed-nodes.first=a",
        "sonde.data-dir.path=x"
      })
  void aKeyThatDoesNotExistIsNamed(String set) {
    String path = set.substring(0, set.indexOf('='));
    assertThatThrownBy(() -> Configuration.load(null, List.of(set)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(path + ": ")
        .hasMessageContaining("a key that exists");
  }

  @Test
  void aRoleThatDoesNotExistIsNamed() {
    Config config = Configuration.load(null, List.of("sonde.cluster.roles=[api,poler]"));
    assertThatThrownBy(() -> NodeSettings.from(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.cluster.roles[1]: \"poler\" is not one of the roles poller");
  }

  @Test
  void theValueOfAKeyThatDoesNotExistIsNotShown() {
    assertThatThrownBy(() -> Configuration.load(null, List.of("sonde.database.passwrod=hunter2")))
        .hasMessageStartingWith("sonde.database.passwrod: \"passwrod\" is not a key that exists")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void parametersOfPollstersThatArePlugInsAreTheirs() {
    assertThat(
            Configuration.load(null, List.of("sonde.polling.pollsters.spool.root=/x"))
                .getString("sonde.polling.pollsters.spool.root"))
        .isEqualTo("/x");
  }

  @Test
  void aKeyThatDoesNotExistIsNamedInAFileToo() throws IOException {
    Path file = file("sonde { database { pool-sise = 3 } }");
    assertThatThrownBy(() -> Configuration.load(file, List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("sonde.database.pool-sise: \"pool-sise\"");
  }

  @Test
  void keysOfAkkaAreNotOurs() {
    assertThat(Configuration.load(null, List.of("akka.no-such-key=1")).getInt("akka.no-such-key"))
        .isEqualTo(1);
  }

  @Test
  void parametersOfPollstersAreLeftToThem() {
    String path = "sonde.polling.pollsters.snmp.credentials.core.user";
    assertThat(Configuration.load(null, List.of(path + "=me")).getString(path)).isEqualTo("me");
  }

  @Test
  void setTakesTextNumbersDurationsAndNothing() {
    Config config =
        Configuration.load(
            null,
            List.of(
                "sonde.data-dir=/srv/sonde",
                "sonde.database.pool-size=3",
                "sonde.database.user=",
                "sonde.database.connection-timeout=7 seconds",
                "sonde.database.password=\"a=b # c\""));
    assertThat(config.getString("sonde.data-dir")).isEqualTo("/srv/sonde");
    assertThat(config.getInt("sonde.database.pool-size")).isEqualTo(3);
    assertThat(config.getString("sonde.database.user")).isEmpty();
    assertThat(config.getDuration("sonde.database.connection-timeout"))
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(config.getString("sonde.database.password")).isEqualTo("a=b # c");
  }

  @Test
  void setTakesListsAsAWhole() {
    Config config =
        Configuration.load(
            null,
            List.of(
                "sonde.cluster.seed-nodes=[\"127.0.0.1:25521\", \"127.0.0.1:25522\"]",
                "sonde.pipeline.sources=[{name=all,meters=[\"*\"],sinks=[store]}]"));
    assertThat(config.getStringList("sonde.cluster.seed-nodes"))
        .containsExactly("127.0.0.1:25521", "127.0.0.1:25522");
    assertThat(config.getConfigList("sonde.pipeline.sources")).hasSize(1);
    assertThat(Configuration.load(null, List.of("sonde.pipeline.sources=[]")))
        .satisfies(empty -> assertThat(empty.getList("sonde.pipeline.sources")).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://127.0.0.1:5432/sonde",
        "jdbc:postgresql://db.example/sonde?sslmode=require&user=x",
        "jdbc:postgresql://[::1]:5432/sonde"
      })
  void setTakesUrlsWithoutQuotes(String url) {
    assertThat(
            Configuration.load(null, List.of("sonde.database.url=" + url))
                .getString("sonde.database.url"))
        .isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sonde.data-dir", "=x", ""})
  void setWithoutAPathAndAValueIsRefused(String set) {
    assertThatThrownBy(() -> Configuration.load(null, List.of(set)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--set")
        .hasMessageContaining("PATH=VALUE");
  }

  @Test
  void setGoesBeforeTheFileAndTheFileBeforeTheDefault() throws IOException {
    Path file = file("sonde.database { pool-size = 3, user = file }");
    Config config =
        Configuration.load(
            file, List.of("sonde.database.user=first", "sonde.database.user=second"));
    assertThat(config.getString("sonde.database.user")).isEqualTo("second");
    assertThat(config.getInt("sonde.database.pool-size")).isEqualTo(3);
    assertThat(config.getString("sonde.database.url")).isEmpty();
  }

  @Test
  void aVariableThatIsNotSetLeavesTheDefault() throws IOException {
    Path file = file("sonde.database.user = ${?SONDE_TEST_NO_SUCH_VARIABLE}");
    assertThat(Configuration.load(file, List.of()).getString("sonde.database.user"))
        .isEqualTo("sonde");
  }

  @Test
  void aFileMayAddToAListOfTheDefaults() throws IOException {
    Path file = file("sonde.pipeline.sinks += { name = more, publishers = [\"collector://\"] }");
    List<? extends Config> sinks =
        Configuration.load(file, List.of()).getConfigList("sonde.pipeline.sinks");
    assertThat(sinks)
        .extracting(sink -> sink.getString("name"))
        .startsWith("store")
        .endsWith("more");
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    Path missing = directory.resolve("missing.conf");
    assertThatThrownBy(() -> Configuration.load(missing, List.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--config")
        .hasMessageContaining(missing.toString());
  }

  @Test
  void aFileThatIsNoHoconIsNamedWithTheLine() throws IOException {
    Path broken = file("sonde {\n  data-dir = [\n");
    assertThatThrownBy(() -> Configuration.load(broken, List.of()))
        .isInstanceOf(com.typesafe.config.ConfigException.class)
        .hasMessageContaining(broken.getFileName() + ": ");
  }

  /** A comment stands right above its key, or above the keys of the lines before it. */
  @Test
  void everyKeyHasAComment() {
    Map<Integer, ConfigValue> byLine = new TreeMap<>();
    Map<Integer, String> leaves = new TreeMap<>();
    gather(
        "sonde",
        ConfigFactory.parseResources("application.conf").getObject("sonde"),
        byLine,
        leaves);
    List<String> bare = new ArrayList<>();
    int covered = -1;
    for (Map.Entry<Integer, ConfigValue> at : byLine.entrySet()) {
      int line = at.getKey();
      if (!at.getValue().origin().comments().isEmpty() || covered == line - 1) {
        covered = line;
      } else if (leaves.containsKey(line)) {
        bare.add(leaves.get(line) + " in line " + line);
      }
    }
    assertThat(leaves).hasSizeGreaterThan(15);
    assertThat(bare).isEmpty();
  }

  private static void gather(
      String path,
      ConfigObject object,
      Map<Integer, ConfigValue> byLine,
      Map<Integer, String> leaves) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      ConfigValue value = entry.getValue();
      String place = path + "." + entry.getKey();
      if (!value.origin().description().startsWith("application.conf")) {
        // From a file that is included, with lines and comments of its own.
        continue;
      }
      byLine.put(value.origin().lineNumber(), value);
      if (value instanceof ConfigObject inner) {
        gather(place, inner, byLine, leaves);
      } else {
        leaves.put(value.origin().lineNumber(), place);
      }
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("sonde.conf"), text);
  }
}
