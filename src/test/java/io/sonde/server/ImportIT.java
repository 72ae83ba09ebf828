package io.sonde.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import io.sonde.pipeline.PipelineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command itself: what it writes where, and with which code it ends. It starts no server. */
@Timeout(120)
class ImportIT {
  private static final String PIPELINE =
      """
      sources:
      - name: all meters
        meters: ['*']
        sinks: [store]
      sinks:
      - name: store
        publishers: ['notifier://', 'zaqar://?queue=größe']
      """;

  @TempDir Path folder;

  @Test
  void theFileCanBeGivenToAServerAndTheRestIsSaidLineByLine() throws IOException {
    Path pipeline = Files.writeString(folder.resolve("pipeline.yaml"), PIPELINE);
    Path out = folder.resolve("sonde.conf");
    SondeCommand command = run("--pipeline", pipeline.toString(), "--out", out.toString());

    assertThat(command.exitCode()).as(command.toString()).isZero();
    assertThat(command.output()).isEmpty();
    assertThat(command.errors().lines())
        .containsExactly(
            pipeline
                + ":2: note: the name all meters becomes all-meters: letters, digits, dots, - and _",
            pipeline + ":7: lost: Sonde does not publish to Zaqar",
            "carried over: 1 source, 1 sink; 1 note; 1 lost");
    Config loaded = Configuration.load(out, List.of());
    assertThat(PipelineSettings.from(loaded.getConfig("sonde")).sources())
        .extracting(source -> source.name())
        .containsExactly("all-meters");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void theTranslationMayGoToStandardOutput() throws IOException {
    Path pipeline = Files.writeString(folder.resolve("größe.yaml"), PIPELINE);
    SondeCommand command = run("--pipeline", pipeline.getFileName().toString(), "--out", "-");

    assertThat(command.exitCode()).as(command.toString()).isZero();
    assertThat(command.output()).startsWith("# Written by").endsWith("}\n");
    assertThat(command.errors().lines()).hasSize(3);
  }

  @Test
  void whatIsNotOfTheFormIsNamedWithItsLine() throws IOException {
    Path pipeline =
        Files.writeString(folder.resolve("pipeline.yaml"), PIPELINE.replace("[store]", "[stroe]"));
    Path out = folder.resolve("sonde.conf");
    SondeCommand command = run("--pipeline", pipeline.toString(), "--out", out.toString());

    refused(command, 2, pipeline + ":4: Dangling sink stroe from source all meters");
    assertThat(out).doesNotExist();
  }

  @Test
  void whatCannotBeReadOrWrittenIsNamed() throws IOException {
    refused(
        run("--polling", "missing.yaml", "--out", "-"),
        1,
        "missing.yaml: not a file that can be read");
    Path pipeline = Files.writeString(folder.resolve("pipeline.yaml"), PIPELINE);
    Path out = folder.resolve("missing").resolve("sonde.conf");
    refused(
        run("--pipeline", pipeline.toString(), "--out", out.toString()),
        1,
        "cannot write " + out + ": its folder does not exist");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--out x",
        "--pipeline x",
        "--pipeline x --out y --release ocata",
        "--polling x --out y --release newton",
        "--pipeline x --out y z",
        "--pipeline x --meters ./y --out y",
      })
  void usageThatIsWrongIsExplained(String arguments) {
    refused(run(arguments.split(" ")), 2, "--help");
  }

  private SondeCommand run(String... arguments) {
    List<String> words =
        Stream.concat(Stream.of("import-ceilometer"), Stream.of(arguments))
            .filter(word -> !word.isEmpty())
            .toList();
    return SondeCommand.run(folder, words);
  }

  private static void refused(SondeCommand command, int code, String words) {
    assertThat(command.errors().lines()).as(command.toString()).hasSize(1);
    assertThat(command.errors()).startsWith("sonde: ").contains(words);
    assertThat(command.exitCode()).as(command.toString()).isEqualTo(code);
  }
}
